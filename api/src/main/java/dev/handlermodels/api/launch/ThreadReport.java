package dev.handlermodels.api.launch;

import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.telemetry.ProcStatus;
import dev.handlermodels.api.telemetry.ThreadCensus;
import java.lang.management.ManagementFactory;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * What {@code GET /threads} says. Counts are threads, times milliseconds; a value that this machine
 * or model cannot have is null.
 */
record ThreadReport(
    String server,
    String model,
    Handlers handlers,
    Requests requests,
    VirtualThreads virtualThreads,
    Integer osThreads,
    LoopLagMs loopLagMs,
    long heapUsedBytes,
    Gc gc,
    long uptimeMs) {

  private static final VirtualThreadSchedulerMXBean SCHEDULER =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);

  record Handlers(long distinct, int live, int busy, int busyPeak) {}

  record Requests(long started, int inFlight, int inFlightPeak, long rejected) {}

  /**
   * Virtual threads that ran handlers, ever and still alive; carriers are the platform threads
   * beneath all virtual threads.
   */
  record VirtualThreads(long started, int live, int carriers, int mounted, long queued) {}

  record LoopLagMs(double now, double recentMax, double max) {}

  /** Collections that stopped all threads, and for how long in all. */
  record Gc(long collections, double pauseMsTotal) {
    /** What ZGC and Shenandoah call cycles runs beside the program's threads and stops none. */
    static boolean stopsThreads(String collector) {
      return !collector.endsWith(" Cycles");
    }
  }

  static ThreadReport of(Service service) {
    ThreadCensus.Counts counts = service.census().counts();
    Traffic traffic = service.traffic();
    return new ThreadReport(
        service.server(),
        service.model(),
        new Handlers(counts.distinct(), counts.live(), counts.busy(), counts.busyPeak()),
        new Requests(
            traffic.started(), traffic.inFlight(), traffic.inFlightPeak(), traffic.rejected()),
        new VirtualThreads(
            counts.distinctVirtual(),
            counts.liveVirtual(),
            SCHEDULER.getPoolSize(),
            SCHEDULER.getMountedVirtualThreadCount(),
            SCHEDULER.getQueuedVirtualThreadCount()),
        ProcStatus.osThreads(),
        service.hasEventLoops()
            ? new LoopLagMs(
                service.loopLagNowMs(), service.loopLagRecentMaxMs(), service.loopLagMaxMs())
            : null,
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        readGc(),
        ManagementFactory.getRuntimeMXBean().getUptime());
  }

  private static Gc readGc() {
    long collections = 0;
    long pauseMs = 0;
    for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (Gc.stopsThreads(collector.getName())) {
        collections += Math.max(0, collector.getCollectionCount());
        pauseMs += Math.max(0, collector.getCollectionTime());
      }
    }
    return new Gc(collections, pauseMs);
  }
}
