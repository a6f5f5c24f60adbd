package dev.handlermodels.loadtests.bench.scenario.openvsclosed;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.report.TextReport;
import dev.handlermodels.loadtests.bench.row.OpenLoadStats;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Closed and open load of the same rows: two plain runs in a folder each, and one page on top. */
final class OpenVsClosedAnalysis {
  /** A p99 under the open load within this factor of the closed one's is the same. */
  private static final double SAME_P99 = 1.25;

  /** Fewer answers than this share of what arrives, and the server does not keep up. */
  private static final double KEEPS_UP = 0.95;

  /** The same for more failures than this share. */
  private static final double FAILS = 0.02;

  private static final List<String> HEAD =
      List.of(
          "",
          "offered",
          "requests/s",
          "answers/s",
          "failures",
          "p50",
          "p99",
          "in flight at the end",
          "injector late, p99");

  /** One row under both loads. */
  record Pair(RowResult closed, RowResult open) {}

  /** results.json of the comparison; the two runs have their own beside it. */
  record Findings(
      Machine machine, Settings closed, Settings open, List<Pair> rows, List<String> findings) {}

  private OpenVsClosedAnalysis() {}

  static Path closed(Path out) {
    return out.resolve("closed");
  }

  static Path open(Path out) {
    return out.resolve("open");
  }

  static boolean complete(Path out) throws IOException {
    Results closed = Json.read(closed(out).resolve("results.json"), Results.class);
    Results open = Json.read(open(out).resolve("results.json"), Results.class);
    return complete(closed) && complete(open);
  }

  private static boolean complete(Results results) {
    return results.notRun().isEmpty()
        && results.rows().stream().allMatch(row -> row.status().equals("complete"));
  }

  static ReportPage report(Path out) throws IOException {
    Results closed = ReportWriter.write(closed(out));
    Results open = ReportWriter.write(open(out));
    List<Pair> pairs = pairs(closed.rows(), open.rows());
    List<String> findings = pairs.stream().map(OpenVsClosedAnalysis::hidden).toList();
    String setting =
        "Closed: " + TextReport.setting(closed) + " Open: " + open.settings().load() + ".";
    ReportPage page =
        new ReportPage("Closed and open load", setting, findings, List.of(section(pairs)));
    return ReportPageWriter.write(
        out,
        page,
        new Findings(closed.machine(), closed.settings(), open.settings(), pairs, findings));
  }

  static List<Pair> pairs(List<RowResult> closed, List<RowResult> open) {
    List<Pair> pairs = new ArrayList<>();
    for (RowResult row : closed) {
      open.stream()
          .filter(other -> other.id().equals(row.id()))
          .filter(other -> other.requests() != null && row.requests() != null)
          .forEach(other -> pairs.add(new Pair(row, other)));
    }
    return pairs;
  }

  /** A sentence about what the closed load did not show. */
  static String hidden(Pair pair) {
    boolean doubtful = doubtful(pair.closed()) || doubtful(pair.open());
    return difference(pair)
        + (doubtful
            ? " Doubtful: the machine was not idle, or load generator or upstream were near their"
                + " limit."
            : "");
  }

  private static boolean doubtful(RowResult row) {
    return row.verdict().disturbed().fires() || row.verdict().limitedBy().fires();
  }

  private static String difference(Pair pair) {
    RowResult open = pair.open();
    if (open.open() == null) {
      return title(open) + ": the open run was cut short, so there is nothing to compare.";
    }
    double rate = open.open().arrivalsPerSecond();
    double failures = open.failures() / (double) Math.max(1, open.requests());
    if (open.successesPerSecond() < KEEPS_UP * rate || failures > FAILS) {
      return overload(pair, rate);
    }
    Long closedP99 = p99(pair.closed());
    Long openP99 = p99(open);
    boolean same = closedP99 != null && openP99 != null && openP99 <= SAME_P99 * closedP99;
    return String.format(
        Locale.ROOT,
        ("%s: the closed load hid %s. At %s arrivals/s it answers %s/s with p99 %s ms; closed,"
            + " p99 was %s ms."),
        title(open),
        same ? "nothing" : "part of the tail",
        Numbers.whole(rate),
        Numbers.text(open.successesPerSecond(), 1),
        Numbers.whole(openP99),
        Numbers.whole(closedP99));
  }

  private static String overload(Pair pair, double rate) {
    RowResult closed = pair.closed();
    RowResult open = pair.open();
    return String.format(
        Locale.ROOT,
        ("%s: the closed load hid the overload. Its users waited with the server and asked for"
            + " only %s requests/s; at %s arrivals/s, which do not wait, %s/s are answered, %s of"
            + " the requests fail, and %s are in flight at the end of the window."),
        title(open),
        Numbers.text(closed.requestsPerSecond(), 1),
        Numbers.whole(rate),
        Numbers.text(open.successesPerSecond(), 1),
        share(open),
        Numbers.whole(open.open().inFlightAtEnd()));
  }

  private static Section section(List<Pair> pairs) {
    List<List<String>> cells = new ArrayList<>();
    for (Pair pair : pairs) {
      cells.add(cells(pair.closed(), "closed", Numbers.whole(pair.closed().users()) + " users"));
      String rate =
          pair.open().open() == null
              ? Numbers.NONE
              : Numbers.whole(pair.open().open().arrivalsPerSecond()) + "/s";
      cells.add(cells(pair.open(), "open", rate));
    }
    List<String> labels = pairs.stream().map(pair -> title(pair.open())).toList();
    return new Section(
        "The same rows under both loads",
        List.of(),
        HEAD,
        cells,
        List.of(
            chart("Answers per second", "answers/s", labels, pairs, RowResult::successesPerSecond),
            chart(
                "p99 of the response time",
                "ms",
                labels,
                pairs,
                row -> p99(row) == null ? null : p99(row).doubleValue())));
  }

  private static Chart chart(
      String title,
      String unit,
      List<String> labels,
      List<Pair> pairs,
      Function<RowResult, Double> value) {
    List<Double> closed = new ArrayList<>();
    List<Double> open = new ArrayList<>();
    pairs.forEach(pair -> closed.add(value.apply(pair.closed())));
    pairs.forEach(pair -> open.add(value.apply(pair.open())));
    return new Chart(
        title,
        "",
        unit,
        true,
        labels,
        List.of(new Line("closed", List.of(), closed), new Line("open", List.of(), open)));
  }

  private static List<String> cells(RowResult row, String load, String offered) {
    OpenLoadStats open = row.open();
    WindowStats.Latency latency = row.latencyMs();
    Number inFlight = open == null ? row.unfinished() : (Number) open.inFlightAtEnd();
    return List.of(
        title(row) + ", " + load,
        offered,
        Numbers.text(row.requestsPerSecond(), 1),
        Numbers.text(row.successesPerSecond(), 1),
        share(row),
        Numbers.whole(latency == null ? null : latency.p50()) + " ms",
        Numbers.whole(p99(row)) + " ms",
        Numbers.whole(inFlight),
        open == null || open.injectorLateMs() == null
            ? Numbers.NONE
            : Numbers.whole(open.injectorLateMs().p99()) + " ms");
  }

  private static String share(RowResult row) {
    return Numbers.percent(row.failures() / (double) Math.max(1, row.requests()));
  }

  private static Long p99(RowResult row) {
    return row.latencyMs() == null ? null : row.latencyMs().p99();
  }

  private static String title(RowResult row) {
    return row.server() + " " + row.endpoint();
  }
}
