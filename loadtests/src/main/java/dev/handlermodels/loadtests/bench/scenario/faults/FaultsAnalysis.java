package dev.handlermodels.loadtests.bench.scenario.faults;

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
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Analyses what clients get while the upstream fails, and whether other routes notice. */
final class FaultsAnalysis {
  private static final double RECOVERY_TARGET_SECONDS = 5;
  private static final double RETRY_TARGET = 0.1;

  /** The longest time for GET / while the upstream fails, which it does not call. */
  private static final double UNHARMED_MS = 100;

  /** The statuses that a failure of the upstream may turn into. */
  private static final Set<Integer> EXPECTED = Set.of(200, 502, 503, 504);

  /** This many slices in a row, one second, have to be normal. */
  private static final int NORMAL_SLICES = 1000 / ArrivalLoad.SLICE_MS;

  private static final List<String> HEAD =
      List.of(
          "",
          "/io: 200",
          "502",
          "503",
          "504",
          "resets, others",
          "well again after",
          "/: 200",
          "slowest",
          "calls",
          "retries",
          "not asked");

  /** How the upstream fails. */
  enum Fault {
    SLOW("slow", 10_000, 1),
    BLACKHOLE("blackhole", 0, 1),
    HALFOPEN("halfopen", 0, 1),
    DRIP("drip", 100, 1),
    STATUS500("status500", 0, 1),
    RESET("reset", 0, 1),
    CLOSE("close", 0, 1),
    GARBAGE("garbage", 0, 1),
    TRUNCATED("truncated", 0, 1),
    BADJSON("badjson", 0, 1),
    HUGE("huge", 0, 1),
    RESET_ONE_OF_20("reset", 0, 20);

    final String kind;
    final int slowMs;
    final int every;

    Fault(String kind, int slowMs, int every) {
      this.kind = kind;
      this.slowMs = slowMs;
      this.every = every;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** The server's own counts. */
  record UpstreamCalls(long made, long retries, long notAsked) {
    UpstreamCalls until(UpstreamCalls later) {
      return new UpstreamCalls(
          later.made - made, later.retries - retries, later.notAsked - notAsked);
    }
  }

  /**
   * When a fault lasted, in ms of each generator's run.
   *
   * @param calls from the fault's start to the end of the good time after it
   */
  record FaultWindow(
      Fault fault, int ioFromMs, int ioToMs, int rootFromMs, int rootToMs, UpstreamCalls calls) {}

  /** One server. */
  record Measured(
      String server,
      List<FaultWindow> faults,
      ArrivalLoad.Outcome io,
      ArrivalLoad.Outcome root,
      Double otherCores) {

    boolean disturbed() {
      return Disturbance.byOthers(otherCores);
    }
  }

  /** raw.json. */
  record Raw(Machine machine, String setting, int planned, List<Measured> servers) {}

  /**
   * One fault at one server; counts are of the arrivals during the fault.
   *
   * @param unexpected of /io: resets, time-outs and any other status than 200, 502, 503 and 504
   * @param recoverySeconds from the fault's end to the first of one second of slices in which each
   *     arrival at /io had status 200; null where there was none
   * @param slowestMs of /, of those with status 200
   */
  record Point(
      String server,
      String fault,
      int arrivals,
      int ok,
      int status502,
      int status503,
      int status504,
      int unexpected,
      Double recoverySeconds,
      int rootArrivals,
      int rootOk,
      double slowestMs,
      UpstreamCalls calls,
      boolean disturbed,
      boolean targetReached) {}

  /** results.json. */
  record Findings(Machine machine, List<Point> points, List<String> findings) {}

  private FaultsAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("raw.json");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.servers().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<Point> points = new ArrayList<>();
    List<Section> sections = new ArrayList<>();
    List<String> findings = new ArrayList<>();
    for (Measured server : raw.servers()) {
      List<Point> own = server.faults().stream().map(fault -> point(server, fault)).toList();
      points.addAll(own);
      sections.add(section(server, own));
      findings.add(finding(server.server(), own));
    }
    ReportPage page = new ReportPage("Upstream faults", raw.setting(), findings, sections);
    return ReportPageWriter.write(out, page, new Findings(raw.machine(), points, findings));
  }

  static Point point(Measured server, FaultWindow struck) {
    List<IntervalStats> io = during(server.io(), struck.ioFromMs(), struck.ioToMs());
    List<IntervalStats> root = during(server.root(), struck.rootFromMs(), struck.rootToMs());
    int arrivals = sum(io, IntervalStats::arrivals);
    int expected = EXPECTED.stream().mapToInt(status -> status(io, status)).sum();
    int rootArrivals = sum(root, IntervalStats::arrivals);
    int rootOk = sum(root, IntervalStats::ok);
    double slowestMs =
        Numbers.round(root.stream().mapToLong(IntervalStats::maxUs).max().orElse(0) / 1000.0, 1);
    Double recovery = recoverySeconds(server.io().slices(), struck.ioToMs());
    return new Point(
        server.server(),
        struck.fault().label(),
        arrivals,
        status(io, 200),
        status(io, 502),
        status(io, 503),
        status(io, 504),
        arrivals - expected,
        recovery,
        rootArrivals,
        rootOk,
        slowestMs,
        struck.calls(),
        server.disturbed(),
        arrivals == expected
            && recovery != null
            && recovery <= RECOVERY_TARGET_SECONDS
            && rootOk == rootArrivals
            && slowestMs <= UNHARMED_MS);
  }

