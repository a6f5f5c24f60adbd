package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How long a unit of the servers' CPU work takes on one processor of this machine. A server is
 * asked, because the bench itself runs without the JVM's second compiler, which alone uses the
 * processor's instructions for SHA-256: a unit takes ten times as long there.
 */
final class CpuUnit {
  private static final int UNITS = 500;

  /** Until the server's code is compiled. */
  private static final int WARMUP_ROUNDS = 3;

  private static final int ROUNDS = 5;
  private static final long TIMEOUT_MS = 60_000;

  private CpuUnit() {}

  /**
   * Units that take so many milliseconds, at least one.
   *
   * @param unitMs null where it was not measured: as if one took a millisecond
   */
  static int units(int ms, Double unitMs) {
    return unitMs == null ? ms : (int) Math.max(1, Math.round(ms / unitMs));
  }

  /** The median of some rounds, one after the other; the caller stops the server. */
  static double measureMs(BenchRun run, Settings settings)
      throws IOException, InterruptedException, MeasurementException {
    TestBed testBed = new TestBed(run, settings);
    TestBed.Server server =
        testBed.server(Servers.THREAD_POOL, run.layout.out().resolve("cpu-unit"));
    List<String> work = List.of(server.url("/cpu?work=" + UNITS));
    List<Double> unitMs = new ArrayList<>();
    for (int round = 0; round < WARMUP_ROUNDS + ROUNDS; round++) {
      String answer = testBed.all(work, TIMEOUT_MS).getFirst();
      if (round >= WARMUP_ROUNDS) {
        unitMs.add(Json.LINE.readTree(answer).at("/computed/tookMs").asDouble() / UNITS);
      }
    }
    return Numbers.round(Numbers.median(unitMs.stream().sorted().toList()), 3);
  }
}
