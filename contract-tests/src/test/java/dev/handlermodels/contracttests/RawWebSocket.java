package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Json;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A WebSocket on which a test can say what no client would, byte by byte. */
final class RawWebSocket implements AutoCloseable {
  static final int TEXT = 0x1;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xA;
  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final byte[] MASK = {0x11, 0x22, (byte) 0xF3, 0x44};

  /** RFC 6455, 1.3. */
  static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private final Socket socket;
  private final DataInputStream in;

  /** A frame of the server. */
  record Frame(int opcode, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    JsonNode json() {
      return Json.tree(payload);
    }

    /** Of a Close; 1005 where it has none. */
    int code() {
      return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }
  }

  private RawWebSocket(Socket connected) throws IOException {
    socket = connected;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) Await.BOUND.toMillis());
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** Opens a WebSocket. */
  static RawWebSocket open(int port, String target) {
    RawWebSocket opened = connect(port, 0);
    opened.send(request(target).getBytes(StandardCharsets.ISO_8859_1));
    assertThat(opened.head()).startsWith("HTTP/1.1 101 ");
    return opened;
  }

  /** The same, where the kernel takes in next to nothing that is not read. */
  static RawWebSocket openWithSmallWindow(int port, String target) {
    RawWebSocket opened = connect(port, 2048);
    opened.send(request(target).getBytes(StandardCharsets.ISO_8859_1));
    assertThat(opened.head()).startsWith("HTTP/1.1 101 ");
    return opened;
  }

  static RawWebSocket connect(int port, int receiveBuffer) {
    try {
      Socket socket = new Socket();
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return new RawWebSocket(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request as it has to be. */
  static String request(String target) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + KEY
        + "\r\n\r\n";
  }

  /** The head of an answer, as it came. */
  String head() {
    try {
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        head.append((char) in.readUnsignedByte());
      }
      return head.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawWebSocket send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawWebSocket say(String text) {
    return send(frame(FINAL | TEXT, text.getBytes(StandardCharsets.UTF_8)));
  }

  /** A frame as a client sends it. */
  static byte[] frame(int first, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (MASKED | payload.length));
    } else if (payload.length < 65_536) {
      frame.put((byte) (MASKED | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (MASKED | 127)).putLong(payload.length);
    }
    frame.put(MASK);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ MASK[i % MASK.length]));
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  static byte[] close(int code) {
    return frame(FINAL | CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
  }

  /** The next frame, checked as a client has to; null at the end of the connection. */
  Frame read() {
    try {
      int first = in.readUnsignedByte();
      assertThat(first & 0xF0).as("final, and no reserved bit").isEqualTo(FINAL);
      int length = in.readUnsignedByte();
      assertThat(length & MASKED).as("a server does not mask (5.1)").isZero();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = (int) in.readLong();
      }
      return new Frame(first & 0x0F, in.readNBytes(length));
    } catch (EOFException | SocketException _) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next frame that is not of a kind. */
  Frame read(int opcode) {
    Frame frame = read();
    while (frame != null && frame.opcode() != opcode) {
      frame = read();
    }
    return frame;
  }

  /** The next thing that somebody has said. */
  JsonNode message() {
    Frame frame = read(TEXT);
    while (frame != null && !frame.json().path("type").asString().equals("message")) {
      frame = read(TEXT);
    }
    return frame == null ? null : frame.json();
  }

  /** All frames until the connection ends. */
  List<Frame> readToEnd() {
    List<Frame> frames = new ArrayList<>();
    for (Frame frame = read(); frame != null; frame = read()) {
      frames.add(frame);
    }
    return frames;
  }

  /** Breaks the connection off with a TCP reset. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
