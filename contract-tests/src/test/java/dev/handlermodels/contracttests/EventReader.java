package dev.handlermodels.contracttests;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Reads server-sent events as they come, on a connection of its own, and only when asked to. */
final class EventReader implements AutoCloseable {
  /** Small, so that a reader who does not read is noticed soon. */
  static final int RECEIVE_BUFFER_BYTES = 16 * 1024;

  private final Socket socket = new Socket();
  private final InputStream in;
  private String status;
  private final Map<String, List<String>> headers = new TreeMap<>();
  private int leftOfChunk;

  /**
   * An event, or a comment.
   *
   * @param fields by name, in the order in which they came; a comment has an empty name
   */
  record Event(List<Map.Entry<String, String>> fields) {
    String field(String name) {
      return fields.stream()
          .filter(field -> field.getKey().equals(name))
          .map(Map.Entry::getValue)
          .findFirst()
          .orElse(null);
    }

    String name() {
      return field("event");
    }

    boolean isComment() {
      return field("") != null;
    }
  }

  private EventReader(int port) throws IOException {
    socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
    socket.setSoTimeout((int) Await.BOUND.toMillis());
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Sends the request and reads nothing. */
  static EventReader open(Running server, String target) {
    try {
      EventReader reader = new EventReader(server.instance().port());
      reader
          .socket
          .getOutputStream()
          .write(
              ("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return reader;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads status and header fields, once. */
  Answer head() {
    try {
      if (status == null) {
        status = line(in);
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          String[] field = line.split(":", 2);
          headers
              .computeIfAbsent(field[0].toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
              .add(field[1].strip());
        }
      }
      return Answer.of(Integer.parseInt(status.split(" ", 3)[1]), headers, new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @return the next event or comment; null where the answer has ended as it should
   * @throws UncheckedIOException where the connection broke or nothing came for {@link Await#BOUND}
   */
  Event next() {
    head();
    List<Map.Entry<String, String>> fields = new ArrayList<>();
    InputStream body = body();
    try {
      for (String line = line(body); line != null; line = line(body)) {
        if (line.isEmpty()) {
          return new Event(fields);
        }
        String[] field = line.split(": ?", 2);
        fields.add(Map.entry(field[0], field[1]));
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The events that are left, without comments. */
  List<Event> rest() {
    List<Event> events = new ArrayList<>();
    for (Event event = next(); event != null; event = next()) {
      if (!event.isComment()) {
        events.add(event);
      }
    }
    return events;
  }

  /** Whether the server has cut the connection before the answer's end; reads what is there. */
  boolean isCut() {
    try {
      while (next() != null) {
        // What was sent before the cut is of no interest.
      }
      return false;
    } catch (UncheckedIOException e) {
      return !(e.getCause() instanceof java.net.SocketTimeoutException);
    }
  }

  /** In chunks, or up to the connection's end, as Undertow ends the last answer on one. */
  private InputStream body() {
    if (!headers.containsKey("transfer-encoding")) {
      return in;
    }
    return new InputStream() {
      @Override
      public int read() throws IOException {
        if (leftOfChunk == 0) {
          String size = line(in);
          if (size == null || size.isEmpty()) {
            throw new IOException("the connection ended before the last chunk");
          }
          leftOfChunk = Integer.parseInt(size, 16);
          if (leftOfChunk == 0) {
            line(in);
            return -1;
          }
        }
        int next = in.read();
        if (next < 0) {
          throw new IOException("the connection ended inside a chunk");
        }
        if (--leftOfChunk == 0) {
          line(in);
        }
        return next;
      }
    };
  }

  /** A line without its end; null where nothing follows. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    if (next < 0) {
      return null;
    }
    for (; next >= 0 && next != '\n'; next = in.read()) {
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  /** The client leaves, in the middle of whatever comes. */
  void leave() {
    close();
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
