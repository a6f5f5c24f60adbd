package dev.handlermodels.loadtests.bench.scenario.jobs;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.process.TestBed.Server;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.Way;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./bench jobs}. */
@Command(
    name = "jobs",
    description = "Four equal jobs for the processor: in turn, on the loop, in threads, in JVMs.")
public final class JobsCommand implements Callable<Integer> {
  /** Ends a request that hangs. */
  private static final long TIMEOUT_MS = 300_000;

  private static final int WARMUP_WORK = 500;

  @Mixin private ScenarioOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return new BenchRun(options.layout()).run(Scenario.JOBS, this::measure);
  }

  private int rounds() {
    return options.quick ? 1 : 5;
  }

  private int work() {
    return options.quick ? 500 : 3000;
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Path out = session.layout.out();
    int planned = rounds() * Way.values().length;
    Progress progress = options.progress(planned + 1);
    Machine machine = Machine.here(session.layout);
    TestBed stage = new TestBed(session, loopback, options.settings(JobsAnalysis.JOBS, 0));
    List<Round> rounds = new ArrayList<>();
    String hash = null;
    try {
      progress.row("servers");
      progress.phase("start");
      Map<Way, List<Server>> servers = start(stage, out);
      progress.phase("warm-up");
      hash = warmUp(stage, servers);
      for (int round = 1; round <= rounds(); round++) {
        for (Way way : Way.values()) {
          progress.row(way.label);
          progress.phase("round %d of %d".formatted(round, rounds()));
          rounds.add(round(stage, way, round, servers.get(way), hash));
        }
      }
    } catch (MeasurementException e) {
      progress.say(e.getMessage());
      e.lastLogLines().forEach(progress::say);
    } finally {
      session.children.stopAll();
    }
    Json.write(
        JobsAnalysis.raw(out),
        new JobsAnalysis.Raw(machine, setting(machine), work(), hash, planned, rounds));
    progress.say("");
    return session.print(JobsAnalysis.report(out), JobsAnalysis.complete(out));
  }

  /** All run all the time; those that have no job sleep. */
  private static Map<Way, List<Server>> start(TestBed stage, Path out)
      throws IOException, InterruptedException, MeasurementException {
    Map<String, Server> one = new HashMap<>();
    one.put("vertx", stage.server("vertx", out.resolve("vertx")));
    for (String name : List.of("nima", "blocking")) {
      one.put(name, stage.another(name, out.resolve(name).resolve("server.log")));
    }
    List<Server> processes = new ArrayList<>();
    for (int job = 1; job <= JobsAnalysis.JOBS; job++) {
      processes.add(
          stage.another("blocking", out.resolve("processes").resolve("server-" + job + ".log")));
    }
    Map<Way, List<Server>> servers = new EnumMap<>(Way.class);
    for (Way way : Way.values()) {
      servers.put(way, way == Way.PROCESSES ? processes : List.of(one.get(way.server)));
    }
    return servers;
  }

  /** Until the chain is compiled in each; and what a job comes to, which all have to agree on. */
  private String warmUp(TestBed stage, Map<Way, List<Server>> servers)
      throws InterruptedException, MeasurementException {
    for (Way way : Way.values()) {
      for (int i = 0; i < 2; i++) {
        stage.all(urls(way, servers.get(way), WARMUP_WORK), TIMEOUT_MS);
      }
    }
    Server first = servers.get(Way.SEQUENTIAL).getFirst();
    return hash(stage.all(List.of(first.url("/cpu?work=" + work())), TIMEOUT_MS).getFirst());
  }

  private Round round(TestBed stage, Way way, int round, List<Server> servers, String hash)
      throws InterruptedException, MeasurementException {
    List<String> urls = urls(way, servers, work());
    List<String> answers = new ArrayList<>();
    Duration cpuBefore = cpu(servers);
    MachineUse machineBefore = ProcessSampler.machine();
    long fromNs = System.nanoTime();
    if (way == Way.SEQUENTIAL) {
      for (String url : urls) {
        answers.addAll(stage.all(List.of(url), TIMEOUT_MS));
      }
    } else {
      answers.addAll(stage.all(urls, TIMEOUT_MS));
    }
    double wallMs = (System.nanoTime() - fromNs) / 1e6;
    Duration cpuAfter = cpu(servers);
    for (String answer : answers) {
      if (!hash(answer).equals(hash)) {
        throw new MeasurementException(
            way.label + " came to another outcome: " + answer, List.of());
      }
    }
    Double cpuMs =
        cpuBefore == null || cpuAfter == null ? null : cpuAfter.minus(cpuBefore).toNanos() / 1e6;
    return new Round(
        way,
        round,
        Numbers.round(wallMs, 1),
        cpuMs,
        otherCores(machineBefore, ProcessSampler.machine(), cpuMs, wallMs));
  }

  /** One job for each server where there are several. */
  private static List<String> urls(Way way, List<Server> servers, int work) {
    String target = way.path + "?work=" + work;
    return servers.size() == 1
        ? Collections.nCopies(JobsAnalysis.JOBS, servers.getFirst().url(target))
        : servers.stream().map(server -> server.url(target)).toList();
  }

  private static String hash(String answer) {
    return Json.LINE.readTree(answer).at("/computed/hash").asString();
  }

  private static Duration cpu(List<Server> servers) {
    Duration sum = Duration.ZERO;
    for (Server server : servers) {
      Duration own = server.cpu();
      if (own == null) {
        return null;
      }
      sum = sum.plus(own);
    }
    return sum;
  }

  private static Double otherCores(
      MachineUse before, MachineUse after, Double cpuMs, double wallMs) {
    if (before == null || after == null || cpuMs == null) {
      return null;
    }
    double ticks = Math.max(1, after.totalTicks() - before.totalTicks());
    int cores = Runtime.getRuntime().availableProcessors();
    double busy = (after.busyTicks() - before.busyTicks()) / ticks * cores;
    return Numbers.round(Math.max(0, busy - cpuMs / wallMs), 2);
  }

  private String setting(Machine machine) {
    return ("%d jobs of %d units of work each (20,000 hashes a unit, some 1 ms), the outcome of"
            + " every job checked; all servers run and are warm; rounds in which the ways take"
            + " turns: %d; medians; wall time from the first request to the last answer. %s")
        .formatted(JobsAnalysis.JOBS, work(), rounds(), machine.sentence());
  }
}
