package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Candidate;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Question;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Work;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bench decide}. */
@Command(
    name = "decide",
    description = "Which model for which kind of work, with your wait, CPU, users and SLO.")
public final class DecideCommand extends ScenarioCommand {
  private static final int WORKERS = 40;

  /** Some waits have to pass before a closed load is in step. */
  private static final int WARMUP_WAITS = 3;

  private static final int CPU_USERS_PER_CORE = 4;

  /** A quarter of what jvm.options gives. */
  private static final int LITTLE_HEAP_MIB = 64;

  /** An asynchronous driver of a database is fast once it is compiled: see DbRun. */
  private static final int STEPS_WARMUP_MS = 20_000;

  private static final int STEPS_WINDOW_MS = 15_000;

  private static final int CORES = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--users",
      paramLabel = "N",
      description = "Users who wait for an answer at the same time, 1 to 2000; default 500.")
  private int users = 500;

  @Option(
      names = "--wait",
      paramLabel = "MS",
      description = "How long your upstream takes, 1 to 10000 ms; default 1000.")
  private int waitMs = 1000;

  @Option(
      names = "--cpu-ms",
      paramLabel = "MS",
      description =
          "CPU work of a request, 1 to 1000 ms of one of this machine's processors; default 2.")
  private int cpuMs = 2;

  @Option(
      names = "--slo-ms",
      paramLabel = "MS",
      description =
          "The longest time for an answer, 1 to 60000 ms; default twice the wait, or twice the"
              + " steps.")
  private Integer sloMs;

  @Option(
      names = "--pool",
      paramLabel = "N",
      description =
          "Threads of the pool that runs handlers (fixed pool), and of the workers behind the event"
              + " loop, 1 to 2000; default 40. The pool of a database is that of --step"
              + " sql:MS@POOL.")
  private int poolSize = WORKERS;

  /** Measured first; null until then, and where no step computes. */
  private Double cpuUnitMs;

  @Option(
      names = "--step",
      paramLabel = "KIND:MS@POOL",
      description =
          "A step of your handler, in order, up to 32: call, sql or cpu, how long it takes, and the"
              + " size of the pool it needs a place of. Answers at once, by arithmetic.")
  private List<String> steps = List.of();

  @Option(
      names = "--run",
      description = "With --step: measures a handler of these steps on each server as well.")
  private boolean run;

  @Override
  protected void check() {
    options.check("--users", users, new Limits(1, 2000));
    options.check("--wait", waitMs, new Limits(1, 10_000));
    options.check("--cpu-ms", cpuMs, new Limits(1, 1000));
    options.check("--slo-ms", question().sloMs(), new Limits(1, 60_000));
    options.check("--pool", poolSize, new Limits(1, 2000));
    if (!steps.isEmpty()) {
      arithmetic();
    }
    if (run) {
      checkRun();
    }
  }

  private void checkRun() {
    if (steps.isEmpty()) {
      throw options.wrong("--run goes with --step.");
    }
    try {
      StepsRun.check(arithmetic().steps());
    } catch (IllegalArgumentException e) {
      throw options.wrong(e.getMessage());
    }
  }

  @Override
  protected ReportPage withoutRun() {
    return steps.isEmpty() || run ? null : arithmetic().page();
  }

  private StepArithmetic arithmetic() {
    try {
      Steps asked = Steps.of(steps);
      int longestMs = sloMs == null ? 2 * (asked.waitMs() + asked.ms(Steps.Kind.CPU)) : sloMs;
      return new StepArithmetic(asked, users, longestMs, poolSize, CORES);
    } catch (IllegalArgumentException e) {
      throw options.wrong(e.getMessage());
    }
  }

  private Question question() {
    return new Question(
        users,
        waitMs,
        cpuMs,
        sloMs == null ? 2 * waitMs : sloMs,
        poolSize,
        Math.min(users, CPU_USERS_PER_CORE * CORES),
        LITTLE_HEAP_MIB,
        cpuUnitMs);
  }

  private int warmupMs() {
    return Math.max(options.quickOr(3_000, 8_000), WARMUP_WAITS * waitMs);
  }

  private int windowMs() {
    return Math.max(options.quickOr(4_000, 10_000), WARMUP_WAITS * waitMs);
  }

  @Override
  protected int plannedRows() {
    return toMeasure() + (needsCpuUnit() ? 1 : 0);
  }

  private int toMeasure() {
    return run ? StepsRun.MODELS.size() : ofQuestion();
  }

  private boolean needsCpuUnit() {
    return !run || arithmetic().steps().ms(Steps.Kind.CPU) > 0;
  }

  private static int ofQuestion() {
    return Stream.of(Work.values()).mapToInt(work -> work.candidates.size()).sum();
  }

  @Override
  protected void measure(BenchRun bench, Progress progress)
      throws IOException, InterruptedException {
    Machine machine = Machine.here(bench.layout);
    boolean known =
        !needsCpuUnit()
            || attempt(
                bench,
                progress,
                "a unit of CPU work",
                () -> {
                  progress.phase("measure");
                  cpuUnitMs = CpuUnit.measureMs(bench, options.settings(users, 0));
                });
    if (run) {
      measureSteps(bench, progress, machine, known ? StepsRun.MODELS : List.of());
    } else {
      measureQuestion(bench, progress, machine, known ? List.of(Work.values()) : List.of());
    }
  }

  private void measureSteps(
      BenchRun bench, Progress progress, Machine machine, List<StepArithmetic.Model> models)
      throws IOException, InterruptedException {
    StepArithmetic arithmetic = arithmetic();
    StepsRun measurement =
        new StepsRun(
            bench,
            options.settings(users, 0).withThreads(CORES, poolSize, poolSize),
            progress,
            arithmetic,
            cpuUnitMs,
            options.quickOr(8_000, STEPS_WARMUP_MS),
            options.quickOr(4_000, STEPS_WINDOW_MS));
    List<StepsAnalysis.Measured> rows = new ArrayList<>();
    StepsAnalysis.Raw raw =
        new StepsAnalysis.Raw(
            machine, stepsSetting(machine, measurement), arithmetic, toMeasure(), rows);
    Json.write(StepsAnalysis.raw(bench.layout.out()), raw);
    for (StepArithmetic.Model model : models) {
      attempt(bench, progress, model.label, () -> rows.add(measurement.run(model)));
      Json.write(StepsAnalysis.raw(bench.layout.out()), raw);
    }
  }

  private String stepsSetting(Machine machine, StepsRun measurement) {
    return String.format(
        Locale.ROOT,
        "%s closed users without think time ask for %s; %s s of warm-up, %s s measured, a fresh"
            + " server for each, %s event loops, pool and workers of %s threads, an embedded"
            + " PostgreSQL where there are queries.%s %s",
        Numbers.whole(users),
        measurement.path(),
        Numbers.text(measurement.warmupMs() / 1000.0, 0),
        Numbers.text(measurement.windowMs() / 1000.0, 0),
        CORES,
        poolSize,
        cpuUnitMs != null ? " A unit of CPU work took " + Numbers.text(cpuUnitMs, 2) + " ms." : "",
        machine.sentence());
  }

  private void measureQuestion(BenchRun bench, Progress progress, Machine machine, List<Work> kinds)
      throws IOException, InterruptedException {
    List<Measured> rows = new ArrayList<>();
    // As in production: a loop for each core.
    Settings settings = options.settings(users, waitMs).withThreads(CORES, poolSize, poolSize);
    DecideRun decide = new DecideRun(bench, settings, progress, question(), warmupMs(), windowMs());
    DecideAnalysis.Raw raw =
        new DecideAnalysis.Raw(machine, setting(machine), question(), ofQuestion(), rows);
    Json.write(DecideAnalysis.raw(bench.layout.out()), raw);
    for (Work work : kinds) {
      for (Candidate candidate : work.candidates) {
        attempt(
            bench,
            progress,
            work.label + ": " + candidate.label(),
            () -> rows.add(decide.run(work, candidate)));
        Json.write(DecideAnalysis.raw(bench.layout.out()), raw);
      }
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return isOfSteps(out) ? StepsAnalysis.report(out) : DecideAnalysis.report(out);
  }

  private static boolean isOfSteps(Path out) {
    return Files.exists(StepsAnalysis.raw(out));
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return isOfSteps(out) ? StepsAnalysis.complete(out) : DecideAnalysis.complete(out);
  }

  private String setting(Machine machine) {
    return String.format(
        Locale.ROOT,
        ("%d closed users without think time (%d where few are asked for, and for CPU-bound work),"
            + " an upstream of %d ms, %d ms of CPU work, at most %d ms for an answer. That work is"
            + " %d units of 20,000 hashes; one took %s ms on a processor of this machine. %d event"
            + " loops, pool and workers of %d threads, heap as in jvm.options and %d MiB for"
            + " little memory; %s s of warm-up, %s s measured, a fresh server for each. %s"),
        users,
        question().fewUsers(),
        waitMs,
        cpuMs,
        question().sloMs(),
        question().work(),
        Numbers.text(cpuUnitMs, 2),
        CORES,
        poolSize,
        LITTLE_HEAP_MIB,
        Numbers.text(warmupMs() / 1000.0, 0),
        Numbers.text(windowMs() / 1000.0, 0),
        machine.sentence());
  }
}
