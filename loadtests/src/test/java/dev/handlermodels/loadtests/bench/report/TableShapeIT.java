package dev.handlermodels.loadtests.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.process.ChildProcesses;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.StopSignal;
import dev.handlermodels.loadtests.bench.row.RowRunner;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.TableRows;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shape of the table, by the real processes in a run of seconds: blocked loop, pool, loop and
 * virtual threads. 60 users who wait 200 ms make ceilings of 5, 40, 300 and 300 answers/s; the
 * margins are wide because a build machine is busy. After 4 s of warm-up the JVMs are compiled far
 * enough: after 1 s one loop answered half as often as two carriers.
 */
class TableShapeIT {
  private static final List<Row> ROWS =
      List.of(
          TableRows.VERTX_IO_BLOCKING,
          TableRows.BLOCKING_IO,
          TableRows.VERTX_IO,
          TableRows.NIMA_IO);

  @TempDir private static Path out;
  private static Results results;
  private static Map<String, Double> answersPerSecond;

  @BeforeAll
  static void run() throws Exception {
    Layout layout = new Layout(Path.of("").toAbsolutePath().getParent(), out);
    Stream.concat(
            Stream.of(Layout.UPSTREAM_JAR), ROWS.stream().map(r -> Layout.serverJar(r.server())))
        .forEach(jar -> assertThat(layout.root().resolve(jar)).as("built before").exists());
    Settings settings =
        new Settings(60, 200, 0, 4, 2, 5000, 1, 8, 8, freePort(), freePort(), freePort());
    List<String> ids = ROWS.stream().map(Row::id).toList();
    Json.write(Layout.run(out), new RunManifest("now", Machine.here(layout), settings, ids));
    Progress progress =
        new Progress(new PrintStream(OutputStream.nullOutputStream()), false, ROWS.size());
    try (ChildProcesses children = new ChildProcesses(layout.root());
        LoopbackClient loopback = new LoopbackClient()) {
      for (Row row : ROWS) {
        new RowRunner(layout, settings, children, new StopSignal(), progress, loopback).run(row, 1);
      }
    }
    results = ReportWriter.write(out);
    answersPerSecond =
        results.rows().stream()
            .filter(row -> row.successesPerSecond() != null)
            .collect(Collectors.toMap(RowResult::id, RowResult::successesPerSecond));
  }

  @Test
  void everyRowIsComplete() {
    assertThat(results.rows())
        .allSatisfy(row -> assertThat(row.trouble()).as(row.id()).isNull())
        .hasSize(ROWS.size());
  }

  @Test
  void aBlockedLoopIsFarBelowThePoolAndThePoolFarBelowLoopAndVirtualThreads() {
    double blockedLoop = answers(TableRows.VERTX_IO_BLOCKING);
    double pool = answers(TableRows.BLOCKING_IO);

    assertThat(blockedLoop).isPositive().isLessThan(pool / 3);
    assertThat(pool).isLessThan(answers(TableRows.VERTX_IO) / 2);
    assertThat(pool).isLessThan(answers(TableRows.NIMA_IO) / 2);
  }

  @Test
  void loopAndVirtualThreadsAreAlike() {
    assertThat(answers(TableRows.VERTX_IO) / answers(TableRows.NIMA_IO)).isBetween(0.6, 1.6);
  }

  @Test
  void noRowAnswersMoreThanItsCeilingAllows() {
    assertThat(results.rows())
        .allSatisfy(row -> assertThat(row.verdict().aboveCeiling().fires()).isFalse());
  }

  @Test
  void theServersDifferInNothingButTheirHandlerModel() {
    assertThat(results.ledger().servers()).containsExactly("blocking", "nima", "vertx");
    assertThat(results.ledger().differences()).isEmpty();
  }

  @Test
  void theReportIsTheSameWhenItIsMadeAgainFromTheRawFiles() throws IOException {
    String page = Files.readString(out.resolve("report.html"));

    assertThat(ReportWriter.write(out)).isEqualTo(results);
    assertThat(out.resolve("report.html")).hasContent(page);
  }

  private static double answers(Row row) {
    return answersPerSecond.get(row.id());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
