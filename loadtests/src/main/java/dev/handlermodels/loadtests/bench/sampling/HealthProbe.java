package dev.handlermodels.loadtests.bench.sampling;

import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.sampling.Sample.LiveProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Asks the main listener for its liveness once a second, as an orchestrator would; after a time-out
 * it asks again at once. It has a thread of its own, so that a frozen server does not delay the
 * samples.
 */
public final class HealthProbe implements AutoCloseable {
  public static final long TIMEOUT_MS = 2_000;
  private static final long EACH_MS = 1_000;

  private final LoopbackClient loopback;
  private final String url;
  private final ConcurrentLinkedQueue<LiveProbe> ended = new ConcurrentLinkedQueue<>();
  private final Thread thread = Thread.ofVirtual().name("health-probe").unstarted(this::run);

  private HealthProbe(LoopbackClient loopback, String url) {
    this.loopback = loopback;
    this.url = url;
  }

  public static HealthProbe start(LoopbackClient loopback, String liveUrl) {
    HealthProbe probe = new HealthProbe(loopback, liveUrl);
    probe.thread.start();
    return probe;
  }

  private void run() {
    try {
      while (true) {
        long atMs = System.currentTimeMillis();
        ended.add(new LiveProbe(atMs, loopback.latencyMs(url, TIMEOUT_MS)));
        Thread.sleep(Math.max(0, atMs + EACH_MS - System.currentTimeMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** The probes that ended since the last call. */
  public List<LiveProbe> take() {
    List<LiveProbe> taken = new ArrayList<>();
    for (LiveProbe probe = ended.poll(); probe != null; probe = ended.poll()) {
      taken.add(probe);
    }
    return taken;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
