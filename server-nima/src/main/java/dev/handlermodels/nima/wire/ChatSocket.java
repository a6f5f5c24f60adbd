package dev.handlermodels.nima.wire;

import dev.handlermodels.api.chat.Handshake;
import dev.handlermodels.api.chat.Member;
import dev.handlermodels.api.chat.Outgoing;
import dev.handlermodels.api.chat.Wire;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.websocket.WsConnection;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * The WebSocket of one member, read by Helidon on the connection's own virtual thread. What is said
 * to it is written by another virtual thread, which lives while there is something to write and
 * waits for a slow reader.
 */
public final class ChatSocket implements WsListener, Wire {
  public static final HeaderName KEY = HeaderNames.create("Sec-WebSocket-Key");

  private static final HttpPrologue PROLOGUE =
      HttpPrologue.create("HTTP/1.1", "HTTP", "1.1", Method.GET, "/chat", false);

  private static final Headers NO_HEADERS = WritableHeaders.create();

  private final Connection connection;
  private final Member member;
  private final String key;
  private volatile WsSession session;

  /**
   * @param key of the request, of which nothing else is kept
   */
  public ChatSocket(Connection connection, Member member, String key) {
    this.connection = connection;
    this.member = member;
    this.key = key;
  }

  /** Answers 101, and returns when the WebSocket has ended. */
  void run(Limit limit) {
    try {
      connection.dataWriter().writeNow(BufferData.create(Handshake.answer(key)));
      WsConnection.create(connection, PROLOGUE, NO_HEADERS, key, this).handle(limit);
    } catch (CloseConnectionException | UncheckedIOException _) {
      // It is closed, by either side.
    } finally {
      member.left();
    }
  }

  ByteBuffer received(ByteBuffer bytes) {
    return member.received(bytes);
  }

  /** Helidon has read all that this gave it. */
  void settle() {
    member.settle();
  }

  @Override
  public void onOpen(WsSession opened) {
    session = opened;
    member.open(this, connection.peer());
  }

  @Override
  public void onMessage(WsSession from, String text, boolean last) {
    member.says(text); // WebSocketFrames has put it together
  }

  @Override
  public void onPing(WsSession from, BufferData payload) {
    from.pong(payload);
  }

  @Override
  public void onError(WsSession from, Throwable failure) {
    connection.cut();
  }

  @Override
  public void drain() {
    Thread.ofVirtual().name("chat-writer").start(this::write);
  }

  private void write() {
    try {
      for (Outgoing next = member.next(); next != null; next = member.next()) {
        write(next);
      }
    } catch (CloseConnectionException | UncheckedIOException _) {
      connection.cut();
    }
  }

  private void write(Outgoing next) {
    switch (next) {
      case Outgoing.Text text -> {
        try {
          session.send(text.text(), true); // waits here for a slow reader
        } finally {
          text.release();
        }
      }
      case Outgoing.Ping ping -> session.ping(BufferData.create(ping.payload()));
      case Outgoing.Close close -> {
        session.close(close.code(), close.reason());
        member.closeWritten();
      }
    }
  }

  @Override
  public void end() {
    connection.close();
  }

  @Override
  public void cut() {
    connection.reset();
  }
}
