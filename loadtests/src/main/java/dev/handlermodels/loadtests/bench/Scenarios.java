package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacityCommand;
import dev.handlermodels.loadtests.bench.scenario.chat.ChatCommand;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuCommand;
import dev.handlermodels.loadtests.bench.scenario.db.DbCommand;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideCommand;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutCommand;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsCommand;
import dev.handlermodels.loadtests.bench.scenario.hostile.HostileCommand;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsCommand;
import dev.handlermodels.loadtests.bench.scenario.jvm.JvmCommand;
import dev.handlermodels.loadtests.bench.scenario.openvsclosed.OpenVsClosedCommand;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadCommand;
import dev.handlermodels.loadtests.bench.scenario.scale.ScaleCommand;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakCommand;
import dev.handlermodels.loadtests.bench.scenario.streams.StreamsCommand;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryCommand;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The scenarios of the bench. A new one is a line in this list. */
public final class Scenarios {
  private Scenarios() {}

  /** In the order of the help. */
  static List<ScenarioCommand> all() {
    return List.of(
        new OpenVsClosedCommand(),
        new ThroughputCommand(),
        new ScaleCommand(),
        new CpuCommand(),
        new JobsCommand(),
        new DbCommand(),
        new FanoutCommand(),
        new TelemetryCommand(),
        new DecideCommand(),
        new CapacityCommand(),
        new JvmCommand(),
        new StreamsCommand(),
        new ChatCommand(),
        new HostileCommand(),
        new OverloadCommand(),
        new FaultsCommand(),
        new SoakCommand());
  }

  /** Writes the report of a scenario's folder again, from its raw files alone. */
  public static ReportPage rewrite(Path out) throws IOException {
    String id = ScenarioFile.read(out);
    for (ScenarioCommand scenario : all()) {
      if (scenario.id().equals(id)) {
        return scenario.report(out);
      }
    }
    throw new IOException(ScenarioFile.of(out) + " names a scenario that is not known: " + id);
  }
}
