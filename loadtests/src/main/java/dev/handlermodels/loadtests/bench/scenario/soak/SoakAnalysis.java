package dev.handlermodels.loadtests.bench.scenario.soak;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.Trend;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Tells whether a server leaks: live heap, descriptors and threads over a long load. */
final class SoakAnalysis {
  /** Arrivals as a share of the capacity. */
  static final double LOAD = 0.7;

  /** Histograms of live objects: at the first look that counts, and at the last. */
  static final String HEAP_FIRST = "heap-first.txt";

  static final String HEAP_LAST = "heap-last.txt";

  /** Descriptors, and threads, that pools may have more of at rest than before the load. */
  private static final int SLACK = 10;

  private static final int CLASSES = 5;

  private static final double US_PER_MS = 1000;
  private static final double SECONDS_PER_HOUR = 3600;
  private static final double MIB = 1024 * 1024;

  /** A measured quantity whose trend is tested. */
  enum Metric {
    HEAP("liveHeapBytes", "live heap", "MiB", MIB, 1, SoakSample::heapBytes),
    FILES("openFiles", "descriptors", "", 1, 1e-5, SoakSample::openFiles),
    THREADS("osThreads", "OS threads", "", 1, 1e-5, SoakSample::osThreads),
    VIRTUAL("virtualThreads", "virtual threads", "", 1, 1e-5, SoakSample::virtualThreads),
    RSS("rssBytes", "resident memory", "MiB", MIB, 4, SoakSample::rssBytes),
    METASPACE("metaspaceBytes", "metaspace", "MiB", MIB, 1, SoakSample::metaspaceBytes),
    DIRECT("directBytes", "direct buffers", "MiB", MIB, 1, SoakSample::directBytes);

    /** The quantities that must not grow. */
    static final List<Metric> ASKED = List.of(HEAP, FILES, THREADS);

    final String key;
    final String words;
    final String unit;
    final double divisor;

    /** A growth of less than this for each request is none. */
    final double tolerancePerRequest;

    final Function<SoakSample, Number> value;

    Metric(
        String key,
        String words,
        String unit,
        double divisor,
        double tolerancePerRequest,
        Function<SoakSample, Number> value) {
      this.key = key;
      this.words = words;
      this.unit = unit;
      this.divisor = divisor;
      this.tolerancePerRequest = tolerancePerRequest;
      this.value = value;
    }

    String text(Number amount) {
      String number =
          Numbers.text(
              amount == null ? null : amount.doubleValue() / divisor, unit.isEmpty() ? 0 : 1);
      return amount == null || unit.isEmpty() ? number : number + " " + unit;
    }

    /** With a sign; small rates have more digits than levels. */
    private String rate(double perHour) {
      double shown = perHour / divisor;
      int digits = Math.abs(shown) < 100 ? 2 : 0;
      return (Numbers.round(shown, digits) > 0 ? "+" : "")
          + Numbers.text(Numbers.round(shown, digits), digits);
    }
  }

  /**
   * A line of samples.jsonl. What could not be read is null.
   *
   * @param seconds since the load began
   * @param heapBytes live heap, see {@link HeapProbe}
   * @param virtualThreads alive, of those that have run a handler
   * @param requests that the server has begun since its start
   */
  record SoakSample(
      double seconds,
      Long heapBytes,
      Integer openFiles,
      Integer osThreads,
      Long virtualThreads,
      Long rssBytes,
      Long metaspaceBytes,
      Long directBytes,
      Long inFlight,
      Long requests) {}

  /**
   * A server at rest.
   *
   * @param afterMs how long it took to reach this state
   * @param back whether it did: no request in flight, and no more descriptors and threads than
   *     before the load
   */
  record IdleState(
      Long inFlight,
      Integer openFiles,
      Integer osThreads,
      Long heapBytes,
      long afterMs,
      boolean back) {

    /**
     * @param before null where only requests in flight are of interest
     */
    boolean isBackTo(IdleState before) {
      return inFlight != null
          && inFlight == 0
          && (before == null
              || isAtMost(openFiles, before.openFiles) && isAtMost(osThreads, before.osThreads));
    }

    /** A figure that cannot be read is no reason to wait. */
    private static boolean isAtMost(Integer now, Integer before) {
      return now == null || before == null || now <= before + SLACK;
    }

    IdleState with(Long heap, boolean isBack) {
      return new IdleState(inFlight, openFiles, osThreads, heap, afterMs, isBack);
    }
  }

