package dev.handlermodels.blocking.http;

import dev.handlermodels.api.chat.Member;
import dev.handlermodels.api.chat.Outgoing;
import dev.handlermodels.api.chat.Wire;
import dev.handlermodels.api.settings.ChatSettings;
import dev.handlermodels.api.wire.CloseCode;
import dev.handlermodels.blocking.wire.Connection;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.core.protocol.version13.WebSocket13Channel;
import io.undertow.websockets.extensions.NoopExtensionFunction;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;

/**
 * The WebSocket of one member. Undertow's I/O threads read and write it. A message is handled by a
 * thread of the pool, and no other one of this client is read meanwhile. So a slow reader holds no
 * thread, but the pool's queue stands before each message.
 */
class ChatSocket extends AbstractReceiveListener implements Connection.Upgraded, Wire {
  private static final int BUFFER_BYTES = 1024;

  /** On the heap: a frame that waits for a slow reader holds a buffer for its head. */
  private static final ByteBufferPool BUFFERS =
      new DefaultByteBufferPool(false, BUFFER_BYTES, -1, 0);

  /** Undertow wants to know who else is there; nobody asks it. */
  private static final Set<WebSocketChannel> CHANNELS = ConcurrentHashMap.newKeySet();

  final Member member;
  private final Executor pool;

  /** The message that Undertow is writing. */
  private final AtomicReference<Outgoing.Text> leaving = new AtomicReference<>();

  private volatile WebSocketChannel channel;
  private volatile Connection connection;

  private ChatSocket(Member member, Executor pool) {
    this.member = member;
    this.pool = pool;
  }

  static ChatSocket of(ChatSettings settings, Member member, Executor pool) {
    return settings.threadPerConnection()
        ? new WithThread(member, pool)
        : new ChatSocket(member, pool);
  }

  /** The answer 101 has left. */
  void open(StreamConnection stream, Connection upgraded) {
    connection = upgraded;
    channel =
        new WebSocket13Channel(
            stream,
            BUFFERS,
            "",
            null,
            false,
            false,
            NoopExtensionFunction.INSTANCE,
            CHANNELS,
            OptionMap.EMPTY);
    member.open(this, upgraded.peer());
    channel.getReceiveSetter().set(this);
    channel.resumeReceives();
  }

  /** Called on the thread that has answered; it may stay. */
  void serve() {}

  @Override
  public ByteBuffer received(ByteBuffer bytes) {
    return member.received(bytes);
  }

  @Override
  public boolean isUnsettled() {
    return member.isUnsettled();
  }

  @Override
  public void settle() {
    member.settle();
  }

  @Override
  public void ended() {
    member.left();
    left(); // Undertow does not always say that a frame will never leave
  }

  @Override
  protected void onFullTextMessage(WebSocketChannel from, BufferedTextMessage message) {
    from.suspendReceives();
    heard(message.getData());
  }

  /** On an I/O thread. */
  void heard(String text) {
    try {
      pool.execute(() -> handle(text));
    } catch (RejectedExecutionException _) {
      member.close(CloseCode.TRY_AGAIN, "all threads are busy, and their queue is full");
      channel.resumeReceives();
    }
  }

  /** On a thread of the pool. */
  void handle(String text) {
    member.says(text);
    channel.getIoThread().execute(channel::resumeReceives);
  }

  @Override
  protected void onError(WebSocketChannel from, Throwable failure) {
    connection.resetSoon();
  }

  @Override
  public void drain() {
    switch (member.next()) {
      case null -> {}
      case Outgoing.Text text -> {
        leaving.set(text);
        WebSockets.sendText(ByteBuffer.wrap(text.json()), channel, new Sent(this::left));
      }
      case Outgoing.Ping ping ->
          WebSockets.sendPing(ByteBuffer.wrap(ping.payload()), channel, new Sent(() -> {}));
      case Outgoing.Close close ->
          WebSockets.sendClose(
              close.code(), close.reason(), channel, new Sent(member::closeWritten));
    }
  }

  private void left() {
    Outgoing.Text text = leaving.getAndSet(null);
    if (text != null) {
      text.release();
    }
  }

  @Override
  public void end() {
    connection.closeSoon();
  }

  @Override
  public void cut() {
    connection.resetSoon();
  }

  /** What is to be done when a frame has left: among others, to write the next. */
  private final class Sent implements WebSocketCallback<Void> {
    private final Runnable then;

    Sent(Runnable then) {
      this.then = then;
    }

    @Override
    public void complete(WebSocketChannel to, Void nothing) {
      then.run();
      to.getIoThread().execute(ChatSocket.this::drain); // not deeper and deeper
    }

    @Override
    public void onError(WebSocketChannel to, Void nothing, Throwable failure) {
      then.run();
      cut();
    }
  }

  /** The classic model: the thread that has answered waits for each message of this client. */
  private static final class WithThread extends ChatSocket {
    /** Empty at the end. No more than one message is in it, for no other is read meanwhile. */
    private final BlockingQueue<Optional<String>> inbox = new LinkedBlockingQueue<>();

    WithThread(Member member, Executor pool) {
      super(member, pool);
    }

    @Override
    void serve() {
      try {
        Optional<String> next = inbox.take();
        while (next.isPresent()) {
          handle(next.get());
          next = inbox.take();
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt(); // the pool ends
      }
    }

    @Override
    void heard(String text) {
      inbox.add(Optional.of(text));
    }

    @Override
    public void ended() {
      super.ended();
      inbox.add(Optional.empty());
    }
  }
}
