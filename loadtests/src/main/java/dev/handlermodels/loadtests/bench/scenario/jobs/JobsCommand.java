package dev.handlermodels.loadtests.bench.scenario.jobs;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed.Server;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.ExecutionMode;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.Round;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;

/** {@code ./bench jobs}. */
@Command(
    name = "jobs",
    description = "Four equal CPU jobs: in turn, on the loop, in threads, in JVMs.")
public final class JobsCommand extends ScenarioCommand {
  private int rounds() {
    return options.quickOr(1, 5);
  }

  private int work() {
    return options.quickOr(500, 3000);
  }

  @Override
  protected int plannedRows() {
    return rounds() * ExecutionMode.values().length + 1;
  }

  /** The servers of all ways run all the time, so one failure ends the scenario. */
  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    JobsRun jobs = new JobsRun(run, options.settings(JobsAnalysis.JOBS, 0), work());
    List<Round> rounds = new ArrayList<>();
    AtomicReference<String> hash = new AtomicReference<>();
    attempt(
        run,
        progress,
        "servers",
        () -> {
          progress.phase("start");
          Map<ExecutionMode, List<Server>> servers = jobs.start();
          progress.phase("warm-up");
          hash.set(jobs.warmUp(servers));
          for (int round = 1; round <= rounds(); round++) {
            for (ExecutionMode way : ExecutionMode.values()) {
              progress.row(way.label);
              progress.phase(String.format(Locale.ROOT, "round %d of %d", round, rounds()));
              rounds.add(jobs.round(way, round, servers.get(way), hash.get()));
            }
          }
        });
    Json.write(
        JobsAnalysis.raw(run.layout.out()),
        new JobsAnalysis.Raw(
            machine, setting(machine), work(), hash.get(), plannedRows() - 1, rounds));
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return JobsAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return JobsAnalysis.complete(out);
  }

  private String setting(Machine machine) {
    return String.format(
        Locale.ROOT,
        ("%d jobs of %d units of work each (20,000 hashes a unit, some 1 ms), the outcome of"
            + " every job checked; all servers run and are warm; rounds in which the ways take"
            + " turns: %d; medians; wall time from the first request to the last answer. %s"),
        JobsAnalysis.JOBS,
        work(),
        rounds(),
        machine.sentence());
  }
}
