package dev.handlermodels.loadtests.bench.scenario.scale;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe.Heap;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Analyses how cost grows with the number of users: a plain run for each load, and one page on top.
 */
final class ScaleAnalysis {
  private static final double KIB = 1024;

  private static final List<String> HEAD =
      List.of(
          "",
          "users",
          "wait",
          "answers/s",
          "of ceiling",
          "p50",
          "p99",
          "p99 ÷ wait",
          "failures",
          "CPU/request",
          "heap/request",
          "in flight",
          "OS threads",
          "RSS");

  /**
   * One server under one load. What was not measured is null.
   *
   * @param cpuUsPerRequest CPU time of the server's process in the window ÷ requests that ended
   * @param heapBytesPerRequest live heap under load less that of the idle server ÷ {@code inFlight}
   * @param disturbed whether what else ran, or load and upstream themselves, took the machine
   */
  record Point(
      String id,
      int users,
      int waitMs,
      String status,
      Double answersPerSecond,
      Double shareOfCeiling,
      Long p50Ms,
      Long p99Ms,
      Double p99ByWait,
      Double failureShare,
      Double cpuUsPerRequest,
      Double heapBytesPerRequest,
      Long inFlight,
      Integer osThreads,
      Double rssPeakMiB,
      boolean disturbed,
      String summary) {}

  /** results.json; each load's folder has the results of its rows. */
  record Findings(Machine machine, List<Point> points, List<String> findings) {}

  private ScaleAnalysis() {}

  static Path points(Path out) {
    return out.resolve("points.json");
  }

  static boolean complete(Path out) throws IOException {
    for (String name : Json.read(points(out), String[].class)) {
      Path results = out.resolve(name).resolve("results.json");
      if (!Files.exists(results)) {
        return false;
      }
      Results point = Json.read(results, Results.class);
      if (!point.notRun().isEmpty()
          || point.rows().stream().anyMatch(row -> !row.status().equals("complete"))) {
        return false;
      }
    }
    return true;
  }

  static ReportPage report(Path out) throws IOException {
    List<Point> points = new ArrayList<>();
    Results last = null;
    for (String name : Json.read(points(out), String[].class)) {
      Path dir = out.resolve(name);
      if (Files.exists(Layout.run(dir))) {
        last = ReportWriter.write(dir);
        for (RowResult row : last.rows()) {
          Path heap = Heap.file(new Layout(null, dir).row(row.id(), row.repeat()));
          points.add(
              point(
                  row,
                  last.settings().waitMs(),
                  Files.exists(heap) ? Json.read(heap, Heap.class) : null));
        }
      }
    }
    List<String> findings = findings(points);
    ReportPage page =
        new ReportPage(
            "How cost grows with the number of users",
            last == null ? "Nothing was measured." : setting(last),
            findings,
            List.of(section(points)));
    return ReportPageWriter.write(
        out, page, new Findings(last == null ? null : last.machine(), points, findings));
  }

  private static String setting(Results last) {
    return String.format(
        Locale.ROOT,
        ("Closed users; ramp and warm-up not counted, %d s measured. Heap of servers and"
            + " upstream %s MiB in place of jvm.options', the same for all. %s"),
        last.settings().durationSeconds(),
        Numbers.whole(last.settings().heapMiB()),
        last.machine().sentence());
  }

  static Point point(RowResult row, int waitMs, Heap heap) {
    WindowStats.Latency latency = row.latencyMs();
    boolean ended = row.requests() != null && row.requests() > 0;
    Double heapBytes = heap == null ? null : heap.perRequestBytes();
    return new Point(
        row.id(),
        row.users(),
        waitMs,
        row.status(),
        row.successesPerSecond(),
        row.shareOfCeiling(),
        latency == null ? null : latency.p50(),
        latency == null ? null : latency.p99(),
        latency == null ? null : Numbers.round(latency.p99() / (double) waitMs, 3),
        ended ? row.failures() / (double) row.requests() : null,
        ended && row.cpuSeconds() != null
            ? Numbers.round(row.cpuSeconds().server() * 1e6 / row.requests(), 1)
            : null,
        heapBytes == null ? null : Numbers.round(heapBytes, 0),
        heap == null ? null : heap.inFlight(),
        row.threads() == null ? null : row.threads().osPeak(),
        row.rssPeakMiB(),
        row.verdict().disturbed().fires() || row.verdict().limitedBy().fires(),
        row.verdict().summary());
  }

