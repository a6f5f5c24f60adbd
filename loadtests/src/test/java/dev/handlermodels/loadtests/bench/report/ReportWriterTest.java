package dev.handlermodels.loadtests.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.Warmup;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.LivenessResult;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import dev.handlermodels.loadtests.bench.row.MeasuredWindow;
import dev.handlermodels.loadtests.bench.row.RowOutcome;
import dev.handlermodels.loadtests.bench.row.SimulationLogFile;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.stats.Spread;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ReportWriterTest {
  private static final long STARTED_AT_MS = 1_000_000;
  private static final String HOSTILE = "</script><script>alert('&')</script><!--";

  @TempDir private Path out;
  private Results results;
  private String html;

  @BeforeEach
  void rawFiles() throws IOException {
    Settings settings = new Settings(2, 100, 0, 1, 2, 5000, 1, 40, 40, 1, 2, 3);
    Machine machine =
        new Machine(HOSTILE, "cpu", 2, 1024, "jdk", null, List.of("-Xmx1m"), List.of());
    Json.write(
        Layout.run(out),
        new RunManifest("2026-01-01T00:00:00Z", machine, settings, List.of("vertx-io", "nima-io")));
    row("vertx-io", null, List.of(), 30);
    row("nima-io", "The server " + HOSTILE, List.of(HOSTILE), 29);
    results = ReportWriter.write(out);
    html = Files.readString(out.resolve("report.html"));
  }

  private void row(String id, String trouble, List<String> log, int answers) throws IOException {
    row(new Layout(null, out).row(id), id, 1, trouble, log, answers);
  }

  private static void row(
      Path row, String id, int repeat, String trouble, List<String> log, int answers)
      throws IOException {
    Files.createDirectories(row);
    Json.write(
        Layout.facts(row),
        new RowOutcome(
            id, repeat, 321L, trouble, trouble == null ? null : STARTED_AT_MS + 2950, log));
    Json.write(
        Layout.users(row),
        new UserStats(STARTED_AT_MS, STARTED_AT_MS + 3000, true, 60, 0, 2, 2, 2, 99));
    List<Response> responses =
        LongStream.rangeClosed(1, answers)
            .mapToObj(i -> STARTED_AT_MS + i * 100)
            .map(endMs -> new Response(endMs - 100, endMs, true, ""))
            .toList();
    Files.write(
        Layout.simulationLog(row), SimulationLogFile.of("3.15.1", STARTED_AT_MS - 50, responses));
    Files.writeString(Layout.samples(row), samples());
  }

  /** Samples at 1, 2 and 3 s; the CPU of each process grows by 100 ms a second. */
  private static String samples() {
    StringBuilder lines = new StringBuilder();
    for (int second = 1; second <= 3; second++) {
      long atMs = STARTED_AT_MS + second * 1000;
      Sample.ProcessUse use =
          new Sample.ProcessUse(second * 100L, 2048L, 1024L * second, 10 + second);
      Sample.Census census =
          new Sample.Census(
              new Sample.Handlers(2, 1, 1, 1),
              null,
              null,
              9,
              new Sample.LoopLag(0.1, second < 3 ? 99 : 7.5, 99.0),
              null,
              null);
      Sample.UpstreamStats stats = new Sample.UpstreamStats(second * 10L, second * 10L, 0, 1, null);
      Sample sample =
          new Sample(
              atMs,
              use,
              use,
              use,
              new Sample.MachineUse(second * 50, second * 200),
              census,
              atMs,
              stats,
              List.of(new Sample.LiveProbe(atMs - 900, 1.5)),
              second * 20L);
      lines.append(Json.LINE.writeValueAsString(sample)).append('\n');
    }
    return lines.append("{\"atMs\":12").toString(); // a bench that was killed leaves half a line
  }

  @Test
  void theFiguresComeFromTheRawFiles() {
    RowResult row = results.rows().getFirst();

    assertThat(row.status()).isEqualTo("complete");
    assertThat(row.requests()).isEqualTo(20);
    assertThat(row.requestsPerSecond()).isEqualTo(10);
    assertThat(row.latencyMs().p99()).isEqualTo(100);
    assertThat(row.ceilingPerSecond()).isEqualTo(20);
    assertThat(row.shareOfCeiling()).isEqualTo(0.5);
    assertThat(row.threads()).isEqualTo(new RowResult.Threads(2, 1.0, 1.0, 13));
    assertThat(row.upstreamCalls()).isEqualTo(20);
    assertThat(row.wastedUpstreamCalls()).isZero();
    assertThat(row.cpuSeconds()).isEqualTo(new RowResult.CpuSeconds(0.2, 0.2, 0.2, 0.4));
    assertThat(row.rssPeakMiB()).isEqualTo(3);
    assertThat(row.benchShareOfCore()).isEqualTo(0.02);
    assertThat(row.proof()).isEqualTo(new LivenessResult(2, 0, 2000, 1.5, 1.5, 0, List.of()));
    assertThat(row.loopLagMaxMs()).isEqualTo(7.5);
    assertThat(row.measuredFromSeconds()).isEqualTo(1);
    assertThat(row.startupMs()).isEqualTo(321);
    assertThat(row.usersNeverServed()).isZero();
    assertThat(row.unfinished()).isEqualTo(2);
  }

  @Test
  void theWindowBeginsWhereTheRunSaysThatItBegan() throws IOException {
    Path row = new Layout(null, out).row("vertx-io");
    Json.write(
        Layout.window(row), new MeasuredWindow(STARTED_AT_MS + 500, new Warmup(5, List.of())));

    RowResult result = ReportWriter.write(out).rows().getFirst();

    assertThat(result.measuredFromSeconds()).isEqualTo(0.5);
    assertThat(result.requests()).isEqualTo(20);
    assertThat(result.verdict().settled().fires()).isTrue();
    assertThat(results.rows().getFirst().verdict().settled().sentence()).startsWith("Unknown");
  }

  @Test
  void repeatsBecomeOneColumnWithTheWorseOfTwoMedians() throws IOException {
    RunManifest run = Json.read(Layout.run(out), RunManifest.class);
    Json.write(
        Layout.run(out),
        new RunManifest(
            run.startedAt(),
            run.machine(),
            run.settings(),
            List.of("vertx-io"),
            2,
            List.of("A note."),
            List.of()));
    row(new Layout(null, out).row("vertx-io", 2), "vertx-io", 2, null, List.of(), 20);

    Results two = ReportWriter.write(out);

    assertThat(two.notes()).containsExactly("A note.");
    assertThat(two.rows()).extracting(RowResult::repeat).containsExactly(1, 2);
    RowSummary summary = two.summary().getFirst();
    assertThat(summary.successesPerSecond()).isEqualTo(new Spread(5.5, 5.5, 10));
    assertThat(summary.medianRepeat()).isEqualTo(2);
    assertThat(summary.noisy().fires()).isTrue();
    ResultTable.Column column = ResultTable.of(two).columns().getFirst();
    assertThat(column.cells()).contains("5.5 (5.5–10.0)");
    assertThat(Files.readString(out.resolve("report.html"))).contains("Run 2, shown here");
  }

  @Test
  void aRunFromBeforeThereWereRepeatsNotesAndOpenLoadsIsReadable() throws IOException {
    ObjectNode run = (ObjectNode) Json.LINE.readTree(Files.readString(Layout.run(out)));
    run.remove(List.of("repeats", "notes"));
    ((ObjectNode) run.get("settings")).remove(List.of("openRate", "tailSeconds", "heapMiB"));
    Files.writeString(Layout.run(out), run.toString());

    assertThat(ReportWriter.write(out)).isEqualTo(results);
  }

  @Test
  void aRowThatWasCutShortIsPartialAndSaysWhy() {
    RowResult row = results.rows().getLast();

    assertThat(row.status()).isEqualTo("partial");
    assertThat(row.verdict().summary()).startsWith("Partial: The server");
    assertThat(row.measuredSeconds()).isEqualTo(1.9);
    assertThat(html).contains("/io (partial)");
  }

  @Test
  void thePageShowsTheFiguresOfResultsJson() throws IOException {
    Results written = Json.read(out.resolve("results.json"), Results.class);
    assertThat(written).isEqualTo(results);
    assertThat(embedded().get("results"))
        .isEqualTo(Json.LINE.readTree(Files.readString(out.resolve("results.json"))));
    String markdown = Files.readString(out.resolve("report.md"));
    for (ResultTable.Column column : ResultTable.of(written).columns()) {
      for (String cell : column.cells()) {
        assertThat(html).containsPattern("<td[^>]*>" + Pattern.quote(HtmlReport.escape(cell)));
        assertThat(markdown).contains("| " + cell + " |");
      }
    }
  }

  @Test
  void theFirstScreenHasASentenceForEachModelBeforeChartAndTable() {
    assertThat(html)
        .containsSubsequence(
            "<li class=\"event-loop\"><h2>event loop</h2><p class=\"figure\">10.0 answers/s</p>",
            "50.0 % of what is possible: all 2 users wait at the same time.",
            "<li class=\"virtual-threads\">",
            "id=\"comparison\"",
            "<div class=\"scroll whole\"><table>")
        .doesNotContain("<li class=\"thread-pool\">");
  }

  @Test
  void rowsOfTheOriginalAndNewOnesAreGroupsOfTableAndCards() {
    assertThat(html)
        .contains("<th scope=\"colgroup\" colspan=\"2\">As in the original</th>")
        .contains("<th scope=\"colgroup\" colspan=\"1\">New</th>")
        .containsSubsequence(
            "<h3 class=\"group\">As in the original</h3>",
            "<article><h4>vertx /io</h4><span class=\"badge",
            "<article class=\"published\"><h4>FastAPI, published:",
            "<h3 class=\"group\">New</h3>",
            "<article><h4>nima /io (partial)</h4><span class=\"badge bad\">Partial</span>");
  }

  @Test
  void nothingFromOutsideBecomesMarkup() throws IOException {
    assertThat(html).doesNotContain("<script>alert").doesNotContain("<!--");
    assertThat(html).contains("&lt;script&gt;alert(&#39;&amp;&#39;)");
    assertThat(embedded().get("results").get("machine").get("os").asString()).isEqualTo(HOSTILE);
  }

  @Test
  void thePageNeedsNothingBesideItself() {
    assertThat(html).contains("default-src 'none'").contains("Chart.js v4.5.1");
    assertThat(html).doesNotContain("{{").doesNotContain("sourceMappingURL");
    assertThat(html).doesNotContainPattern("(src|href)=\"(?!#)");
    assertThat(html.length()).isLessThan(3_000_000);
  }

  private JsonNode embedded() {
    Matcher matcher = Pattern.compile("id=\"data\">(.*?)</script>", Pattern.DOTALL).matcher(html);
    assertThat(matcher.find()).isTrue();
    return Json.LINE.readTree(matcher.group(1));
  }
}
