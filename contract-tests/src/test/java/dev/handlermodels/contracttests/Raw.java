package dev.handlermodels.contracttests;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** One connection on which a test can say what no HTTP client would. */
final class Raw implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  Raw(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) Await.BOUND.toMillis());
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client of another address of loopback, all of which Linux has. */
  static Raw from(String address, int port) {
    try {
      InetAddress server = InetAddress.getLoopbackAddress();
      return new Raw(new Socket(server, port, InetAddress.getByName(address), 0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Raw(Socket connected) throws IOException {
    socket = connected;
    socket.setSoTimeout((int) Await.BOUND.toMillis());
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** A connection whose kernel takes in next to nothing that is not read. */
  static Raw withSmallWindow(int port) {
    try {
      Socket socket = new Socket();
      socket.setReceiveBufferSize(2048);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return new Raw(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether nobody accepts connections there. */
  static boolean refuses(int port) {
    try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return false;
    } catch (SocketException _) {
      // Refused; or reset, when the listener closed before it accepted this one.
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends text as it is, one byte a character. */
  Raw send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Raw send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends in the background, for more than the peer may want to read. */
  Raw sendWhileReading(byte[] bytes) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                socket.getOutputStream().write(bytes);
              } catch (IOException _) {
                // The peer has answered and closed, as it should.
              }
            });
    return this;
  }

  /** Sends a byte each so often in the background, until the peer has had enough. */
  Raw drip(Duration every) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (!socket.isClosed()) {
                  socket.getOutputStream().write('x');
                  LockSupport.parkNanos(every.toNanos());
                }
              } catch (IOException _) {
                // The peer has answered and closed, as it should.
              }
            });
    return this;
  }

  /** Sends {@code GET target} without a word more than HTTP/1.1 asks for. */
  Raw get(String target) {
    return send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  /**
   * Reads one answer, whatever comes before it is final; of a stream of events its head alone.
   *
   * @param toHead whether the request was a HEAD, which is answered without a body
   * @return null where the server closes the connection instead
   */
  Answer readUnlessClosed(boolean toHead) {
    try {
      in.mark(1);
      if (in.read() < 0) {
        return null;
      }
      in.reset();
      Answer answer = answer(toHead, true);
      return answer.status() < 200 ? readUnlessClosed(toHead) : answer;
    } catch (SocketTimeoutException e) {
      throw new AssertionError("neither an answer nor an end within " + Await.BOUND, e);
    } catch (IOException _) {
      return null; // reset
    }
  }

  /** Reads one answer. Not checked by {@link Contract}. */
  Answer read() {
    try {
      return answer(false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With its body, unless it has none, or a stream's is not wanted. */
  private Answer answer(boolean toHead, boolean withoutStream) throws IOException {
    int status = Integer.parseInt(line().split(" ", 3)[1]);
    Map<String, List<String>> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      String[] field = line.split(":", 2);
      headers
          .computeIfAbsent(field[0].toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(field[1].strip());
    }
    boolean isStream =
        headers.getOrDefault("content-type", List.of()).contains("text/event-stream");
    boolean hasBody = !toHead && status >= 200 && !(isStream && withoutStream);
    return Answer.of(status, headers, hasBody ? body(headers) : new byte[0]);
  }

  /**
   * Reads one answer and checks it.
   *
   * @param target path and query of the request that it answers; the path {@code /} where there is
   *     none
   */
  Answer read(String method, String target) {
    Answer answer = read();
    Contract.check(method, target, null, new byte[0], answer);
    return answer;
  }

  private byte[] body(Map<String, List<String>> headers) throws IOException {
    if (headers.containsKey("content-length")) {
      return in.readNBytes(Integer.parseInt(headers.get("content-length").getFirst()));
    }
    if (headers.getOrDefault("transfer-encoding", List.of()).contains("chunked")) {
      return chunks();
    }
    return new byte[0];
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = chunkSize(); size > 0; size = chunkSize()) {
      body.write(in.readNBytes(size));
      line();
    }
    line();
    return body.toByteArray();
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line().strip(), 16);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next >= 0 && next != '\n') {
      if (next != '\r') {
        line.append((char) next);
      }
      next = in.read();
    }
    if (next < 0 && line.isEmpty()) {
      throw new IOException("the server closed the connection without an answer");
    }
    return line.toString();
  }

  /** The head of an answer, as it came. */
  String head() {
    try {
      StringBuilder head = new StringBuilder();
      for (String line = line(); !line.isEmpty(); line = line()) {
        head.append(line).append("\n");
      }
      return head.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the server ends the connection, politely or by a reset, without another byte. */
  boolean isClosedByServer() {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  /** All that comes until the server ends the connection, a character a byte. */
  String readToEnd() {
    try {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the server breaks the connection off, behind whatever it has sent before. */
  boolean isReset() {
    try {
      in.skipNBytes(Long.MAX_VALUE);
      return false;
    } catch (SocketException _) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** The same behind whatever it has sent before. */
  boolean isCutByServer() {
    try {
      while (in.read() >= 0) {
        // What was on its way.
      }
      return true;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  /** Closes the sending side only: the peer reads an end, and could still be listened to. */
  Raw closeSendingSide() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
