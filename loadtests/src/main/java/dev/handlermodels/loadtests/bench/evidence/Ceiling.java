package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.row.Row;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.Locale;
import java.util.Map;

/**
 * The most answers per second that a row can give, by Little's law: requests that can wait at the
 * same time, divided by the wait.
 *
 * @param atOnce requests that can wait at the same time
 * @param limitedBy what bounds them, in words
 * @param perSecond null where nothing waits (wait 0) or nobody knows
 */
public record Ceiling(int atOnce, String limitedBy, Double perSecond) {

  /** AnyIO's default limiter, which FastAPI uses for sync endpoints. */
  private static final int FASTAPI_THREADS = 40;

  /** As {@code /settings} names the platform threads beneath all virtual threads. */
  private static final String CARRIERS = "jvm.carriers";

  /** Without what the server reports of itself. */
  public static Ceiling of(Row row, Settings settings) {
    return of(row, settings, Map.of());
  }

  /**
   * The ceiling of a row.
   *
   * @param reported settings that the server reported, by dotted name
   */
  public static Ceiling of(Row row, Settings settings, Map<String, String> reported) {
    int users = settings.users();
    String carriers = reported.get(CARRIERS);
    boolean unknown =
        row == Row.NIMA_IO_PINNED
            ? carriers == null
            : settings.target() != null && !waitsWithItsUsers(row);
    if (unknown) {
      return new Ceiling(users, "places of unknown number", null);
    }
    return switch (row) {
      case VERTX_IO, NIMA_IO, NIMA_IO_BLOCKING, FASTAPI_ASYNC, FASTAPI_REBUILT ->
          of(users, "users", users, settings);
      case VERTX_IO_BLOCKING -> of(settings.eventLoops(), "event loop", users, settings);
      case FASTAPI_ASYNC_SYNC -> of(1, "event loop", users, settings);
      case FASTAPI_SYNC -> of(FASTAPI_THREADS, "AnyIO threads", users, settings);
      case VERTX_IO_OFFLOADED -> of(settings.workers(), "workers", users, settings);
      case BLOCKING_IO, BLOCKING_IO_BLOCKING ->
          of(settings.poolSize(), "pool threads", users, settings);
      case NIMA_IO_PINNED -> of(Integer.parseInt(carriers), "carriers", users, settings);
    };
  }

  /** From outside, nobody can see the size of a pool, nor how many instances share the load. */
  private static boolean waitsWithItsUsers(Row row) {
    return row == Row.VERTX_IO || row == Row.NIMA_IO || row == Row.NIMA_IO_BLOCKING;
  }

  private static Ceiling of(int places, String name, int users, Settings settings) {
    int atOnce = Math.min(places, users);
    String all = settings.isOpen() ? "arrivals in one wait" : "users";
    String limitedBy = places <= users && !name.equals("users") ? name : all;
    Double perSecond = settings.waitMs() == 0 ? null : atOnce * 1000.0 / settings.waitMs();
    return new Ceiling(atOnce, limitedBy, perSecond);
  }

  /** {@code 40 pool threads / 1,000 ms}. */
  String arithmetic(int waitMs) {
    return String.format(
        Locale.ROOT, "%s %s / %s ms", Numbers.whole(atOnce), limitedBy, Numbers.whole(waitMs));
  }
}
