package dev.handlermodels.loadtests.bench.scenario.jobs;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.process.TestBed.Server;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.ExecutionMode;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.Round;
import dev.handlermodels.loadtests.bench.servers.Servers;
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

/** The servers, and the four jobs done once in one of the ways to do them. */
record JobsRun(BenchRun run, Settings settings, int work) {
  /** Ends a request that hangs. */
  private static final long TIMEOUT_MS = 300_000;

  private static final int WARMUP_WORK = 500;

  /** All run all the time; those that have no job sleep. */
  Map<ExecutionMode, List<Server>> start()
      throws IOException, InterruptedException, MeasurementException {
    TestBed testBed = new TestBed(run, settings);
    Path out = run.layout.out();
    Map<String, Server> one = new HashMap<>();
    for (String name : Servers.ALL) {
      one.put(
          name,
          one.isEmpty()
              ? testBed.server(name, out.resolve(name))
              : testBed.another(name, out.resolve(name).resolve("server.log")));
    }
    List<Server> processes = new ArrayList<>();
    for (int job = 1; job <= JobsAnalysis.JOBS; job++) {
      processes.add(
          testBed.another(
              ExecutionMode.PROCESSES.server,
              out.resolve("processes").resolve("server-" + job + ".log")));
    }
    Map<ExecutionMode, List<Server>> servers = new EnumMap<>(ExecutionMode.class);
    for (ExecutionMode way : ExecutionMode.values()) {
      servers.put(way, way == ExecutionMode.PROCESSES ? processes : List.of(one.get(way.server)));
    }
    return servers;
  }

  /**
   * Loads each server until its code is compiled, and returns the result that every job has to
   * have.
   */
  String warmUp(Map<ExecutionMode, List<Server>> servers)
      throws InterruptedException, MeasurementException {
    TestBed testBed = new TestBed(run, settings);
    for (ExecutionMode way : ExecutionMode.values()) {
      for (int i = 0; i < 2; i++) {
        testBed.all(urls(way, servers.get(way), WARMUP_WORK), TIMEOUT_MS);
      }
    }
    Server first = servers.get(ExecutionMode.SEQUENTIAL).getFirst();
    return hash(testBed.all(List.of(first.url("/cpu?work=" + work)), TIMEOUT_MS).getFirst());
  }

  Round round(ExecutionMode way, int round, List<Server> servers, String hash)
      throws InterruptedException, MeasurementException {
    TestBed testBed = new TestBed(run, settings);
    List<String> urls = urls(way, servers, work);
    List<String> answers = new ArrayList<>();
    Duration cpuBefore = cpu(servers);
    MachineUse machineBefore = ProcessSampler.machine();
    long fromNs = System.nanoTime();
    if (way == ExecutionMode.SEQUENTIAL) {
      for (String url : urls) {
        answers.addAll(testBed.all(List.of(url), TIMEOUT_MS));
      }
    } else {
      answers.addAll(testBed.all(urls, TIMEOUT_MS));
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
        MachineUse.otherCores(
            machineBefore,
            ProcessSampler.machine(),
            cpuMs == null ? null : (Double) (cpuMs / wallMs)));
  }

  /** One job for each server where there are several. */
  private static List<String> urls(ExecutionMode way, List<Server> servers, int work) {
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
}