  /** The slices that lie entirely within the time. */
  private static List<IntervalStats> during(ArrivalLoad.Outcome outcome, int fromMs, int toMs) {
    int from = Math.ceilDiv(fromMs, ArrivalLoad.SLICE_MS);
    return outcome.slices().subList(from, Math.max(from, toMs / ArrivalLoad.SLICE_MS));
  }

  private static int sum(List<IntervalStats> slices, Function<IntervalStats, Integer> count) {
    return slices.stream().mapToInt(count::apply).sum();
  }

  private static int status(List<IntervalStats> slices, int status) {
    return sum(slices, slice -> slice.statuses().getOrDefault(status, 0));
  }

  private static Double recoverySeconds(List<IntervalStats> slices, int endMs) {
    int inARow = 0;
    for (int i = Math.ceilDiv(endMs, ArrivalLoad.SLICE_MS); i < slices.size(); i++) {
      IntervalStats slice = slices.get(i);
      inARow = slice.arrivals() > 0 && slice.ok() == slice.arrivals() ? inARow + 1 : 0;
      if (inARow == NORMAL_SLICES) {
        int wellMs = (i + 1 - NORMAL_SLICES) * ArrivalLoad.SLICE_MS;
        return Numbers.round((wellMs - endMs) / 1000.0, 2);
      }
    }
    return null;
  }

  static String finding(String server, List<Point> points) {
    long made = points.stream().mapToLong(point -> point.calls().made()).sum();
    long retries = points.stream().mapToLong(point -> point.calls().retries()).sum();
    double share = made == 0 ? 0 : retries / (double) made;
    List<String> missed =
        points.stream().filter(point -> !point.targetReached()).map(Point::fault).toList();
    List<Double> recoveries =
        points.stream().map(Point::recoverySeconds).filter(Objects::nonNull).toList();
    String recovered =
        recoveries.size() == points.size()
            ? String.format(
                Locale.ROOT,
                "recovered at most %s s after a fault (target %s s)",
                Numbers.text(recoveries.stream().max(Double::compare).orElse(0.0), 2),
                Numbers.whole(RECOVERY_TARGET_SECONDS))
            : "did not recover after every fault";
    int unexpected = points.stream().mapToInt(Point::unexpected).sum();
    String statuses =
        unexpected == 0
            ? "nothing but 200, 502, 503 and 504"
            : Numbers.whole(unexpected) + " arrivals got something else than 200, 502, 503 or 504";
    return String.format(
        Locale.ROOT,
        ("%s: %s faults; %s; / answered %s of %s with 200, the slowest in %s ms (target %s ms);"
            + " %s; %s retries of %s calls (%s, target at most %s). %s%s"),
        server,
        points.size(),
        statuses,
        Numbers.whole(points.stream().mapToInt(Point::rootOk).sum()),
        Numbers.whole(points.stream().mapToInt(Point::rootArrivals).sum()),
        Numbers.text(points.stream().mapToDouble(Point::slowestMs).max().orElse(0), 1),
        Numbers.whole(UNHARMED_MS),
        recovered,
        Numbers.whole(retries),
        Numbers.whole(made),
        Numbers.percent(share),
        Numbers.percent(RETRY_TARGET),
        missed.isEmpty() && share <= RETRY_TARGET
            ? "Reached."
            : "Not reached" + (missed.isEmpty() ? "." : ": " + String.join(", ", missed) + "."),
        points.stream().anyMatch(Point::disturbed) ? " Disturbed by others." : "");
  }

  private static Section section(Measured server, List<Point> points) {
    List<Integer> seconds = new ArrayList<>();
    List<Double> ok = new ArrayList<>();
    List<Double> root = new ArrayList<>();
    int perSecond = 1000 / ArrivalLoad.SLICE_MS;
    for (int i = 0; i + perSecond <= server.io().slices().size(); i += perSecond) {
      seconds.add(i / perSecond);
      ok.add((double) sum(server.io().slices().subList(i, i + perSecond), IntervalStats::ok));
      int to = Math.min(i + perSecond, server.root().slices().size());
      root.add(
          (double) sum(server.root().slices().subList(Math.min(i, to), to), IntervalStats::ok));
    }
    Chart chart =
        new Chart(
            server.server() + ": answers with status 200",
            "seconds",
            "answers/s",
            false,
            List.of(),
            List.of(new Line("/io", seconds, ok), new Line("/", seconds, root)));
    String order =
        Arrays.stream(Fault.values()).map(Fault::label).collect(Collectors.joining(", "));
    return new Section(
        server.server(),
        List.of(
            "Counts are of the arrivals during the fault; calls, retries and calls not made from"
                + " its start to the end of the good time after it. In the chart from left to"
                + " right: "
                + order
                + "."),
        HEAD,
        points.stream().map(FaultsAnalysis::cells).toList(),
        List.of(chart));
  }

  private static List<String> cells(Point point) {
    return List.of(
        point.fault() + (point.disturbed() ? " *" : ""),
        Numbers.whole(point.ok()) + " of " + Numbers.whole(point.arrivals()),
        Numbers.whole(point.status502()),
        Numbers.whole(point.status503()),
        Numbers.whole(point.status504()),
        Numbers.whole(point.unexpected()),
        point.recoverySeconds() == null
            ? Numbers.NONE
            : Numbers.text(point.recoverySeconds(), 2) + " s",
        Numbers.whole(point.rootOk()) + " of " + Numbers.whole(point.rootArrivals()),
        Numbers.text(point.slowestMs(), 1) + " ms",
        Numbers.whole(point.calls().made()),
        Numbers.whole(point.calls().retries()),
        Numbers.whole(point.calls().notAsked()));
  }
}
