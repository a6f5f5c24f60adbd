package dev.handlermodels.loadtests.bench.scenario.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.Scenarios;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.scenario.streams.StreamsAnalysis.Reading;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.StreamLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamsAnalysisTest {
  private static final Machine MACHINE =
      new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of(), List.of());

  @TempDir Path out;

  private static StreamLoad.Plan load(int streams) {
    return new StreamLoad.Plan(1, streams, 3600, 1000, 60_000, 10_000, 20_000, 30_000);
  }

  private static StreamsAnalysis.Raw raw(
      String server, int streams, long rssPeakKiB, int failures) {
    return new StreamsAnalysis.Raw(
        server,
        new StreamLoad.Outcome(
            streams,
            streams - failures,
            failures == 0 ? 1500L : null,
            2_000,
            9_000,
            12_000,
            failures,
            0,
            20L * streams,
            20.0,
            streams,
            400,
            3_000,
            8_000,
            0.25),
        new Reading(1_000L, 100 * 1024L, 100 * 1024L, 20, 4_000_000L, 0L, 100.0),
        new Reading(2_000L, 300 * 1024L, 300 * 1024L, 25, null, (long) streams, 250.0),
        new Reading(4_000L, 300 * 1024L, rssPeakKiB, 26, 4_000_000L + streams * 2048L, null, 650.5),
        0.1);
  }

  @Test
  void costsAreThoseOfOneStreamAndOneEvent() {
    StreamsAnalysis.Point point =
        StreamsAnalysis.point(raw("vertx", 5000, 310 * 1024, 0), load(5000));

    assertThat(point.cpuUsPerEvent()).isEqualTo(20); // 2 s for 100,000 events
    assertThat(point.gcPauseMs()).isEqualTo(400.5);
    assertThat(point.heapBytesPerStream()).isEqualTo(2048);
    assertThat(point.rssBytesPerStream()).isEqualTo(41_943); // 200 MiB ÷ 5000
    assertThat(point.shareOfSchedule()).isEqualTo(1);
    assertThat(point.lateP99Ms()).isEqualTo(3);
    assertThat(point.targetReached()).isTrue();
    assertThat(point.disturbed()).isFalse();
  }

  @Test
  void theTargetIsMissedByMemoryOrByAStreamAndUnknownForFewerStreams() {
    assertThat(StreamsAnalysis.point(raw("vertx", 5000, 600 * 1024, 0), load(5000)).targetReached())
        .isFalse();
    assertThat(StreamsAnalysis.point(raw("vertx", 5000, 310 * 1024, 1), load(5000)).targetReached())
        .isFalse();
    assertThat(StreamsAnalysis.point(raw("vertx", 100, 310 * 1024, 0), load(100)).targetReached())
        .isNull();
  }

  @Test
  void aFindingSaysWhatAStreamCosts() {
    assertThat(
            StreamsAnalysis.finding(
                StreamsAnalysis.point(raw("nima", 5000, 310 * 1024, 0), load(5000))))
        .isEqualTo(
            "nima: 5,000 streams, 100.0 % of the scheduled events, late by 0.4 ms (p50) and 3.0 ms"
                + " (p99); between two items each stream holds a virtual thread asleep, its stack"
                + " on the heap: 2.0 KiB of live heap and 41.0 KiB of memory in all; RSS peak 310"
                + " MiB on 26 OS threads. Target, 5,000 streams in 600 MiB: reached.");
  }

  @Test
  void aReportIsMadeOfWhatTheServersLeft() throws IOException {
    Json.write(StreamsAnalysis.plan(out), new StreamsAnalysis.Plan(MACHINE, load(5000)));
    for (String server : List.of("vertx", "nima")) {
      Files.createDirectories(out.resolve(server));
      Json.write(
          StreamsAnalysis.Raw.file(out, server),
          raw(server, 5000, 310 * 1024, server.equals("nima") ? 3 : 0));
    }
    ScenarioFile.write(out, new StreamsCommand().id());

    ReportPage page = Scenarios.rewrite(out);

    assertThat(page.sections().getFirst().cells()).hasSize(2);
    assertThat(page.findings().getLast()).contains("3 streams failed", "not reached");
    assertThat(Files.readString(out.resolve("report.html"))).contains("Streams at once");
    assertThat(StreamsAnalysis.complete(out)).isFalse();
  }
}
