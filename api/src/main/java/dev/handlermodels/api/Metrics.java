package dev.handlermodels.api;

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
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import jdk.management.VirtualThreadSchedulerMXBean;

/** What {@code /metrics} says beside requests, pools and spans, under the same names everywhere. */
final class Metrics {
  private static final double MS_PER_SECOND = 1000;

  private Metrics() {}

  /** The virtual machine and its process. Collections are added by {@link Service}. */
  static void ofProcess(MeterRegistry registry) {
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
  static void ofHandlers(MeterRegistry registry, Census census) {
    gauge(registry, census, "handler.threads.busy", Census.Counts::busy);
    gauge(registry, census, "handler.threads.live", Census.Counts::live);
    gauge(registry, census, "handler.threads.virtual.live", Census.Counts::liveVirtual);
    FunctionCounter.builder(
            "handler.threads.virtual.started", census, c -> c.counts().distinctVirtual())
        .description("virtual threads that ever ran a handler")
        .register(registry);
  }

  private static void gauge(
      MeterRegistry registry, Census census, String name, ToLongFunction<Census.Counts> count) {
    Gauge.builder(name, census, c -> count.applyAsLong(c.counts()))
        .description("threads that run handlers")
        .register(registry);
  }

  /** How late event loops are: only where handlers run on one. */
  static void ofEventLoops(MeterRegistry registry, Service service) {
    Gauge.builder("event.loop.lag", service, s -> s.loopLagNowMs() / MS_PER_SECOND)
        .description("how late the latest event loop is now")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("event.loop.lag.max", service, s -> s.loopLagRecentMaxMs() / MS_PER_SECOND)
        .description("the greatest lag of the last " + LoopLag.RECENT_MS + " ms")
        .baseUnit("seconds")
        .register(registry);
  }
}