  /** For each server, its smallest load beside its largest; nothing of one load alone. */
  static List<String> findings(List<Point> points) {
    List<String> findings = new ArrayList<>();
    byId(points)
        .forEach(
            (id, own) -> {
              if (own.size() < 2) {
                return;
              }
              Point first = own.getFirst();
              Point last = own.getLast();
              findings.add(
                  String.format(
                      Locale.ROOT,
                      ("%s: from %s to %s users, p99 ÷ wait went from %s to %s, CPU per request"
                          + " from %s to %s µs; live heap per request in flight at the largest"
                          + " load: %s KiB.%s"),
                      id,
                      Numbers.whole(first.users()),
                      Numbers.whole(last.users()),
                      Numbers.text(first.p99ByWait(), 2),
                      Numbers.text(last.p99ByWait(), 2),
                      Numbers.whole(first.cpuUsPerRequest()),
                      Numbers.whole(last.cpuUsPerRequest()),
                      Numbers.kib(last.heapBytesPerRequest()),
                      own.stream().anyMatch(Point::disturbed)
                          ? " Some of these points were disturbed (marked *)."
                          : ""));
            });
    return findings;
  }

  private static Map<String, List<Point>> byId(List<Point> points) {
    return points.stream()
        .collect(Collectors.groupingBy(Point::id, TreeMap::new, Collectors.toList()));
  }

  private static Section section(List<Point> points) {
    List<List<String>> cells = points.stream().map(ScaleAnalysis::cells).toList();
    return new Section(
        "Cost against users",
        List.of(
            "* the machine was not idle, or load generator or upstream were near their own limit:"
                + " the row's own report in its folder says which."),
        HEAD,
        cells,
        List.of(
            chart("Answers per second", "answers/s", true, points, Point::answersPerSecond),
            chart("p99 as a multiple of the wait", "× wait", true, points, Point::p99ByWait),
            chart("Server CPU per request", "µs", true, points, Point::cpuUsPerRequest),
            chart(
                "Live heap per request in flight",
                "KiB",
                true,
                points,
                p -> p.heapBytesPerRequest() == null ? null : p.heapBytesPerRequest() / KIB)));
  }

  private static Chart chart(
      String title,
      String unit,
      boolean logarithmic,
      List<Point> points,
      Function<Point, Double> value) {
    List<Line> lines = new ArrayList<>();
    byId(points)
        .forEach(
            (id, own) -> {
              List<Double> y = new ArrayList<>();
              own.forEach(point -> y.add(value.apply(point)));
              lines.add(new Line(id, own.stream().map(Point::users).toList(), y));
            });
    return new Chart(title, "users", unit, logarithmic, List.of(), lines);
  }

  private static List<String> cells(Point point) {
    return List.of(
        point.id() + (point.disturbed() ? " *" : ""),
        Numbers.whole(point.users()),
        Numbers.whole(point.waitMs()) + " ms",
        Numbers.text(point.answersPerSecond(), 1),
        point.shareOfCeiling() == null ? Numbers.NONE : Numbers.percent(point.shareOfCeiling()),
        Numbers.whole(point.p50Ms()) + " ms",
        Numbers.whole(point.p99Ms()) + " ms",
        Numbers.text(point.p99ByWait(), 2),
        point.failureShare() == null ? Numbers.NONE : Numbers.percent(point.failureShare()),
        Numbers.whole(point.cpuUsPerRequest()) + " µs",
        Numbers.kib(point.heapBytesPerRequest()) + " KiB",
        Numbers.whole(point.inFlight()),
        Numbers.whole(point.osThreads()),
        Numbers.whole(point.rssPeakMiB()) + " MiB");
  }
}
