package dev.handlermodels.loadtests.bench.scenario.overload;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.ArrivalLoad.Step;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Analyses how much a server still answers under overload, and how soon it recovers. */
final class OverloadAnalysis {
  /** Arrivals as multiples of the capacity, one after the other. */
  static final double[] TIMES = {0.5, 0.7, 1, 2, 5};

  /** The load to which all others are compared, and the one after the burst. */
  static final double CALM = 0.7;

  private static final double GOODPUT_TARGET = 0.9;
  private static final double P99_TARGET = 3;
  private static final double RECOVERY_TARGET_SECONDS = 5;

  /** This many slices in a row, one second, have to be normal. */
  private static final int NORMAL_SLICES = 1000 / ArrivalLoad.SLICE_MS;

  private static final double US_PER_MS = 1000;

  private static final List<String> HEAD =
      List.of(
          "",
          "× capacity",
          "arrivals/s",
          "goodput/s",
          "of peak",
          "p50",
          "p99",
          "refused",
          "resets",
          "other failures");

  /** The kind of request. */
  enum Kind {
    IO("/io"),
    CPU("/cpu");

    final String path;

    Kind(String path) {
      this.path = path;
    }
  }

  /**
   * One server under one kind of load.
   *
   * @param capacity answers/s of closed users
   * @param steps those of {@link #TIMES}, then the calm after the burst
   * @param otherCores what neither server, upstream nor generator used of the machine
   */
  record Measured(
      String server,
      Kind kind,
      double capacity,
      List<Step> steps,
      ArrivalLoad.Outcome outcome,
      Double serverCores,
      Double otherCores) {

    String label() {
      return server + " " + kind.path;
    }

    boolean disturbed() {
      return Disturbance.byGenerator(outcome.cores()) || Disturbance.byOthers(otherCores);
    }
  }

  /** raw.json. */
  record Raw(Machine machine, String setting, int planned, List<Measured> rows) {}

  /**
   * One row of the verdict. Milliseconds are of accepted requests.
   *
   * @param goodputOfPeak at the greatest multiple, as a share of the best of all steps
   * @param p99ByCalm at the greatest multiple ÷ at {@value #CALM} times
   * @param recoverySeconds from the burst's end to the first of one second of normal slices; null
   *     where there was none
   * @param resets and other failures of the whole run, {@code notSent} too
   */
  record Point(
      String server,
      String path,
      double capacityPerSecond,
      double peakPerSecond,
      double goodputOfPeak,
      double calmP99Ms,
      double burstP99Ms,
      double p99ByCalm,
      Double recoverySeconds,
      int refused,
      int resets,
      int otherFailures,
      int notSent,
      double generatorCores,
      Double serverCores,
      Double otherCores,
      boolean disturbed,
      boolean targetReached) {}

  /** results.json. */
  record Findings(Machine machine, List<Point> points, List<String> findings) {}

