package dev.handlermodels.api.chat;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.settings.ChatSettings;
import dev.handlermodels.api.wire.CloseCode;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.WebSocketFrames;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client in a room. What it is told waits in a queue of CHAT_QUEUE_SIZE messages, from which
 * its server writes as the client reads. Where that queue is full the client is closed, and nobody
 * else waits for it.
 *
 * <p>Safe for all threads, but {@link #received} and {@link #says} are called by one at a time.
 */
public final class Member implements WebSocketFrames.Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(Member.class);
  private static final long CLOSE_NANOS = TimeUnit.MILLISECONDS.toNanos(Limits.CHAT_CLOSE_MS);
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What a server does with each message of a client. */
  @FunctionalInterface
  public interface Listener {
    void on(Member from, String text);
  }

  private enum State {
    /** Has a place, but no WebSocket yet. */
    COMING,
    OPEN,
    /** Close has been said, or is going to be; nothing else is. */
    CLOSING,
    GONE
  }

  private final ChatRooms rooms;
  private final Room room;
  private final String name;
  private final Listener listener;
  private final ChatSettings settings;
  private final Deque<Outgoing> queue = new ArrayDeque<>(4);
  private Wire wire;
  private WebSocketFrames frames;
  private State state = State.COMING;

  /** Whether the wire takes what is in the queue. */
  private boolean draining;

  private boolean closeWritten;
  private boolean clientClosed;
  private long closingSinceNanos;
  private byte[] pingPayload;
  private long pings;
  private long lastPingNanos = System.nanoTime();
  private volatile long lastSaidNanos = System.nanoTime();

  /** Messages that it may say now, of {@link ChatSettings#messagesPerSecond}. */
  private double allowance;

  private long allowanceNanos = lastSaidNanos;

  Member(ChatRooms rooms, Room room, String name, Listener listener) {
    this.rooms = rooms;
    this.room = room;
    this.name = name;
    this.listener = listener;
    this.settings = rooms.settings();
    this.allowance = settings.messagesPerSecond();
  }

  public String name() {
    return name;
  }

  Room room() {
    return room;
  }

  /**
   * The WebSocket is there. From now on {@link #received} looks at what comes.
   *
   * @param peer the connection, whose messages in part count as what it holds
   */
  public void open(Wire opened, ConnectionReaper.Peer peer) {
    synchronized (this) {
      wire = opened;
      frames = new WebSocketFrames(peer, this);
      if (state != State.COMING) {
        return; // it has gone already
      }
      state = State.OPEN;
    }
    room.join(this);
    if (rooms.isDraining()) {
      close(CloseCode.GOING_AWAY, "this server is shutting down");
    }
  }

  /**
   * Bytes have come from the client.
   *
   * @return what the framework is to read instead: whole messages in one frame each, and pings
   */
  public ByteBuffer received(ByteBuffer bytes) {
    return frames.received(bytes);
  }

  /** Whether {@link #settle} has to be called even if nothing more comes. */
  public boolean isUnsettled() {
    return frames != null && frames.isUnsettled();
  }

  /** The framework has read all that {@link #received} gave it. */
  public void settle() {
    frames.settle();
  }

  /** The framework has read a message. */
  public void says(String text) {
    lastSaidNanos = System.nanoTime();
    try (var _ = rooms.census().enter()) {
      if (mayGoOn()) {
        listener.on(this, text);
      }
    } catch (RuntimeException e) {
      LOG.error("a chat handler failed unexpectedly", e);
      close(CloseCode.INTERNAL, "the server failed to handle a message; its log says why");
    }
  }

  private boolean mayGoOn() {
    synchronized (this) {
      if (state != State.OPEN) {
        return false;
      }
    }
    int perSecond = settings.messagesPerSecond();
    double grown = allowance + (double) (lastSaidNanos - allowanceNanos) / SECOND_NANOS * perSecond;
    allowance = Math.min(perSecond, grown) - 1;
    allowanceNanos = lastSaidNanos;
    if (allowance < 0) {
      refuse(Limit.CHAT_RATE, CloseCode.POLICY, "more than " + perSecond + " messages a second");
      return false;
    }
    return true;
  }

  /** Tells everybody in the room. */
  public void say(String text) {
    if (!room.say(this, text)) {
      refuse(
          Limit.MEMORY, CloseCode.TRY_AGAIN, "the memory that is set aside for clients is in use");
    }
  }

  /** Puts a message into the queue; {@link #wake} has to follow, when no lock is held. */
  synchronized void offer(Outgoing.Text message) {
    if (state != State.OPEN) {
      return;
    }
    if (queue.size() >= settings.queueSize()) {
      rooms.limits().exceeded(Limit.CHAT_QUEUE);
      closes(CloseCode.TRY_AGAIN, "reads too slowly");
    } else {
      queue.add(message.retain());
    }
  }

  /** Has the wire write what there is. */
  void wake() {
    synchronized (this) {
      if (draining || wire == null || queue.isEmpty() || state == State.GONE) {
        return;
      }
      draining = true;
    }
    wire.drain();
  }

  /** For the wire: what to write next, null where there is nothing. */
  public synchronized Outgoing next() {
    Outgoing next = queue.poll();
    if (next == null) {
      draining = false;
    } else if (next instanceof Outgoing.Text) {
      rooms.delivers();
    }
    return next;
  }

  /** For the wire: Close has been written. */
  public void closeWritten() {
    synchronized (this) {
      closeWritten = true;
      if (!clientClosed) {
        return; // it has some time to answer
      }
    }
    wire.end();
  }

  /** Says Close, behind what is in the queue; only the first reason counts. */
  public void close(int code, String reason) {
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      startClosing();
      queue.add(new Outgoing.Close(code, reason));
    }
    rooms.closes(code);
    wake();
  }

  /** The same, before what is in the queue, which nobody reads any more. */
  private void closes(int code, String reason) {
    startClosing();
    forgetQueue();
    queue.add(new Outgoing.Close(code, reason));
    rooms.closes(code);
  }

  private void startClosing() {
    state = State.CLOSING;
    closingSinceNanos = System.nanoTime();
  }

  private void refuse(Limit exceeded, int code, String reason) {
    rooms.limits().exceeded(exceeded);
    close(code, reason);
  }

  private void forgetQueue() {
    for (Outgoing waiting = queue.poll(); waiting != null; waiting = queue.poll()) {
      if (waiting instanceof Outgoing.Text text) {
        text.release();
      }
    }
  }

  @Override
  public synchronized void pong(byte[] payload) {
    if (Arrays.equals(payload, pingPayload)) {
      pingPayload = null;
    }
  }

  @Override
  public void refused(Limit exceeded, int code, String why) {
    if (exceeded != null) {
      rooms.limits().exceeded(exceeded);
    }
    close(code, why);
  }

  @Override
  public void closed(int code) {
    boolean end;
    synchronized (this) {
      clientClosed = true;
      end = closeWritten;
    }
    if (end) {
      wire.end();
    } else {
      close(code == CloseCode.NONE ? CloseCode.NORMAL : code, "");
    }
  }

  /** The connection has ended. Calling it again does nothing. */
  public void left() {
    State before;
    synchronized (this) {
      before = state;
      state = State.GONE;
      forgetQueue();
    }
    if (before == State.GONE) {
      return;
    }
    if (before != State.COMING) {
      room.leave(this);
    }
    rooms.left(this);
  }

  /** Messages that wait for the client to read. */
  synchronized int waiting() {
    return queue.size();
  }

  synchronized boolean isCloseUnwritten() {
    return state == State.CLOSING && !closeWritten;
  }

  /** Looked at regularly: cuts it where it does not close, and asks whether it is there. */
  void look(long nowNanos) {
    switch (judge(nowNanos)) {
      case CUT -> wire.cut();
      case ASK -> wake();
      case NO_PONG -> refuse(Limit.CHAT_PONG_TIME, CloseCode.POLICY, "no pong in time");
      case IDLE -> refuse(Limit.CHAT_IDLE_TIME, CloseCode.NORMAL, "nothing was said for long");
      case DRIPS -> refuse(Limit.CHAT_MESSAGE_TIME, CloseCode.POLICY, "a message took too long");
      case FINE -> {}
    }
  }

  private enum Verdict {
    FINE,
    CUT,
    ASK,
    NO_PONG,
    IDLE,
    DRIPS
  }

  private synchronized Verdict judge(long nowNanos) {
    if (state == State.CLOSING) {
      return nowNanos - closingSinceNanos > CLOSE_NANOS ? Verdict.CUT : Verdict.FINE;
    }
    if (state != State.OPEN) {
      return Verdict.FINE;
    }
    long sincePingNanos = nowNanos - lastPingNanos;
    if (pingPayload != null) {
      return sincePingNanos > nanos(settings.pongTimeoutMs()) ? Verdict.NO_PONG : Verdict.FINE;
    }
    if (nowNanos - lastSaidNanos > nanos(settings.idleTimeoutMs())) {
      return Verdict.IDLE;
    }
    if (frames.isSlow(nowNanos, nanos(rooms.messageTimeoutMs()))) {
      return Verdict.DRIPS;
    }
    if (sincePingNanos > nanos(settings.pingMs())) {
      lastPingNanos = nowNanos;
      pingPayload = ByteBuffer.allocate(Long.BYTES).putLong(++pings).array();
      queue.add(new Outgoing.Ping(pingPayload));
      return Verdict.ASK;
    }
    return Verdict.FINE;
  }

  private static long nanos(int ms) {
    return TimeUnit.MILLISECONDS.toNanos(ms);
  }
}
