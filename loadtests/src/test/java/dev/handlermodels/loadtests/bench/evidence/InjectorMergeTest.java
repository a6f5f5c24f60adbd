package dev.handlermodels.loadtests.bench.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.Warmup;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import dev.handlermodels.loadtests.bench.row.MeasuredWindow;
import dev.handlermodels.loadtests.bench.row.RowOutcome;
import dev.handlermodels.loadtests.bench.row.SimulationLogFile;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two injectors, one fast and idle, one slow and busy: figures that an average would get wrong. */
class InjectorMergeTest {
  private static final long BEGIN_MS = 1_000_000;
  private static final Target TARGET = new Target("http://10.0.0.1:80", null);
  private static final Settings SETTINGS =
      new Settings(10, 100, 0, 1, 10, 5000, 1, 40, 40, 1, 2, 3).against(TARGET);

  @TempDir private Path out;

  @Test
  void percentilesAreThoseOfAllRecordsAndNotAnAverageOfPercentiles() throws IOException {
    injector("0", SETTINGS, BEGIN_MS, 1, 100, 100); // 1 answer in 100 ms, of 100 ms
    injector("1", SETTINGS, BEGIN_MS, 9, 100, 900); // 9 of them, of 900 ms

    RowResult row = merged();

    assertThat(row.users()).isEqualTo(20);
    assertThat(row.requests()).isEqualTo(1000);
    assertThat(row.requestsPerSecond()).isEqualTo(100);
    assertThat(row.latencyMs().p50()).isEqualTo(900); // their medians average to 500
    assertThat(row.latencyMs().mean()).isEqualTo(820);
    assertThat(row.usersNeverServed()).isEqualTo(2);
    assertThat(row.ceilingPerSecond()).isEqualTo(200);
  }

  @Test
  void onlyTheTimeCountsInWhichAllOfThemMeasured() throws IOException {
    injector("0", SETTINGS, BEGIN_MS, 1, 100, 100);
    injector("1", SETTINGS, BEGIN_MS + 3000, 1, 100, 100);

    RowResult row = merged();

    assertThat(row.measuredSeconds()).isEqualTo(7);
    assertThat(row.requests()).isEqualTo(2 * 70);
  }

  @Test
  void failuresAndTroubleOfOneAreThoseOfAll() throws IOException {
    injector("0", SETTINGS, BEGIN_MS, 1, 100, 100);
    injector("1", SETTINGS, BEGIN_MS, 1, 100, 100);
    Path row = new Layout(null, out.resolve("1")).row("nima-io");
    Json.write(
        Layout.facts(row),
        new RowOutcome("nima-io", 1, null, "It broke.", BEGIN_MS + 5000, List.of("last words")));

    RowResult merged = merged();

    assertThat(merged.status()).isEqualTo("partial");
    assertThat(merged.trouble()).isEqualTo("It broke.");
    assertThat(merged.measuredSeconds()).isEqualTo(5);
  }

  @Test
  void theReportCanBeMadeAgainAndSaysWhatItWasMergedFrom() throws IOException {
    injector("0", SETTINGS, BEGIN_MS, 1, 100, 100);
    injector("1", SETTINGS, BEGIN_MS, 1, 100, 100);
    RowResult first = merged();

    assertThat(InjectorMerge.isOf(out)).isFalse();
    Results again = ReportWriter.write(out);

    assertThat(again.rows().getFirst()).isEqualTo(first);
    assertThat(again.notes().getFirst()).startsWith("Merged from the records of 2 injectors");
    assertThat(Files.readString(out.resolve("report.html"))).contains("2 injectors");
  }

  @Test
  void injectorsThatDidNotRunAtTheSameTimeAreRefused() throws IOException {
    injector("0", SETTINGS, BEGIN_MS, 1, 100, 100);
    injector("1", SETTINGS, BEGIN_MS + 6000, 1, 100, 100);

    assertThatThrownBy(() -> InjectorMerge.write(out))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "The injectors measured nima-io together for 4 of 10 s only; start them at the same"
                + " time.");
  }

  @Test
  void injectorsOfDifferentLoadsAreRefused() throws IOException {
    injector("0", SETTINGS, BEGIN_MS, 1, 100, 100);
    Settings longer = new Settings(10, 200, 0, 1, 10, 5000, 1, 40, 40, 1, 2, 3).against(TARGET);
    injector("1", longer, BEGIN_MS, 1, 100, 100);

    assertThatThrownBy(() -> InjectorMerge.write(out))
        .hasMessageContaining("is not the same load as");
  }

  @Test
  void injectorsMayDifferInTheirUsers() throws IOException {
    injector("0", SETTINGS, BEGIN_MS, 1, 100, 100);
    injector("1", SETTINGS.merged(30, 10), BEGIN_MS, 1, 100, 100);

    assertThat(merged().users()).isEqualTo(40);
  }

  private RowResult merged() throws IOException {
    assertThat(InjectorMerge.isOf(out)).isTrue();
    InjectorMerge.write(out);
    return ReportWriter.write(out).rows().getFirst();
  }

  /** Answers end together, each so many ms, from a second before the window to its end. */
  private void injector(
      String name, Settings settings, long windowMs, int together, int everyMs, int latencyMs)
      throws IOException {
    Path folder = Files.createDirectories(out.resolve(name));
    Machine machine = new Machine("os", "cpu", 2, 1024, "jdk", null, List.of(), List.of());
    Json.write(Layout.run(folder), new RunManifest("now", machine, settings, List.of("nima-io")));
    Path row = Files.createDirectories(new Layout(null, folder).row("nima-io"));
    Json.write(Layout.facts(row), new RowOutcome("nima-io", 1, null, null, null, List.of()));
    long startedAtMs = windowMs - 1000;
    Json.write(Layout.users(row), new UserStats(startedAtMs, startedAtMs, true, 1, 0, 10, 9, 1, 5));
    Json.write(Layout.window(row), new MeasuredWindow(windowMs, new Warmup(5, List.of())));
    List<Response> responses =
        LongStream.iterate(startedAtMs, endMs -> endMs < windowMs + 10_000, ms -> ms + everyMs)
            .boxed()
            .flatMap(
                endMs ->
                    LongStream.range(0, together)
                        .mapToObj(_ -> new Response(endMs - latencyMs, endMs, true, "")))
            .toList();
    Files.write(
        Layout.simulationLog(row), SimulationLogFile.of("3.15.1", startedAtMs - 1000, responses));
  }
}
