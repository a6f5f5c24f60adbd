package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A load generator in a process of its own, which leaves its outcome in a file. */
public final class LoadProcess {
  private static final String KEEP_ALIVE = "The second load generator";
  private static final String OPEN = "The open load generator";
  private static final long POLL_MS = 20;

  /** How long a load may take beyond its plan, for its start and its end. */
  public static final long BEYOND_PLAN_MS = 20_000;

  public final ChildProcess process;
  private final BenchRun run;
  private final Path outcome;

  private LoadProcess(BenchRun run, ChildProcess process, Path outcome) {
    this.run = run;
    this.process = process;
    this.outcome = outcome;
  }

  /** Starts a load whose log stands beside its outcome. */
  public static LoadProcess start(BenchRun run, String name, List<String> command, Path outcome)
      throws IOException {
    return start(
        run, name, command, outcome, outcome.resolveSibling(outcome.getFileName() + ".log"));
  }

  public static LoadProcess start(
      BenchRun run, String name, List<String> command, Path outcome, Path log) throws IOException {
    return new LoadProcess(run, run.children.start(name, command, Map.of(), log), outcome);
  }

  /** Closed users on connections that stay open. */
  public static LoadProcess start(BenchRun run, String name, KeepAliveLoad.Plan plan, Path outcome)
      throws IOException {
    return start(run, name, Commands.keepAliveLoad(plan, outcome), outcome);
  }

  /** Runs closed users to their end. */
  public static KeepAliveLoad.Outcome run(
      BenchRun run, ChildProcess server, KeepAliveLoad.Plan plan, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    return start(run, KEEP_ALIVE, plan, outcome)
        .await(server, plan.warmupMs() + plan.windowMs(), KeepAliveLoad.Outcome.class);
  }

  /** Starts arrivals at a given rate. */
  public static LoadProcess start(BenchRun run, ArrivalLoad.Plan plan, Path outcome)
      throws IOException {
    return start(run, OPEN, Commands.arrivalLoad(plan, outcome), outcome);
  }

  /** Runs arrivals to their end. */
  public static ArrivalLoad.Outcome run(
      BenchRun run, ChildProcess server, ArrivalLoad.Plan plan, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    return start(run, plan, outcome)
        .await(server, plan.ms() + plan.timeoutMs(), ArrivalLoad.Outcome.class);
  }

  /**
   * Waits for the end of the load, and stops it where it takes too long.
   *
   * @param server whose end ends the wait
   * @param plannedMs that the load may still take by its plan
   */
  public <T> T await(ChildProcess server, long plannedMs, Class<T> type)
      throws IOException, InterruptedException, MeasurementException {
    long untilNs = System.nanoTime() + (plannedMs + BEYOND_PLAN_MS) * 1_000_000;
    while (process.isAlive() && server.isAlive() && System.nanoTime() < untilNs) {
      run.stop.pause(POLL_MS);
    }
    run.children.stop(process);
    if (Files.exists(outcome)) {
      return Json.read(outcome, type);
    }
    if (!server.isAlive()) {
      throw new MeasurementException(
          server.name + " " + server.ending() + " under the load.", server.lastLogLines());
    }
    throw new MeasurementException(
        process.name + " " + process.ending() + " without an outcome.", process.lastLogLines());
  }

  /**
   * Waits for a file by which a load says how far it is.
   *
   * @param plannedMs until then by its plan
   * @param server whose end ends the wait
   */
  public static void awaitFile(
      BenchRun run, Path file, long plannedMs, ChildProcess load, ChildProcess server)
      throws InterruptedException, MeasurementException {
    long untilNs = System.nanoTime() + (plannedMs + BEYOND_PLAN_MS) * 1_000_000;
    while (Files.notExists(file)) {
      for (ChildProcess child : new ChildProcess[] {server, load}) {
        if (!child.isAlive() && Files.notExists(file) || System.nanoTime() > untilNs) {
          throw new MeasurementException(
              child.name + " " + child.ending() + " before " + file.getFileName() + ".",
              child.lastLogLines());
        }
      }
      run.stop.pause(POLL_MS);
    }
  }
}
