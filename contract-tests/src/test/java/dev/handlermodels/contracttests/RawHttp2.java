package dev.handlermodels.contracttests;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One HTTP/2 connection, without TLS and with prior knowledge, on which a test can say what no
 * client would. A thread reads all that the server sends, so that nothing waits for the test.
 */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final int PRIORITIZED = 32;
  static final int ACK = 1;

  static final int MAX_CONCURRENT_STREAMS = 3;
  static final int INITIAL_WINDOW_SIZE = 4;

  /** RFC 9113, 6.9.2, and what the servers leave it at. */
  private static final int FIRST_WINDOW = 65_535;

  private static final int MAX_FRAME = 16_384;

  /** A window that no answer here fills. */
  private static final int WIDE = 1 << 24;

  static final int NO_ERROR = 0;
  static final int FRAME_SIZE_ERROR = 6;
  static final int PROTOCOL_ERROR = 1;
  static final int FLOW_CONTROL_ERROR = 3;
  static final int STREAM_CLOSED = 5;
  static final int COMPRESSION_ERROR = 9;
  static final int REFUSED_STREAM = 7;
  static final int ENHANCE_YOUR_CALM = 11;

  /** RFC 7541, appendix A, from 1 on. */
  private static final List<String> STATIC_NAMES =
      List.of(":authority", ":method", " ", ":path", " ", ":scheme");

  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder(false);
  private final Map<Integer, Stream> streams = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> serverSettings = new ConcurrentHashMap<>();
  private final AtomicInteger sendWindow = new AtomicInteger(FIRST_WINDOW);
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final CompletableFuture<Integer> goAway = new CompletableFuture<>();
  private volatile int lastStream;
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  /** What has come of an answer. */
  private static final class Stream {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final AtomicInteger sendWindow = new AtomicInteger(FIRST_WINDOW);
    private final CompletableFuture<Integer> reset = new CompletableFuture<>();
    private final AtomicInteger continues = new AtomicInteger();
    private final CompletableFuture<Void> headed = new CompletableFuture<>();
    private int status;
    private Map<String, List<String>> fields = Map.of();

    void head(Http2Headers head) {
      fields = new HashMap<>();
      head.forEach(
          field ->
              fields
                  .computeIfAbsent(field.getKey().toString(), _ -> new ArrayList<>())
                  .add(field.getValue().toString()));
      status = Integer.parseInt(fields.remove(":status").getFirst());
      if (status == 100) {
        continues.incrementAndGet();
      } else {
        headed.complete(null);
      }
    }

    void over() {
      AssertionError over = new AssertionError("the connection has ended");
      answer.completeExceptionally(over);
      reset.completeExceptionally(over);
    }

    void end() {
      answer.complete(Answer.of(status, fields, body.toByteArray()));
    }
  }

  /** A connection on which nothing has been said yet. */
  RawHttp2(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("http2-client").start(this::readAll);
  }

  /** The preface, and windows that are never full; nothing more is said by itself. */
  static RawHttp2 to(Running server) {
    RawHttp2 client =
        new RawHttp2(server.instance().port())
            .begin(INITIAL_WINDOW_SIZE, WIDE)
            .frame(WINDOW_UPDATE, 0, 0, number(WIDE));
    Await.result(client.settled);
    return client;
  }

  RawHttp2 begin(int setting, int value) {
    send(PREFACE);
    return settings(ByteBuffer.allocate(6).putShort((short) setting).putInt(value).array());
  }

  /** The first frame of a client has to be these; nothing is acknowledged before. */
  RawHttp2 settings(byte[] payload) {
    frame(SETTINGS, 0, 0, payload);
    begun.complete(null);
    return this;
  }

  RawHttp2 frame(int type, int flags, int stream, byte[] payload) {
    return send(bytes(type, flags, stream, payload));
  }

  static byte[] bytes(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  RawHttp2 send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As often as asked for, or until the server has had enough. */
  RawHttp2 flood(int times, byte[] bytes) {
    try {
      for (int i = 0; i < times && !end.isDone(); i++) {
        socket.getOutputStream().write(bytes);
      }
    } catch (IOException _) {
      // It has closed, as it should.
    }
    return this;
  }

  /**
   * HPACK as simple as it can be: each field in full, RFC 7541, 6.2.2, but for the names of pseudo-
   * headers, which Helidon takes only from the static table.
   */
  static byte[] head(String... namesAndValues) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      int index = STATIC_NAMES.indexOf(namesAndValues[i]) + 1;
      block.write(index);
      if (index == 0) {
        string(block, namesAndValues[i]);
      }
      string(block, namesAndValues[i + 1]);
    }
    return block.toByteArray();
  }

  static void string(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int left = bytes.length;
    if (left < 127) {
      block.write(left);
    } else { // RFC 7541, 5.1
      block.write(127);
      left -= 127;
      while (left >= 128) {
        block.write(left & 127 | 128);
        left >>= 7;
      }
      block.write(left);
    }
    block.writeBytes(bytes);
  }

  static byte[] request(String method, String target, String... more) {
    byte[] first =
        head(":method", method, ":scheme", "http", ":path", target, ":authority", "localhost");
    byte[] rest = head(more);
    return ByteBuffer.allocate(first.length + rest.length).put(first).put(rest).array();
  }

  RawHttp2 get(int stream, String target) {
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, request("GET", target));
  }

  RawHttp2 post(int stream, String target, String contentType, byte[] body) {
    return postHead(stream, target, "content-type", contentType).upload(stream, body);
  }

  /** Of a request whose body is still to come. */
  RawHttp2 postHead(int stream, String target, String... fields) {
    return frame(HEADERS, END_HEADERS, stream, request("POST", target, fields));
  }

  /** A body, in parts as the server's windows allow, unless it is answered before. */
  RawHttp2 upload(int stream, byte[] body) {
    uploadPart(stream, body);
    return stream(stream).answer.isDone() ? this : frame(DATA, END_STREAM, stream, new byte[0]);
  }

  /** The same without the end. */
  RawHttp2 uploadPart(int stream, byte[] body) {
    int sent = 0;
    while (sent < body.length && !stream(stream).answer.isDone()) {
      int length = window(stream, body.length - sent);
      frame(DATA, 0, stream, Arrays.copyOfRange(body, sent, sent + length));
      sent += length;
    }
    return this;
  }

  private int window(int stream, int wanted) {
    Await.until(
        "room in the windows",
        () ->
            sendWindow.get() > 0 && stream(stream).sendWindow.get() > 0
                || stream(stream).answer.isDone());
    int length = Math.min(wanted, MAX_FRAME);
    length = Math.clamp(Math.min(sendWindow.get(), stream(stream).sendWindow.get()), 0, length);
    sendWindow.addAndGet(-length);
    stream(stream).sendWindow.addAndGet(-length);
    return length;
  }

  RawHttp2 reset(int stream) {
    return frame(RST_STREAM, 0, stream, number(8));
  }

  CompletableFuture<Answer> started(int stream) {
    return stream(stream).answer;
  }

  /** Whether an answer is whole. */
  boolean hasAnswered(int stream) {
    return started(stream).isDone() && !started(stream).isCompletedExceptionally();
  }

  Answer answer(int stream) {
    return Await.result(started(stream));
  }

  /** How often the server has said that it wants the body. */
  int continues(int stream) {
    return stream(stream).continues.get();
  }

  /** Returns when the head of the answer is here. */
  void awaitHead(int stream) {
    Await.result(stream(stream).headed);
  }

  /** Null where there is none, as the stream or the connection has ended instead. */
  Answer answerIfAny(int stream) {
    return Await.result(started(stream).exceptionally(_ -> null));
  }

  /**
   * Sends nothing more once the server has said GOAWAY, as a good client does; otherwise the server
   * waits a moment for what may be on its way.
   */
  RawHttp2 leavingAtGoAway() {
    goAway.thenRun(
        () -> {
          try {
            socket.shutdownOutput();
          } catch (IOException _) {
            // The server has closed already.
          }
        });
    return this;
  }

  /** The error with which the server ends the connection. */
  int goAway() {
    return Await.result(goAway);
  }

  /** The last request that the server may have heeded, as its GOAWAY says. */
  int lastStream() {
    goAway();
    return lastStream;
  }

  /** Returns when the server has closed the connection; -1 where it has not said GOAWAY before. */
  int awaitEnd() {
    Await.result(end);
    return goAway.isCompletedExceptionally() ? -1 : goAway.getNow(-1);
  }

  boolean hasEnded() {
    return end.isDone();
  }

  /** Returns when the server has reset the stream, with the error. */
  int awaitReset(int stream) {
    return Await.result(stream(stream).reset);
  }

  /** The error of whatever comes first. */
  int awaitResetOrGoAway(int stream) {
    CompletableFuture<Integer> either = new CompletableFuture<>();
    stream(stream).reset.thenAccept(either::complete);
    goAway.thenAccept(either::complete);
    end.thenRun(() -> either.completeExceptionally(new AssertionError("ended without a word")));
    return Await.result(either);
  }

  /** What the server has said that it takes. */
  Map<Integer, Integer> serverSettings() {
    Await.result(settled);
    return serverSettings;
  }

  private void settled() {
    settled.complete(null);
  }

  private Stream stream(int id) {
    Stream stream = streams.computeIfAbsent(id, _ -> new Stream());
    if (end.isDone()) {
      stream.over();
    }
    return stream;
  }

  private void readAll() {
    try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
      while (true) {
        int lengthAndType = in.readInt();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(lengthAndType >>> 8);
        read(lengthAndType & 0xff, flags, stream, payload);
      }
    } catch (IOException | Http2Exception e) {
      end.complete(null);
      goAway.completeExceptionally(new AssertionError("the connection has ended: " + e));
      streams.values().forEach(Stream::over);
    }
  }

  /** Heads of answers come in one frame here, as they are small. */
  private void read(int type, int flags, int id, byte[] payload)
      throws IOException, Http2Exception {
    switch (type) {
      case HEADERS -> {
        ByteBuf block = Unpooled.wrappedBuffer(payload);
        if ((flags & PRIORITIZED) != 0) {
          block.skipBytes(5);
        }
        stream(id).head(headers.decodeHeaders(id, block));
      }
      case DATA -> {
        stream(id).body.writeBytes(payload);
        if (payload.length > 0) {
          tell(bytes(WINDOW_UPDATE, 0, 0, number(payload.length)));
        }
      }
      case RST_STREAM -> {
        int error = ByteBuffer.wrap(payload).getInt();
        stream(id).reset.complete(error);
        stream(id)
            .answer
            .completeExceptionally(new AssertionError("stream " + id + " reset, " + error));
      }
      case SETTINGS -> {
        for (ByteBuffer all = ByteBuffer.wrap(payload); all.hasRemaining(); ) {
          serverSettings.put((int) all.getShort(), all.getInt());
        }
        if ((flags & ACK) == 0) {
          begun.thenRun(() -> tell(bytes(SETTINGS, ACK, 0, new byte[0]))).thenRun(this::settled);
        }
      }
      case WINDOW_UPDATE ->
          (id == 0 ? sendWindow : stream(id).sendWindow)
              .addAndGet(ByteBuffer.wrap(payload).getInt());
      case GOAWAY -> {
        lastStream = ByteBuffer.wrap(payload).getInt();
        goAway.complete(ByteBuffer.wrap(payload).getInt(4));
      }
      default -> {}
    }
    if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
      stream(id).end();
    }
  }

  /** The server may have closed meanwhile, and still have said something before. */
  private void tell(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException _) {
      // See there.
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
