package dev.handlermodels.loadtests.load;

import java.util.Locale;

/**
 * The whole numbers that a setting accepts, the same for the bench and for plain Gatling.
 *
 * @param min smallest accepted value
 * @param max largest accepted value
 */
public record Limits(int min, int max) {
  /** How often each row is run. */
  public static final Limits REPEATS = new Limits(1, 20);

  /** Users at the same time. */
  public static final Limits USERS = new Limits(1, 10_000);

  /** How long the upstream takes to answer. */
  public static final Limits WAIT_MS = new Limits(0, 60_000);

  /** Time in which the users arrive. */
  public static final Limits RAMP_SECONDS = new Limits(0, 600);

  /** Time with all users, before measuring. */
  public static final Limits WARMUP_SECONDS = new Limits(0, 600);

  /** Part of the warm-up that is compared with the next. */
  public static final Limits WARMUP_WINDOW_SECONDS = new Limits(1, 600);

  /** The measured window. */
  public static final Limits DURATION_SECONDS = new Limits(1, 3600);

  /** How long a client waits for its answer. */
  public static final Limits TIMEOUT_MS = new Limits(1, 120_000);

  /** Arrivals per second of an open load; 0 is a closed one. */
  public static final Limits RATE = new Limits(0, 10_000);

  /** Arrivals of a whole run: each is remembered. */
  public static final Limits ARRIVALS = new Limits(1, 1_000_000);

  /** How long the load goes on after the measured window. */
  public static final Limits TAIL_SECONDS = new Limits(1, 60);

  /**
   * The least tail of a run that a file ends: the clock ends it only where no process is left to
   * write the file.
   */
  public static final int TAIL_OF_THE_ENDED_SECONDS = 10;

  /**
   * Requests that an open load may have in flight. Each needs a connection on both sides of the
   * server, which stays below 20,000 open files a process.
   */
  public static final int IN_FLIGHT_MAX = 9_000;

  /** Listening ports. */
  public static final Limits PORT = new Limits(1, 65_535);

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException with one sentence that names the setting and what it accepts
   */
  public int parse(String name, String value) {
    try {
      int number = Integer.parseInt(value.strip());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The sentence below says it better.
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "%s takes a whole number from %d to %d, not '%s'.",
            name,
            min,
            max,
            value));
  }
}
