package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis;
import dev.handlermodels.loadtests.bench.scenario.hostile.HostileAnalysis;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis;
import dev.handlermodels.loadtests.bench.scenario.openvsclosed.OpenVsClosedAnalysis;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadAnalysis;
import dev.handlermodels.loadtests.bench.scenario.scale.ScaleAnalysis;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis;
import dev.handlermodels.loadtests.bench.scenario.streams.StreamsAnalysis;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;

/** What a folder beyond the plain table holds, so that its report can be made again. */
public enum Scenario {
  COMPARE,
  THROUGHPUT,
  SCALE,
  CPU,
  JOBS,
  FANOUT,
  DECIDE,
  STREAMS,
  HOSTILE,
  TELEMETRY,
  OVERLOAD,
  FAULTS,
  SOAK;

  private record Kind(Scenario scenario) {}

  static Path file(Path out) {
    return out.resolve("scenario.json");
  }

  public void mark(Path out) throws IOException {
    Json.write(file(out), new Kind(this));
  }

  /** Report and results.json again, from the raw files alone. */
  public static ReportPage rewrite(Path out) throws IOException {
    return switch (Json.read(file(out), Kind.class).scenario()) {
      case COMPARE -> OpenVsClosedAnalysis.report(out);
      case THROUGHPUT -> ThroughputAnalysis.report(out);
      case SCALE -> ScaleAnalysis.report(out);
      case CPU -> CpuAnalysis.report(out);
      case JOBS -> JobsAnalysis.report(out);
      case FANOUT -> FanoutAnalysis.report(out);
      case TELEMETRY -> TelemetryAnalysis.report(out);
      case DECIDE -> DecideAnalysis.report(out);
      case STREAMS -> StreamsAnalysis.report(out);
      case HOSTILE -> HostileAnalysis.report(out);
      case OVERLOAD -> OverloadAnalysis.report(out);
      case FAULTS -> FaultsAnalysis.report(out);
      case SOAK -> SoakAnalysis.report(out);
    };
  }
}