  private OverloadAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("raw.json");
  }

  static String times() {
    return Arrays.stream(TIMES)
        .mapToObj(times -> Numbers.text(times, times < 1 ? 1 : 0))
        .collect(Collectors.joining(", "));
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<Point> points = raw.rows().stream().map(OverloadAnalysis::point).toList();
    List<String> findings = points.stream().map(OverloadAnalysis::finding).toList();
    List<Section> sections = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      List<Measured> rows = raw.rows().stream().filter(row -> row.kind() == kind).toList();
      if (!rows.isEmpty()) {
        sections.add(section(kind, rows));
      }
    }
    ReportPage page = new ReportPage("Overload", raw.setting(), findings, sections);
    return ReportPageWriter.write(out, page, new Findings(raw.machine(), points, findings));
  }

  static Point point(Measured row) {
    List<IntervalStats> steps = row.outcome().steps();
    IntervalStats calm = steps.get(calmStep());
    IntervalStats burst = steps.get(TIMES.length - 1);
    double peak = steps.stream().mapToDouble(IntervalStats::okPerSecond).max().orElseThrow();
    double goodput = peak == 0 ? 0 : burst.okPerSecond() / peak;
    double ratio = calm.p99Us() == 0 ? 0 : burst.p99Us() / (double) calm.p99Us();
    Double recovery = recoverySeconds(row, calm.p99Us());
    List<IntervalStats> all = row.outcome().slices();
    int resets = all.stream().mapToInt(IntervalStats::broken).sum();
    int other = all.stream().mapToInt(slice -> slice.failed() + slice.timeouts()).sum();
    return new Point(
        row.server(),
        row.kind().path,
        row.capacity(),
        Numbers.round(peak, 1),
        Numbers.round(goodput, 3),
        ms(calm.p99Us()),
        ms(burst.p99Us()),
        Numbers.round(ratio, 2),
        recovery,
        all.stream().mapToInt(IntervalStats::refused).sum(),
        resets,
        other,
        all.stream().mapToInt(IntervalStats::notSent).sum(),
        row.outcome().cores(),
        row.serverCores(),
        row.otherCores(),
        row.disturbed(),
        goodput >= GOODPUT_TARGET
            && ratio > 0
            && ratio <= P99_TARGET
            && recovery != null
            && recovery <= RECOVERY_TARGET_SECONDS
            && resets + other == 0);
  }

  private static int calmStep() {
    for (int i = 0; i < TIMES.length; i++) {
      if (TIMES[i] == CALM) {
        return i;
      }
    }
    throw new IllegalStateException("there is no calm step");
  }

  /** Null where no second after the burst was normal. */
  private static Double recoverySeconds(Measured row, long calmP99Us) {
    int burstEndMs = row.steps().stream().limit(TIMES.length).mapToInt(Step::ms).sum();
    List<IntervalStats> slices = row.outcome().slices();
    int first = Math.ceilDiv(burstEndMs, ArrivalLoad.SLICE_MS);
    int inARow = 0;
    for (int i = first; i < slices.size(); i++) {
      inARow = isNormal(slices.get(i), calmP99Us) ? inARow + 1 : 0;
      if (inARow == NORMAL_SLICES) {
        return (i + 1 - NORMAL_SLICES - first) * ArrivalLoad.SLICE_MS / 1000.0;
      }
    }
    return null;
  }

  private static boolean isNormal(IntervalStats slice, long calmP99Us) {
    return slice.arrivals() > 0
        && slice.ok() == slice.arrivals()
        && slice.maxUs() <= P99_TARGET * calmP99Us;
  }

  private static double ms(long us) {
    return Numbers.round(us / US_PER_MS, 1);
  }

  static String finding(Point point) {
    String clean =
        point.resets() + point.otherFailures() == 0
            ? "All others were refused with 503 or 429"
            : String.format(
                Locale.ROOT,
                "%s resets, %s other failures",
                Numbers.whole(point.resets()),
                Numbers.whole(point.otherFailures()));
    String notSent =
        point.notSent() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                " %s arrivals were not sent: the generator had too many in flight.",
                Numbers.whole(point.notSent()));
    String disturbed =
        point.disturbed()
            ? String.format(
                Locale.ROOT,
                " Disturbed: the generator used %s cores of its one, others up to %s.",
                Numbers.text(point.generatorCores(), 2),
                Numbers.text(point.otherCores(), 2))
            : "";
    return String.format(
        Locale.ROOT,
        ("%s %s: at %s times the capacity of %s/s goodput is %s of the peak (target %s). p99 of"
            + " what is accepted is %s ms, %s times that at %s (target at most %s). %s"
            + " after the burst (target %s s). %s. %s.%s%s"),
        point.server(),
        point.path(),
        Numbers.whole(TIMES[TIMES.length - 1]),
        Numbers.text(point.capacityPerSecond(), 1),
        Numbers.text(point.goodputOfPeak(), 2),
        Numbers.text(GOODPUT_TARGET, 2),
        Numbers.text(point.burstP99Ms(), 1),
        Numbers.text(point.p99ByCalm(), 2),
        Numbers.text(CALM, 1),
        Numbers.whole(P99_TARGET),
        point.recoverySeconds() == null
            ? "Did not recover"
            : "Recovered " + Numbers.text(point.recoverySeconds(), 2) + " s",
        Numbers.whole(RECOVERY_TARGET_SECONDS),
        clean,
        point.targetReached() ? "Reached" : "Not reached",
        notSent,
        disturbed);
  }

  private static Section section(Kind kind, List<Measured> rows) {
    return new Section(
        kind.path,
        List.of(
            "Goodput: answers with status 200. p50 and p99 are theirs, from the intended arrival."
                + " * the load generator was near its own limit, or others used the machine."),
        HEAD,
        rows.stream().flatMap(row -> cells(row).stream()).toList(),
        List.of(
            chart("Goodput of " + kind.path, "of capacity", false, rows, OverloadAnalysis::goodput),
            chart(
                "Refused of " + kind.path,
                "of arrivals",
                false,
                rows,
                step -> step.refused / Math.max(1, step.arrivals)),
            chart("p99 of accepted, " + kind.path, "ms", true, rows, step -> step.p99Ms)));
  }

  /** The figures of a step that a chart can show. */
  private record Shown(
      double okPerSecond, double capacity, double refused, double arrivals, double p99Ms) {}

  private static Double goodput(Shown step) {
    return step.okPerSecond / step.capacity;
  }

  private static Chart chart(
      String title,
      String unit,
      boolean logarithmic,
      List<Measured> rows,
      Function<Shown, Double> value) {
    List<Integer> x = Arrays.stream(TIMES).mapToObj(times -> (int) (times * 100)).toList();
    List<Line> lines =
        rows.stream()
            .map(
                row ->
                    new Line(
                        row.server(),
                        x,
                        row.outcome().steps().stream()
                            .limit(TIMES.length)
                            .map(step -> shown(row, step))
                            .map(value)
                            .toList()))
            .toList();
    return new Chart(title, "arrivals, % of capacity", unit, logarithmic, List.of(), lines);
  }

  private static Shown shown(Measured row, IntervalStats step) {
    return new Shown(
        step.okPerSecond(), row.capacity(), step.refused(), step.arrivals(), ms(step.p99Us()));
  }

  private static List<List<String>> cells(Measured row) {
    List<List<String>> cells = new ArrayList<>();
    double peak = point(row).peakPerSecond();
    for (int i = 0; i < row.steps().size(); i++) {
      IntervalStats step = row.outcome().steps().get(i);
      boolean after = i == TIMES.length;
      cells.add(
          List.of(
              row.label() + (after ? ", after the burst" : "") + (row.disturbed() ? " *" : ""),
              Numbers.text(after ? CALM : TIMES[i], 1),
              Numbers.whole(row.steps().get(i).rate()),
              Numbers.text(step.okPerSecond(), 1),
              Numbers.text(peak == 0 ? null : step.okPerSecond() / peak, 2),
              Numbers.text(ms(step.p50Us()), 1) + " ms",
              Numbers.text(ms(step.p99Us()), 1) + " ms",
              Numbers.percent(step.refused() / (double) Math.max(1, step.arrivals())),
              Numbers.whole(step.broken()),
              Numbers.whole(step.failed() + step.timeouts())));
    }
    return cells;
  }
}
