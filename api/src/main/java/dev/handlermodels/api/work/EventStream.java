package dev.handlermodels.api.work;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.wire.ConnectionTable.Connection;
import java.io.ByteArrayOutputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One answer of {@code /stream}: what comes next, and when. Its server waits until something is
 * due, writes {@link #next}, and asks for more only when that has left for the socket: so a slow
 * reader slows the stream instead of filling a buffer. A stream that has fallen behind does not
 * catch up in a burst.
 *
 * <p>Not for use by two threads at once, but for {@link #wake}, {@link #clientGone}, {@link
 * #cutIfStuck} and {@link #close}.
 */
public final class EventStream implements AutoCloseable {
  public static final String CONTENT_TYPE = "text/event-stream";

  /** Tells nginx to pass each event on at once; its own default is to wait for more. */
  public static final Map<String, String> UNBUFFERED = Map.of("X-Accel-Buffering", "no");

  private static final int RETRY_MS = 1000;
  private static final byte[] HEARTBEAT = ascii(": heartbeat\n\n");
  private static final byte[] EVENT_END = ascii("\n\n");
  private static final double NANOS_PER_MS = 1e6;

  private final ServerIdentity identity;
  private final BooleanSupplier draining;
  private final LongAdder itemsOfAll;
  private final int items;
  private final long everyNanos;
  private final long heartbeatNanos;
  private final long writeTimeoutNanos;
  private final Connection connection;
  private final Consumer<EventStream> wake;
  private final Runnable cut;
  private final Consumer<EventStream> onClose;

  private long dueNanos = System.nanoTime();
  private long lastWriteNanos = dueNanos;
  private int sent;
  private boolean heartbeatNext;
  private boolean wasCut;
  private volatile boolean over;
  private volatile boolean clientHasGone;
  private volatile boolean writing;
  private volatile long writingSinceNanos;
  private long stuckWriteNanos;
  private long stuckSinceNanos;
  private long stuckBytes;

  /**
   * @param connection null where there is none: one that was closed already
   */
  EventStream(
      ServerIdentity identity,
      Settings settings,
      BooleanSupplier draining,
      LongAdder itemsOfAll,
      Query.Stream query,
      Connection connection,
      Consumer<EventStream> wake,
      Runnable cut,
      Consumer<EventStream> onClose) {
    this.identity = identity;
    this.draining = draining;
    this.itemsOfAll = itemsOfAll;
    this.items = query.items();
    this.everyNanos = TimeUnit.MILLISECONDS.toNanos(query.everyMs());
    this.heartbeatNanos = TimeUnit.MILLISECONDS.toNanos(settings.streamHeartbeatMs());
    this.writeTimeoutNanos = TimeUnit.MILLISECONDS.toNanos(settings.streamWriteTimeoutMs());
    this.connection = connection;
    this.wake = wake;
    this.cut = cut;
    this.onClose = onClose;
  }

  /** Whether the last event has been given out, or the client has gone. */
  public boolean isOver() {
    return over;
  }

  /**
   * The last write has left; when the next is due.
   *
   * @return whole milliseconds, so that a timer is not early; 0 for now
   */
  public long waitMs() {
    return TimeUnit.NANOSECONDS.toMillis(waitNanos() + TimeUnit.MILLISECONDS.toNanos(1) - 1);
  }

  /**
   * The last write has left; waits on this thread until the next is due.
   *
   * @throws InterruptedIOException where the stream has been cut, or its client has gone
   */
  public void awaitDue() throws InterruptedIOException {
    for (long nanos = waitNanos(); nanos > 0; nanos = waitNanos()) {
      if (clientHasGone) {
        throw new InterruptedIOException("the client has gone");
      }
      LockSupport.parkNanos(this, nanos);
      if (Thread.interrupted()) {
        throw new InterruptedIOException("the stream has been cut");
      }
    }
  }

  private long waitNanos() {
    writing = false;
    if (sent == items || draining.getAsBoolean()) {
      return 0;
    }
    long heartbeatAtNanos = lastWriteNanos + heartbeatNanos;
    heartbeatNext = heartbeatAtNanos - dueNanos < 0;
    return Math.max(0, (heartbeatNext ? heartbeatAtNanos : dueNanos) - System.nanoTime());
  }

  /** What is due: an item, a heartbeat, or the end. */
  public byte[] next() {
    long now = System.nanoTime();
    lastWriteNanos = now;
    writingSinceNanos = now;
    writing = true;
    if (sent == items) {
      return end("complete", "");
    }
    if (draining.getAsBoolean()) {
      return end("shutdown", "retry: " + RETRY_MS + "\n");
    }
    return heartbeatNext ? HEARTBEAT : item(now);
  }

  private byte[] item(long now) {
    double lateMs = (now - dueNanos) / NANOS_PER_MS;
    dueNanos = Math.max(dueNanos + everyNanos, now);
    sent++;
    itemsOfAll.increment();
    Thread thread = Thread.currentThread();
    return event(
        "id: " + sent + "\nevent: item\ndata: ",
        new Results.StreamItem(
            identity.server(), thread.getName(), identity.census().kindOf(thread), sent, lateMs));
  }

  private byte[] end(String reason, String retry) {
    over = true;
    return event(
        retry + "event: end\ndata: ", new Results.StreamEnd(identity.server(), sent, reason));
  }

  private static byte[] event(String fields, Object data) {
    ByteArrayOutputStream event = new ByteArrayOutputStream(256);
    event.writeBytes(ascii(fields));
    event.writeBytes(Json.bytes(data));
    event.writeBytes(EVENT_END);
    return event.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  void wake() {
    wake.accept(this);
  }

  /** Null where there is none: one that was closed already. */
  Connection connection() {
    return connection;
  }

  /** Whether a write has not ended for so long. */
  boolean isWriting(long nowNanos, long forNanos) {
    return writing && nowNanos - writingSinceNanos > forNanos;
  }

  /**
   * A write that does not end is not stuck while the client's machine takes something now and then:
   * the kernel lets a writer go on only when a third of its buffer is free, for which a slow reader
   * takes its time. Cutting and closing exclude each other: a thread that has left must not be
   * interrupted.
   *
   * @param unacknowledgedBytes of its connection now; always the same where nobody can tell
   * @return whether it has been cut for the first time
   */
  synchronized boolean cutIfStuck(long nowNanos, long unacknowledgedBytes) {
    if (!writing) {
      return false;
    }
    if (stuckWriteNanos != writingSinceNanos || stuckBytes != unacknowledgedBytes) {
      stuckWriteNanos = writingSinceNanos;
      stuckBytes = unacknowledgedBytes;
      stuckSinceNanos = nowNanos;
    } else if (nowNanos - stuckSinceNanos > writeTimeoutNanos) {
      boolean first = !wasCut;
      wasCut = true;
      cut.run();
      return first;
    }
    return false;
  }

  /** The client has gone: who waits on a thread until the next event is due waits no more. */
  public void clientGone() {
    clientHasGone = true;
    wake();
  }

  /** Ends it here, whether or not its last event was written. Calling it again does nothing. */
  @Override
  public synchronized void close() {
    over = true;
    writing = false;
    onClose.accept(this);
  }
}
