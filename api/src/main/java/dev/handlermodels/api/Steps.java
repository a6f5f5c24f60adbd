package dev.handlermodels.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What {@code /steps} does, one after the other: {@code call:80,sql:20,cpu:3}. So a handler of the
 * reader's own can be measured before it is written.
 */
public record Steps(List<Step> all) {
  private static final Pattern STEP = Pattern.compile("([a-z]+):([0-9]{1,5})");
  private static final String NAME = "steps";

  /** What a step needs while it lasts. */
  public enum Kind {
    /** Another service, for so many milliseconds. */
    CALL(Limits.MAX_WAIT_MS),

    /** A connection to the database, for so many milliseconds. */
    SQL(Limits.MAX_HOLD_MS),

    /** A processor, for so many units of work. */
    CPU(Limits.MAX_WORK);

    private final int most;
    private final String label = name().toLowerCase(Locale.ROOT);

    Kind(int most) {
      this.most = most;
    }

    private static Optional<Kind> of(String label) {
      return Arrays.stream(values()).filter(kind -> kind.label.equals(label)).findFirst();
    }
  }

  /**
   * One of them.
   *
   * @param amount milliseconds, or units of work
   */
  public record Step(Kind kind, int amount) {
    /** What it asks the database for. */
    public Query.Rows rows() {
      return new Query.Rows(1, amount);
    }

    @Override
    public String toString() {
      return kind.label + ":" + amount;
    }
  }

  /**
   * @throws ProblemException 400 for what is no step, and where all steps of a kind together are
   *     more than one request may ask for
   */
  static Steps of(String value) {
    String[] parts = value.split(",", -1);
    if (parts.length > Limits.MAX_STEPS) {
      throw refused(value);
    }
    List<Step> steps = new ArrayList<>();
    for (String part : parts) {
      steps.add(step(part).orElseThrow(() -> refused(value)));
    }
    for (Kind kind : Kind.values()) {
      if (sum(steps, kind) > kind.most) {
        throw refused(value);
      }
    }
    return new Steps(List.copyOf(steps));
  }

  private static Optional<Step> step(String part) {
    Matcher step = STEP.matcher(part);
    return step.matches()
        ? Kind.of(step.group(1)).map(kind -> new Step(kind, Integer.parseInt(step.group(2))))
        : Optional.empty();
  }

  private static int sum(List<Step> steps, Kind kind) {
    return steps.stream().filter(step -> step.kind == kind).mapToInt(Step::amount).sum();
  }

  private static ProblemException refused(String value) {
    String kinds =
        Arrays.stream(Kind.values())
            .map(kind -> kind.label + " (" + kind.most + " in all)")
            .collect(Collectors.joining(", "));
    return Problems.badParameter(
        NAME,
        "1 to " + Limits.MAX_STEPS + " times KIND:NUMBER, separated by commas; kinds: " + kinds,
        "is '" + Problems.shown(value) + "'");
  }

  /** As {@code /steps} answers them. */
  public List<String> texts() {
    return all.stream().map(Step::toString).toList();
  }
}
