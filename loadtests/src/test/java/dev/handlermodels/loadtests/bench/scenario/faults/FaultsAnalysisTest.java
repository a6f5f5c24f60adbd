package dev.handlermodels.loadtests.bench.scenario.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.Fault;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.FaultWindow;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.Point;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.UpstreamCalls;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultsAnalysisTest {
  private static final Machine MACHINE =
      new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of(), List.of());

  @TempDir Path out;

  /** Ten arrivals in 250 ms. */
  private static IntervalStats slice(Map<Integer, Integer> statuses, int maxMs) {
    int ok = statuses.getOrDefault(200, 0);
    int answers = statuses.values().stream().mapToInt(Integer::intValue).sum();
    return new IntervalStats(
        10,
        ok,
        0,
        answers - ok,
        statuses,
        10 - answers,
        0,
        0,
        0.25,
        1000,
        1000,
        1000L * maxMs,
        0,
        0);
  }

  /** 2 s well, then the fault for 2 s, then well again after so many slices. */
  private static Measured server(
      Map<Integer, Integer> during, int rootMaxMs, int wellAfterSlices, UpstreamCalls calls) {
    List<IntervalStats> io = new ArrayList<>();
    List<IntervalStats> root = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      io.add(slice(Map.of(200, 10), 20));
    }
    for (int i = 0; i < 8; i++) {
      io.add(slice(during, 20));
    }
    for (int i = 0; i < 16; i++) {
      io.add(slice(i < wellAfterSlices ? Map.of(503, 10) : Map.of(200, 10), 20));
    }
    for (int i = 0; i < 32; i++) {
      root.add(slice(Map.of(200, 10), i == 12 ? rootMaxMs : 2));
    }
    return new Measured(
        "nima",
        List.of(new FaultWindow(Fault.BLACKHOLE, 2000, 4000, 2000, 4000, calls)),
        new ArrivalLoad.Outcome(List.of(), io, 0.1),
        new ArrivalLoad.Outcome(List.of(), root, 0.1),
        0.1);
  }

  private static final UpstreamCalls FEW = new UpstreamCalls(100, 10, 50);

  private static Point point(Measured server) {
    return FaultsAnalysis.point(server, server.faults().getFirst());
  }

  @Test
  void whatClientsGotDuringAFaultIsCountedByStatus() {
    Point point = point(server(Map.of(504, 3, 503, 7), 5, 3, FEW));

    assertThat(point.arrivals()).isEqualTo(80);
    assertThat(point.status504()).isEqualTo(24);
    assertThat(point.status503()).isEqualTo(56);
    assertThat(point.unexpected()).isZero();
    assertThat(point.recoverySeconds()).isEqualTo(0.75);
    assertThat(point.slowestMs()).isEqualTo(5);
    assertThat(point.targetReached()).isTrue();
    assertThat(FaultsAnalysis.finding("nima", List.of(point)))
        .contains("nothing but 200, 502, 503 and 504", "10.0 %", "Reached.");
  }

  @Test
  void eachTargetCanBeMissed() {
    assertThat(point(server(Map.of(500, 10), 5, 0, FEW)).targetReached()).isFalse();
    assertThat(point(server(Map.of(502, 9), 5, 0, FEW)).unexpected()).isEqualTo(8);
    assertThat(point(server(Map.of(502, 9), 5, 0, FEW)).targetReached()).isFalse();
    assertThat(point(server(Map.of(502, 10), 101, 0, FEW)).targetReached()).isFalse();
    assertThat(point(server(Map.of(502, 10), 5, 16, FEW)).recoverySeconds()).isNull();
    assertThat(point(server(Map.of(502, 10), 5, 16, FEW)).targetReached()).isFalse();
    assertThat(FaultsAnalysis.finding("nima", List.of(point(server(Map.of(500, 10), 5, 0, FEW)))))
        .contains("80 arrivals got something else", "Not reached: blackhole.");
    Point often = point(server(Map.of(502, 10), 5, 0, new UpstreamCalls(100, 11, 0)));
    assertThat(often.targetReached()).isTrue();
    assertThat(FaultsAnalysis.finding("nima", List.of(often))).contains("Not reached");
  }

  @Test
  void countersAreSummedOverAllUpstreams() {
    String metrics =
        """
        # TYPE upstream_calls_total counter
        upstream_calls_total{server="nima",upstream="orders"} 3.0
        upstream_calls_total{server="nima",upstream="wait"} 1.2E4
        """;
    assertThat(FaultsRun.sum(metrics, "upstream_calls_total")).isEqualTo(12_003);
  }

  @Test
  void theReportIsMadeFromTheRawFileAlone() throws IOException {
    Json.write(
        FaultsAnalysis.raw(out),
        new FaultsAnalysis.Raw(
            MACHINE, "The setting.", 1, List.of(server(Map.of(504, 3, 503, 7), 5, 3, FEW))));
    ReportPage page = FaultsAnalysis.report(out);

    assertThat(FaultsAnalysis.complete(out)).isTrue();
    assertThat(page.sections().getFirst().cells().getFirst())
        .startsWith("blackhole", "0 of 80", "0", "56", "24", "0", "0.75 s", "80 of 80");
    assertThat(page.sections().getFirst().charts().getFirst().lines().getFirst().y())
        .containsExactly(40.0, 40.0, 0.0, 0.0, 10.0, 40.0, 40.0, 40.0);
    assertThat(Files.readString(out.resolve("report.html"))).contains("answers with status 200");
  }
}
