package dev.handlermodels.api.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.lang.management.ManagementFactory;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import jdk.management.VirtualThreadSchedulerMXBean;

/** What {@code /metrics} says beside requests, pools and spans, under the same names everywhere. */
public final class Metrics {
  private static final double MS_PER_SECOND = 1000;

  private Metrics() {}

  /** The virtual machine and its process. Collections are added by its Service. */
  public static void ofProcess(MeterRegistry registry) {
    new JvmInfoMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    Gauge.builder("process.resident.memory", ProcStatus::residentBytes)
        .description("memory of the process as the kernel counts it; no value without /proc")
        .baseUnit("bytes")
        .register(registry);
    VirtualThreadSchedulerMXBean scheduler =
        ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    virtual(registry, scheduler, "carriers", VirtualThreadSchedulerMXBean::getPoolSize);
    virtual(
        registry, scheduler, "mounted", VirtualThreadSchedulerMXBean::getMountedVirtualThreadCount);
    virtual(
        registry, scheduler, "queued", VirtualThreadSchedulerMXBean::getQueuedVirtualThreadCount);
  }

  private static void virtual(
      MeterRegistry registry,
      VirtualThreadSchedulerMXBean scheduler,
      String name,
      ToDoubleFunction<VirtualThreadSchedulerMXBean> value) {
    Gauge.builder("jvm.threads.virtual." + name, scheduler, value)
        .strongReference(true)
        .description("virtual threads, or the platform threads that carry them")
        .baseUnit("threads")
        .register(registry);
  }

  /** Threads that run handlers. */
  public static void ofHandlers(MeterRegistry registry, ThreadCensus census) {
    gauge(registry, census, "handler.threads.busy", ThreadCensus.Counts::busy);
    gauge(registry, census, "handler.threads.live", ThreadCensus.Counts::live);
    gauge(registry, census, "handler.threads.virtual.live", ThreadCensus.Counts::liveVirtual);
    FunctionCounter.builder(
            "handler.threads.virtual.started", census, c -> c.counts().distinctVirtual())
        .description("virtual threads that ever ran a handler")
        .register(registry);
  }

  private static void gauge(
      MeterRegistry registry,
      ThreadCensus census,
      String name,
      ToLongFunction<ThreadCensus.Counts> count) {
    Gauge.builder(name, census, c -> count.applyAsLong(c.counts()))
        .description("threads that run handlers")
        .register(registry);
  }

  /**
   * How late event loops are: only where handlers run on one.
   *
   * @param nowMs of the loop that is latest now
   * @param recentMaxMs the greatest of any loop in the last seconds, see {@link LoopLag#RECENT_MS}
   * @param stalledMs of all loops since the start, see {@link LoopLag#stalledMs}
   */
  public static void ofEventLoops(
      MeterRegistry registry,
      DoubleSupplier nowMs,
      DoubleSupplier recentMaxMs,
      DoubleSupplier stalledMs) {
    Gauge.builder("event.loop.lag", () -> nowMs.getAsDouble() / MS_PER_SECOND)
        .description("how late the latest event loop is now")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("event.loop.lag.max", () -> recentMaxMs.getAsDouble() / MS_PER_SECOND)
        .description("the greatest lag of the last " + LoopLag.RECENT_MS + " ms")
        .baseUnit("seconds")
        .register(registry);
    FunctionCounter.builder("event.loop.stalled", stalledMs, ms -> ms.getAsDouble() / MS_PER_SECOND)
        .description("time in which a loop did not come round to a task within 100 ms")
        .baseUnit("seconds")
        .register(registry);
  }
}
