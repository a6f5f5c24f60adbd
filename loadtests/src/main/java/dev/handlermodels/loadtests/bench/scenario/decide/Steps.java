package dev.handlermodels.loadtests.bench.scenario.decide;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A caller's handler, as steps that follow each other: {@code call:80}, {@code sql:20@20}, {@code
 * cpu:3}.
 */
record Steps(List<Step> all) {
  static final int MOST = 32;
  private static final int MOST_MS = 60_000;
  private static final int MOST_PLACES = 100_000;
  private static final Pattern STEP = Pattern.compile("([a-z]+):(\\d{1,6})(?:@(\\d{1,6}))?");

  /** A call of another service, a query of a database, or work for a processor. */
  enum Kind {
    CALL,
    SQL,
    CPU;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static String words() {
      return Arrays.stream(values()).map(Kind::word).collect(Collectors.joining(", "));
    }
  }

  /**
   * One step.
   *
   * @param places size of the pool that it needs a place of; null where it has no limit of its own
   */
  record Step(Kind kind, int ms, Integer places) {
    @Override
    public String toString() {
      return kind.word() + ":" + ms + (places == null ? "" : "@" + places);
    }
  }

  /**
   * @throws IllegalArgumentException with the sentence for the caller
   */
  static Steps of(List<String> texts) {
    if (texts.size() > MOST) {
      throw new IllegalArgumentException("--step is given more than " + MOST + " times.");
    }
    List<Step> steps = new ArrayList<>();
    for (String text : texts) {
      Step step = step(text);
      for (Step before : steps) {
        if (before.kind == step.kind
            && before.places != null
            && step.places != null
            && !before.places.equals(step.places)) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "Steps of one kind share a pool, but %s and %s name two sizes.",
                  before,
                  step));
        }
      }
      steps.add(step);
    }
    return new Steps(List.copyOf(steps));
  }

  private static Step step(String text) {
    Matcher parts = STEP.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(wrong(text));
    }
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(one -> one.word().equals(parts.group(1)))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(wrong(text)));
    int ms = Integer.parseInt(parts.group(2));
    Integer places = parts.group(3) == null ? null : Integer.valueOf(parts.group(3));
    if (ms < 1 || ms > MOST_MS || places != null && (places < 1 || places > MOST_PLACES)) {
      throw new IllegalArgumentException(wrong(text));
    }
    return new Step(kind, ms, places);
  }

  private static String wrong(String text) {
    return String.format(
        Locale.ROOT,
        "--step takes KIND:MS or KIND:MS@POOL (kinds: %s; 1 to %s ms; a pool of 1 to %s), not"
            + " '%s'.",
        Kind.words(),
        MOST_MS,
        MOST_PLACES,
        text);
  }

  /** Time in which a request of these steps waits and computes nothing. */
  int waitMs() {
    return all.stream().filter(step -> step.kind != Kind.CPU).mapToInt(Step::ms).sum();
  }

  int ms(Kind kind) {
    return all.stream().filter(step -> step.kind == kind).mapToInt(Step::ms).sum();
  }

  /** Of all steps of a kind, which share one pool; null where none names a size. */
  Integer places(Kind kind) {
    return all.stream()
        .filter(step -> step.kind == kind && step.places != null)
        .map(Step::places)
        .findFirst()
        .orElse(null);
  }

  @Override
  public String toString() {
    return all.stream().map(Step::toString).collect(Collectors.joining(", "));
  }
}
