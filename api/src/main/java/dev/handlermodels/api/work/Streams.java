package dev.handlermodels.api.work;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.wire.ConnectionTable;
import dev.handlermodels.api.wire.ConnectionTable.Connection;
import dev.handlermodels.api.wire.ConnectionTable.State;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that are open. Ends them all when the server shuts down, and cuts one whose client
 * does not read: its memory and, where it has one, its thread must not be held for ever. Whether it
 * reads, the {@link ConnectionTable} tells; where there is none, a write counts that does not end.
 */
public final class Streams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
  private static final int MAX_CHECK_MS = 1000;

  /** The same at every look. */
  private static final long UNKNOWN = -1;

  private final ServerIdentity identity;
  private final Settings settings;
  private final BooleanSupplier draining;
  private final Limit.Counts limits;
  private final long checkNanos;
  private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
  private final LongAdder items = new LongAdder();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("stream-timeouts").factory());

  /**
   * @param draining whether every stream has to end now
   */
  public Streams(
      ServerIdentity identity,
      Settings settings,
      BooleanSupplier draining,
      Limit.Counts limits,
      MeterRegistry registry) {
    this.identity = identity;
    this.settings = settings;
    this.draining = draining;
    this.limits = limits;
    registry.gauge("streams.open", open, Set::size);
    FunctionCounter.builder("stream.items", items, LongAdder::doubleValue)
        .description("items of streams that were handed to the framework")
        .register(registry);
    int checkMs = Math.clamp(settings.streamWriteTimeoutMs() / 4, 1, MAX_CHECK_MS);
    checkNanos = TimeUnit.MILLISECONDS.toNanos(checkMs);
    clock.scheduleWithFixedDelay(this::cutStuck, checkMs, checkMs, TimeUnit.MILLISECONDS);
  }

  /**
   * A stream that no thread waits for.
   *
   * @param local null, as the other, where the framework has none: a connection closed already
   * @param wake called on another thread when the next event is due at once
   * @param cut called on another thread when the client does not read
   */
  public EventStream open(
      Query.Stream query,
      InetSocketAddress local,
      InetSocketAddress peer,
      Consumer<EventStream> wake,
      Runnable cut) {
    Connection connection = Connection.of(local, peer);
    EventStream stream =
        new EventStream(
            identity, settings, draining, items, query, connection, wake, cut, open::remove);
    open.add(stream);
    return stream;
  }

  /**
   * A stream that the calling thread waits for and writes. Being cut, that thread is interrupted.
   */
  public EventStream open(Query.Stream query, InetSocketAddress local, InetSocketAddress peer) {
    Thread writer = Thread.currentThread();
    return open(query, local, peer, _ -> LockSupport.unpark(writer), writer::interrupt);
  }

  /** Ends every stream, at once; to be called once draining. */
  public void drain() {
    open.forEach(EventStream::wake);
  }

  private void cutStuck() {
    long now = System.nanoTime();
    List<EventStream> writing =
        open.stream().filter(stream -> stream.isWriting(now, checkNanos)).toList();
    Map<Connection, State> table = table(writing);
    for (EventStream stream : writing) {
      try {
        if (stream.cutIfStuck(now, unacknowledgedBytes(table, stream))) {
          limits.exceeded(Limit.STREAM_WRITE_TIME);
        }
      } catch (RuntimeException e) {
        LOG.error("a stream cannot be cut", e); // and the others still have to be looked at
      }
    }
  }

  private static long unacknowledgedBytes(Map<Connection, State> table, EventStream stream) {
    State state = stream.connection() == null ? null : table.get(stream.connection());
    return state == null ? UNKNOWN : state.unacknowledgedBytes();
  }

  /** Empty where there is none here, and where it cannot be read now. */
  private static Map<Connection, State> table(List<EventStream> streams) {
    BitSet ports = new BitSet();
    streams.stream()
        .map(EventStream::connection)
        .filter(Objects::nonNull)
        .forEach(connection -> ports.set(connection.localPort()));
    try {
      return ports.isEmpty() ? Map.of() : ConnectionTable.read(ports);
    } catch (IOException e) {
      LOG.warn("streams could not be looked for in the table of connections", e);
      return Map.of();
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
