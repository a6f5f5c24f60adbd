package dev.handlermodels.api;

import io.micrometer.core.instrument.FunctionCounter;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that are open. Ends them all when the server shuts down, and cuts one whose client
 * does not read: its memory and, where it has one, its thread must not be held for ever.
 */
public final class Streams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
  private static final int MAX_CHECK_MS = 1000;

  private final Service service;
  private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
  private final LongAdder items = new LongAdder();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("stream-timeouts").factory());

  Streams(Service service) {
    this.service = service;
    service.registry().gauge("streams.open", open, Set::size);
    FunctionCounter.builder("stream.items", items, LongAdder::doubleValue)
        .description("items of streams that were handed to the framework")
        .register(service.registry());
    int checkMs = Math.clamp(service.settings().streamWriteTimeoutMs() / 4, 1, MAX_CHECK_MS);
    clock.scheduleWithFixedDelay(this::cutStuck, checkMs, checkMs, TimeUnit.MILLISECONDS);
  }

  /**
   * A stream that no thread waits for.
   *
   * @param wake called on another thread when the next event is due at once
   * @param cut called on another thread when the client does not read
   */
  public EventStream open(Query.Stream query, Consumer<EventStream> wake, Runnable cut) {
    EventStream stream = new EventStream(service, items, query, wake, cut, open::remove);
    open.add(stream);
    return stream;
  }

  /**
   * A stream that the calling thread waits for and writes. Being cut, that thread is interrupted.
   */
  public EventStream open(Query.Stream query) {
    Thread writer = Thread.currentThread();
    return open(query, _ -> LockSupport.unpark(writer), writer::interrupt);
  }

  /** Ends every stream, at once; to be called after {@link Traffic#drain}. */
  void drain() {
    open.forEach(EventStream::wake);
  }

  private void cutStuck() {
    long now = System.nanoTime();
    for (EventStream stream : open) {
      try {
        stream.cutIfStuck(now);
      } catch (RuntimeException e) {
        LOG.error("a stream cannot be cut", e); // and the others still have to be looked at
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