  /**
   * One server.
   *
   * @param capacity requests/s that closed users got through
   * @param before at rest, after the load that told the capacity
   * @param outcome its first step is the warm-up, then come three thirds; null where the run was
   *     cut short
   * @param after at rest, after all; null too
   * @param otherCores what neither server, upstream nor generator used of the machine; null too
   * @param trouble why it was cut short; null where it was not
   */
  record Measured(
      String server,
      double capacity,
      int rate,
      int hangUpPercent,
      int warmupMs,
      int everyMs,
      IdleState before,
      ArrivalLoad.Outcome outcome,
      IdleState after,
      Double serverCores,
      Double otherCores,
      String trouble) {}

  /** raw.json. */
  record Raw(Machine machine, String setting, int planned, List<Measured> rows) {}

  /**
   * What became of the arrivals, warm-up included; percentiles without it.
   *
   * @param hungUpShare of the arrivals
   * @param connections opened
   * @param lastByFirst p99 of the last third ÷ that of the first
   */
  record Load(
      long arrivals,
      long ok,
      long hungUp,
      double hungUpShare,
      long refused,
      long resets,
      long failed,
      long timeouts,
      long notSent,
      Integer connections,
      double firstP99Ms,
      double lastP99Ms,
      double lastByFirst,
      double generatorCores) {}

  /** A class of which there was more at the last look than at the first that counts. */
  record GrownClass(String name, long bytes) {}

  /**
   * One server's result. What was not measured is null.
   *
   * @param hours from the first look that counts to the last
   * @param trends by {@link Metric#key}; null for a figure that could not be read
   * @param atMostPerRequest upper end of each interval ÷ requests an hour
   * @param targetReached {@link Metric#ASKED} flat, and all as before when the load was over
   */
  record Point(
      String server,
      double capacityPerSecond,
      int arrivalsPerSecond,
      double hours,
      double requestsPerHour,
      Map<String, Trend> trends,
      Map<String, Double> atMostPerRequest,
      List<GrownClass> grown,
      Load load,
      IdleState before,
      IdleState after,
      Double serverCores,
      Double otherCores,
      boolean disturbed,
      String trouble,
      boolean targetReached) {

    Trend trend(Metric figure) {
      return trends.get(figure.key);
    }
  }

  /** results.json. */
  record Findings(Machine machine, String setting, List<Point> rows, List<String> findings) {}

