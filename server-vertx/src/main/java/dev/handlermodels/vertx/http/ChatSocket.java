package dev.handlermodels.vertx.http;

import dev.handlermodels.api.chat.Member;
import dev.handlermodels.api.chat.Outgoing;
import dev.handlermodels.api.chat.Wire;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.vertx.wire.WebSocketFilter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrameType;
import io.vertx.core.http.impl.websocket.WebSocketFrameImpl;
import java.nio.charset.StandardCharsets;

/**
 * The WebSocket of one member, on its event loop. What is said to it is written by its loop, which
 * goes on with others while this client has no room.
 */
final class ChatSocket implements Wire {
  private final Context loop;
  private final ServerWebSocket socket;
  private final WebSocketFilter filter;
  private final Member member;

  ChatSocket(Context loop, ServerWebSocket socket, WebSocketFilter filter, Member member) {
    this.loop = loop;
    this.socket = socket;
    this.filter = filter;
    this.member = member;
  }

  void open(ConnectionReaper.Peer peer) {
    socket
        .textMessageHandler(member::says)
        .exceptionHandler(_ -> {}) // a client that hangs up is no error of ours
        .closeHandler(_ -> member.left());
    member.open(this, peer);
    filter.open(member);
  }

  @Override
  public void drain() {
    if (Vertx.currentContext() == loop) {
      write();
    } else {
      loop.runOnContext(_ -> write());
    }
  }

  private void write() {
    while (!socket.isClosed()) {
      if (socket.writeQueueFull()) {
        socket.drainHandler(_ -> write());
        return;
      }
      switch (member.next()) {
        case null -> {
          return;
        }
        case Outgoing.Text text -> {
          ByteBuf json = Unpooled.wrappedBuffer(text.json());
          socket
              .writeFrame(new WebSocketFrameImpl(WebSocketFrameType.TEXT, json, true))
              .onComplete(_ -> text.release());
        }
        case Outgoing.Ping ping -> socket.writePing(Buffer.buffer(ping.payload()));
        case Outgoing.Close close ->
            socket
                .writeFrame(new WebSocketFrameImpl(WebSocketFrameType.CLOSE, payload(close), true))
                .onSuccess(_ -> member.closeWritten());
      }
    }
  }

  private static ByteBuf payload(Outgoing.Close close) {
    return Unpooled.buffer()
        .writeShort(close.code())
        .writeBytes(close.reason().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void end() {
    filter.close();
  }

  @Override
  public void cut() {
    filter.reset();
  }
}
