package dev.handlermodels.api.telemetry;

import dev.handlermodels.api.settings.Settings;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.consumer.RecordingStream;

/**
 * Counts the waits of virtual threads that kept their carriers, as JFR's event {@code
 * jdk.VirtualThreadPinned} reports them. Where COUNT_PINNED asks for it: a stream of JFR's events
 * costs memory and two threads, and writes small files to the folder for temporary ones.
 */
public final class PinnedWaits implements AutoCloseable {
  private static final String EVENT = "jdk.VirtualThreadPinned";

  private final LongAdder pinned = new LongAdder();
  private final RecordingStream events;

  private PinnedWaits(RecordingStream events) {
    this.events = events;
  }

  /**
   * Starts counting. An event is counted when its wait has ended, up to a second later.
   *
   * @throws Settings.SettingsException where this process has no JFR or no folder for it
   */
  public static PinnedWaits start(MeterRegistry registry) {
    PinnedWaits waits = new PinnedWaits(open());
    waits.count();
    FunctionCounter.builder("virtual.threads.pinned", waits.pinned, LongAdder::sum)
        .description("waits that kept the carrier of a virtual thread")
        .register(registry);
    return waits;
  }

  private static RecordingStream open() {
    try {
      return new RecordingStream();
    } catch (RuntimeException | LinkageError e) {
      throw new Settings.SettingsException(
          "COUNT_PINNED is true, but the JVM cannot record events: " + e.getMessage());
    }
  }

  private void count() {
    events.setReuse(true);
    events.setOrdered(false);
    events.enable(EVENT).withoutThreshold().withoutStackTrace();
    events.onEvent(EVENT, _ -> pinned.increment());
    try {
      events.startAsync();
    } catch (RuntimeException e) {
      events.close();
      throw new Settings.SettingsException(
          "COUNT_PINNED is true, but the JVM cannot record events: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    events.close();
  }
}