  private SoakAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("raw.json");
  }

  static Path looks(Path out, String server) {
    return out.resolve(server).resolve("samples.jsonl");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().stream().filter(row -> row.trouble() == null).count() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    Map<String, List<SoakSample>> looks = new LinkedHashMap<>();
    List<Point> points = new ArrayList<>();
    for (Measured row : raw.rows()) {
      looks.put(row.server(), readLooks(looks(out, row.server())));
      points.add(point(row, looks.get(row.server()), grown(out.resolve(row.server()))));
    }
    List<String> findings = new ArrayList<>(points.stream().map(SoakAnalysis::finding).toList());
    if (points.size() < raw.planned()) {
      findings.add(ReportPage.cutShort(raw.planned(), points.size(), "servers"));
    }
    ReportPage page =
        new ReportPage(
            "Soak",
            raw.setting(),
            findings,
            List.of(trends(points, looks), load(points, raw.rows()), rest(points)));
    return ReportPageWriter.write(
        out, page, new Findings(raw.machine(), raw.setting(), points, findings));
  }

  /** None where the run ended before the first. */
  private static List<SoakSample> readLooks(Path file) throws IOException {
    return Files.notExists(file)
        ? List.of()
        : Files.readAllLines(file).stream()
            .map(line -> Json.LINE.readValue(line, SoakSample.class))
            .toList();
  }

  private static List<GrownClass> grown(Path dir) throws IOException {
    if (Files.notExists(dir.resolve(HEAP_FIRST)) || Files.notExists(dir.resolve(HEAP_LAST))) {
      return List.of();
    }
    Map<String, Long> first = HeapProbe.byClass(Files.readString(dir.resolve(HEAP_FIRST)));
    Map<String, Long> last = HeapProbe.byClass(Files.readString(dir.resolve(HEAP_LAST)));
    return last.entrySet().stream()
        .map(
            now ->
                new GrownClass(now.getKey(), now.getValue() - first.getOrDefault(now.getKey(), 0L)))
        .filter(grown -> grown.bytes() > 0 && !grown.name().contains("jdk.internal.vm.Filler"))
        .sorted(Comparator.comparingLong(GrownClass::bytes).reversed())
        .limit(CLASSES)
        .toList();
  }

  static Point point(Measured row, List<SoakSample> all, List<GrownClass> grown) {
    List<SoakSample> looks =
        all.stream().filter(look -> look.seconds() * 1000 >= row.warmupMs()).toList();
    double hours =
        looks.isEmpty()
            ? 0
            : (looks.getLast().seconds() - looks.getFirst().seconds()) / SECONDS_PER_HOUR;
    double requests = requestsPerHour(row, looks, hours);
    Map<String, Trend> trends = new LinkedHashMap<>();
    Map<String, Double> atMost = new LinkedHashMap<>();
    for (Metric figure : Metric.values()) {
      Trend trend = trend(figure, looks, figure.tolerancePerRequest * requests);
      trends.put(figure.key, trend);
      atMost.put(figure.key, trend == null ? null : trend.highPerHour() / requests);
    }
    boolean flat =
        Metric.ASKED.stream()
            .map(figure -> trends.get(figure.key))
            .allMatch(trend -> trend != null && trend.course() == Trend.Course.FLAT);
    return new Point(
        row.server(),
        row.capacity(),
        row.rate(),
        Numbers.round(hours, 4),
        Math.round(requests),
        trends,
        atMost,
        grown,
        row.outcome() == null ? null : load(row.outcome()),
        row.before(),
        row.after(),
        row.serverCores(),
        row.otherCores(),
        Disturbance.byOthers(row.otherCores())
            || row.outcome() != null && Disturbance.byGenerator(row.outcome().cores()),
        row.trouble(),
        flat && row.trouble() == null && row.after() != null && row.after().back());
  }

  /** As the server counted them; where it was not asked, those that were sent. */
  private static double requestsPerHour(Measured row, List<SoakSample> looks, double hours) {
    List<Long> counted =
        looks.stream().map(SoakSample::requests).filter(requests -> requests != null).toList();
    return counted.size() < looks.size() || hours == 0
        ? row.rate() * SECONDS_PER_HOUR
        : (counted.getLast() - counted.getFirst()) / hours;
  }

  private static Trend trend(Metric figure, List<SoakSample> all, double tolerancePerHour) {
    List<SoakSample> looks = all.stream().filter(look -> figure.value.apply(look) != null).toList();
    return Trend.of(
        looks.stream().mapToDouble(look -> look.seconds() / SECONDS_PER_HOUR).toArray(),
        looks.stream().mapToDouble(look -> figure.value.apply(look).doubleValue()).toArray(),
        tolerancePerHour);
  }

  private static Load load(ArrivalLoad.Outcome outcome) {
    List<IntervalStats> steps = outcome.steps();
    IntervalStats first = steps.get(1);
    IntervalStats last = steps.getLast();
    long arrivals = sum(steps, IntervalStats::arrivals);
    long hungUp = sum(steps, IntervalStats::hungUp);
    return new Load(
        arrivals,
        sum(steps, IntervalStats::ok),
        hungUp,
        Numbers.round(hungUp / (double) Math.max(1, arrivals), 4),
        sum(steps, IntervalStats::refused),
        sum(steps, IntervalStats::broken),
        sum(steps, IntervalStats::failed),
        sum(steps, IntervalStats::timeouts),
        sum(steps, IntervalStats::notSent),
        outcome.opened(),
        Numbers.round(first.p99Us() / US_PER_MS, 1),
        Numbers.round(last.p99Us() / US_PER_MS, 1),
        Numbers.round(last.p99Us() / (double) Math.max(1, first.p99Us()), 2),
        outcome.cores());
  }

  private static long sum(List<IntervalStats> times, Function<IntervalStats, Integer> count) {
    return times.stream().mapToLong(count::apply).sum();
  }

  static String finding(Point point) {
    String cut = point.trouble() == null ? "" : " Cut short: " + point.trouble();
    return String.format(
        Locale.ROOT,
        "%s: %s.%s%s%s%s %s.",
        point.server(),
        Metric.ASKED.stream()
            .map(figure -> course(figure, point.trend(figure)))
            .collect(Collectors.joining("; ")),
        grown(point),
        point.load() == null ? "" : " " + clients(point.load()),
        point.after() == null ? "" : " " + afterwards(point),
        cut,
        point.targetReached() ? "Reached" : "Not reached");
  }

  private static String course(Metric figure, Trend trend) {
    if (trend == null) {
      return figure.words + " not looked at often enough";
    }
    return String.format(
        Locale.ROOT,
        "%s %s, %s an hour (%s to %s): %s",
        figure.words,
        figure.text(trend.level()),
        figure.rate(trend.perHour()),
        figure.rate(trend.lowPerHour()),
        figure.rate(trend.highPerHour()),
        trend.course().words);
  }

  /** Only where the heap grows: between two samples some class has always grown. */
  private static String grown(Point point) {
    Trend heap = point.trend(Metric.HEAP);
    return heap == null || heap.course() != Trend.Course.GROWS || point.grown().isEmpty()
        ? ""
        : point.grown().stream()
            .map(
                grown ->
                    String.format(
                        Locale.ROOT,
                        "%s by %s KiB",
                        grown.name(),
                        Numbers.whole(grown.bytes() >> 10)))
            .collect(Collectors.joining(", ", " Grown most: ", "."));
  }

  private static String clients(Load load) {
    long other = load.resets() + load.failed() + load.timeouts() + load.notSent();
    return String.format(
        Locale.ROOT,
        ("Of %s arrivals %s hung up, %s were refused and %s failed otherwise; p99 in the last"
            + " third is %s ms, %s times that in the first."),
        Numbers.whole(load.arrivals()),
        Numbers.percent(load.hungUpShare()),
        Numbers.whole(load.refused()),
        Numbers.whole(other),
        Numbers.text(load.lastP99Ms(), 1),
        Numbers.text(load.lastByFirst(), 2));
  }

  private static String afterwards(Point point) {
    return String.format(
        Locale.ROOT,
        ("%s s after the load %s requests in flight, %s descriptors (%s before it), %s threads"
            + " (%s): %s."),
        Numbers.text(point.after().afterMs() / 1000.0, 1),
        Numbers.whole(point.after().inFlight()),
        Numbers.whole(point.after().openFiles()),
        Numbers.whole(point.before().openFiles()),
        Numbers.whole(point.after().osThreads()),
        Numbers.whole(point.before().osThreads()),
        point.after().back() ? "as before" : "not as before");
  }

  private static Section trends(List<Point> points, Map<String, List<SoakSample>> looks) {
    return new Section(
        "During the run",
        List.of(
            "Growth: Theil and Sen's slope, with the interval that holds it with a confidence of"
                + " 95 %. Flat: the interval holds zero, or the growth is below the tolerance."
                + String.format(
                    Locale.ROOT,
                    " Cannot be told: the interval reaches beyond %d times the tolerance.",
                    Trend.FOUND),
            "At most: the upper end of the interval for each request."),
        List.of("", "level", "growth/h", "from", "to", "tolerance/h", "at most", "looks", ""),
        points.stream().flatMap(point -> cells(point).stream()).toList(),
        charts(looks));
  }

  private static List<List<String>> cells(Point point) {
    List<List<String>> cells = new ArrayList<>();
    for (Metric figure : Metric.values()) {
      Trend trend = point.trend(figure);
      if (trend != null) {
        cells.add(
            List.of(
                point.server() + ", " + figure.words,
                figure.text(trend.level()),
                figure.rate(trend.perHour()),
                figure.rate(trend.lowPerHour()),
                figure.rate(trend.highPerHour()),
                figure.rate(trend.tolerancePerHour()),
                perRequest(figure, point.atMostPerRequest().get(figure.key)),
                Numbers.whole(trend.looks()),
                trend.course().words));
      }
    }
    return cells;
  }

  private static String perRequest(Metric figure, double amount) {
    return figure.unit.isEmpty()
        ? Numbers.text(amount * 1e6, 0) + " in a million"
        : Numbers.text(amount, 2) + " B";
  }

  private static List<Chart> charts(Map<String, List<SoakSample>> looks) {
    List<Chart> charts = new ArrayList<>();
    for (Metric figure : Metric.values()) {
      charts.add(
          chart(
              figure.words, figure.unit, looks, look -> scaled(figure, figure.value.apply(look))));
    }
    charts.add(chart("requests in flight", "", looks, look -> scaled(look.inFlight(), 1)));
    return charts;
  }

  private static Double scaled(Metric figure, Number value) {
    return scaled(value, figure.divisor);
  }

  private static Double scaled(Number value, double divisor) {
    return value == null ? null : (Double) Numbers.round(value.doubleValue() / divisor, 3);
  }

  private static Chart chart(
      String title,
      String unit,
      Map<String, List<SoakSample>> looks,
      Function<SoakSample, Double> value) {
    List<Line> lines = new ArrayList<>();
    looks.forEach(
        (server, all) ->
            lines.add(
                new Line(
                    server,
                    all.stream().map(look -> (int) Math.round(look.seconds())).toList(),
                    all.stream().map(value).collect(Collectors.toCollection(ArrayList::new)))));
    return new Chart(title, "seconds of load", unit, false, List.of(), lines);
  }

  private static Section load(List<Point> points, List<Measured> rows) {
    return new Section(
        "What became of the arrivals",
        List.of("* the load generator was near its own limit, or others used the machine."),
        List.of(
            "",
            "capacity/s",
            "arrivals/s",
            "arrivals",
            "hung up",
            "refused",
            "resets",
            "other statuses",
            "time-outs",
            "not sent",
            "connections",
            "p99, first third",
            "p99, last third"),
        points.stream().filter(point -> point.load() != null).map(SoakAnalysis::loadCells).toList(),
        List.of(
            new Chart(
                "p99 of what is answered",
                "seconds of load",
                "ms",
                true,
                List.of(),
                rows.stream()
                    .filter(row -> row.outcome() != null)
                    .map(SoakAnalysis::p99)
                    .toList())));
  }

  private static List<String> loadCells(Point point) {
    Load load = point.load();
    return List.of(
        point.server() + (point.disturbed() ? " *" : ""),
        Numbers.text(point.capacityPerSecond(), 1),
        Numbers.whole(point.arrivalsPerSecond()),
        Numbers.whole(load.arrivals()),
        Numbers.percent(load.hungUpShare()),
        Numbers.whole(load.refused()),
        Numbers.whole(load.resets()),
        Numbers.whole(load.failed()),
        Numbers.whole(load.timeouts()),
        Numbers.whole(load.notSent()),
        Numbers.whole(load.connections()),
        Numbers.text(load.firstP99Ms(), 1) + " ms",
        Numbers.text(load.lastP99Ms(), 1) + " ms");
  }

  private static Line p99(Measured row) {
    List<IntervalStats> slices = row.outcome().slices();
    List<Integer> seconds = new ArrayList<>();
    List<Double> p99Ms = new ArrayList<>();
    for (int i = 0; i < slices.size(); i++) {
      seconds.add((int) ((i + 0.5) * row.everyMs() / 1000));
      p99Ms.add(Numbers.round(slices.get(i).p99Us() / US_PER_MS, 1));
    }
    return new Line(row.server(), seconds, p99Ms);
  }

  private static Section rest(List<Point> points) {
    return new Section(
        "Before and after",
        List.of("At rest: after the load that measured the capacity, and at the end."),
        List.of(
            "",
            "in flight",
            "descriptors before",
            "after",
            "OS threads before",
            "after",
            "live heap before",
            "after",
            "reached after"),
        points.stream().map(SoakAnalysis::restCells).toList(),
        List.of());
  }

  private static List<String> restCells(Point point) {
    IdleState after = point.after();
    return List.of(
        point.server(),
        Numbers.whole(after == null ? null : after.inFlight()),
        Numbers.whole(point.before().openFiles()),
        Numbers.whole(after == null ? null : after.openFiles()),
        Numbers.whole(point.before().osThreads()),
        Numbers.whole(after == null ? null : after.osThreads()),
        Metric.HEAP.text(point.before().heapBytes()),
        Metric.HEAP.text(after == null ? null : after.heapBytes()),
        after == null || !after.back()
            ? Numbers.NONE
            : Numbers.text(after.afterMs() / 1000.0, 1) + " s");
  }
}
