package dev.handlermodels.upstream;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One connection of the upstream: reads requests one after the other and answers or spoils each.
 */
final class UpstreamConnection {
  private static final int MAX_HEAD_BYTES = 8192;
  private static final String SERVICES = "GET /services/";
  private static final int HUGE_BYTES = 1024 * 1024;
  private static final int MAX_SLOW_MS = 600_000;
  private static final int MAX_EVERY = 1_000_000;
  private static final int IDLE_TIMEOUT_MS = 120_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final UpstreamStats stats;
  private final AtomicReference<UpstreamServer.Misbehaviour> misbehaviour;
  private String traceparent;

  UpstreamConnection(
      Socket socket, UpstreamStats stats, AtomicReference<UpstreamServer.Misbehaviour> misbehaviour)
      throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 1024);
    this.out = socket.getOutputStream();
    this.stats = stats;
    this.misbehaviour = misbehaviour;
  }

  /** Returns when the peer closes, or when an answer was spoilt on purpose. */
  void serve() throws IOException {
    boolean goOn = true;
    while (goOn) {
      socket.setSoTimeout(IDLE_TIMEOUT_MS);
      String requestLine = readHead();
      goOn = requestLine != null && answer(requestLine);
    }
  }

  /**
   * Reads up to the empty line. Bodies are not read: no endpoint has one.
   *
   * @return the request line; null where the peer has closed or sends no HTTP
   */
  private String readHead() throws IOException {
    StringBuilder head = new StringBuilder(128);
    while (head.length() < MAX_HEAD_BYTES) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.append((char) next);
      if (next == '\n' && (head.indexOf("\r\n\r\n", head.length() - 4) >= 0)) {
        traceparent = field(head.toString(), "traceparent");
        return head.substring(0, head.indexOf("\r\n"));
      }
    }
    return null;
  }

  /** The value of a header field; null where it is missing. */
  private static String field(String head, String name) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse(null);
  }

  private boolean answer(String requestLine) throws IOException {
    String[] parts = requestLine.split(" ");
    if (parts.length != 3) {
      return respond("400 Bad Request", new byte[0]);
    }
    try {
      URI target = URI.create(parts[1]);
      Map<String, String> query = query(target.getQuery());
      return switch (parts[0] + " " + target.getPath()) {
        case "GET /wait" ->
            answerLate(
                query, (waitMs, waitedMs) -> new Answer("upstream", waitMs, waitedMs, traceparent));
        case String call when call.startsWith(SERVICES) ->
            answerAsService(call.substring(SERVICES.length()), query);
        case "GET /stats" -> respond("200 OK", Json.bytes(stats.snapshot()));
        case "GET /health", "GET /health/live" ->
            respond("200 OK", Json.bytes(Map.of("status", "UP")));
        case "POST /stats/reset" -> {
          stats.reset();
          yield respond("204 No Content", new byte[0]);
        }
        case "PUT /fault" -> {
          Fault fault = Fault.of(query.getOrDefault("kind", "none"));
          misbehaviour.set(
              new UpstreamServer.Misbehaviour(
                  fault,
                  integer(query, "slowMs", 0, MAX_SLOW_MS),
                  Math.max(1, integer(query, "every", 1, MAX_EVERY))));
          yield respond("204 No Content", new byte[0]);
        }
        default -> respond("404 Not Found", new byte[0]);
      };
    } catch (IllegalArgumentException e) {
      return respond(
          "400 Bad Request", Json.bytes(Map.of("error", String.valueOf(e.getMessage()))));
    }
  }

  /**
   * @param call the service and the user, with a slash between them
   */
  private boolean answerAsService(String call, Map<String, String> query) throws IOException {
    String[] parts = call.split("/", 2);
    Object content = parts.length == 2 ? SimulatedServices.content(parts[0], parts[1]) : null;
    return content == null
        ? respond("404 Not Found", new byte[0])
        : answerLate(
            query, (waitMs, waitedMs) -> new ServiceAnswer(parts[0], waitMs, waitedMs, content));
  }

  /** What a good answer says. */
  private interface Content {
    Object of(int waitMs, double waitedMs);
  }

  private boolean answerLate(Map<String, String> query, Content content) throws IOException {
    int waitMs = integer(query, "waitMs", Limits.DEFAULT_WAIT_MS, Limits.MAX_WAIT_MS);
    UpstreamServer.Misbehaviour now = misbehaviour.get();
    Fault fault = query.containsKey("fault") ? Fault.of(query.get("fault")) : now.next();
    long startNanos = System.nanoTime();
    stats.received();
    boolean answered = false;
    try {
      long slowMs = fault == Fault.SLOW ? now.slowMs() : 0;
      boolean goOn =
          waitUntil(startNanos + TimeUnit.MILLISECONDS.toNanos(waitMs + slowMs))
              && send(
                  fault, now.slowMs(), content.of(waitMs, (System.nanoTime() - startNanos) / 1e6));
      answered = goOn;
      return goOn;
    } finally {
      if (answered) {
        stats.answered(System.nanoTime() - startNanos);
      } else {
        stats.aborted();
      }
    }
  }

  /**
   * Waits by reading with a time-out: a client that hangs up ends the wait at once, and shows up in
   * the counts.
   *
   * @return whether the client is still there
   */
  private boolean waitUntil(long deadlineNanos) throws IOException {
    long leftNanos = deadlineNanos - System.nanoTime();
    while (leftNanos > 0) {
      // Rounded up, since the socket counts in whole milliseconds and the answer must never be
      // early.
      socket.setSoTimeout((int) (leftNanos / 1_000_000 + 1));
      in.mark(1);
      try {
        if (in.read() < 0) {
          return false;
        }
        in.reset();
        // The next request is here already: HTTP pipelining. It has to wait, and so have we,
        // without reading.
        TimeUnit.NANOSECONDS.sleep(Math.max(0, deadlineNanos - System.nanoTime()));
      } catch (SocketTimeoutException _) {
        // Time is up, which is the usual way out.
      } catch (InterruptedException _) {
        return false;
      }
      leftNanos = deadlineNanos - System.nanoTime();
    }
    return true;
  }

  private boolean send(Fault fault, int slowMs, Object content) throws IOException {
    byte[] body = Json.bytes(content);
    return switch (fault) {
      case NONE, SLOW -> respond("200 OK", body);
      case STATUS500 -> respond("500 Internal Server Error", body);
      case BADJSON -> respond("200 OK", "<html>not JSON</html>".getBytes(StandardCharsets.UTF_8));
      case HUGE -> respond("200 OK", "x".repeat(HUGE_BYTES).getBytes(StandardCharsets.UTF_8));
      case BLACKHOLE -> silence();
      case RESET -> reset();
      case CLOSE -> false;
      case GARBAGE ->
          spoil("\0\1\2 this is not HTTP \r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      case TRUNCATED -> spoil(head("200 OK", body.length + 100));
      case HALFOPEN -> {
        out.write(head("200 OK", body.length));
        out.write(body, 0, body.length / 2);
        yield silence();
      }
      case DRIP -> drip(body, slowMs);
    };
  }

  private boolean respond(String status, byte[] body) throws IOException {
    byte[] head = head(status, body.length);
    byte[] all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    out.write(all);
    return true;
  }

  private static byte[] head(String status, int contentLength) {
    String length = status.startsWith("204") ? "" : "Content-Length: " + contentLength + "\r\n";
    String head = "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + length + "\r\n";
    return head.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Nothing comes until the client goes. */
  private boolean silence() throws IOException {
    waitUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MAX_SLOW_MS));
    return false;
  }

  /** A zero linger time makes close() send RST instead of FIN. */
  private boolean reset() throws IOException {
    socket.setSoLinger(true, 0);
    return false;
  }

  private boolean spoil(byte[] bytes) throws IOException {
    out.write(bytes);
    return false;
  }

  private boolean drip(byte[] body, int everyMs) throws IOException {
    out.write(head("200 OK", body.length));
    for (byte b : body) {
      if (!waitUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(everyMs))) {
        return false;
      }
      out.write(b);
    }
    return true;
  }

  private static Map<String, String> query(String query) {
    Map<String, String> values = new HashMap<>();
    if (query != null) {
      for (String pair : query.split("&")) {
        int equals = pair.indexOf('=');
        values.put(
            equals < 0 ? pair : pair.substring(0, equals),
            equals < 0 ? "" : pair.substring(equals + 1));
      }
    }
    return values;
  }

  private static int integer(Map<String, String> query, String name, int defaultValue, int max) {
    String value = query.get(name);
    int number = value == null ? defaultValue : Integer.parseInt(value);
    if (number < 0 || number > max) {
      throw new IllegalArgumentException(name + " has to be a whole number from 0 to " + max);
    }
    return number;
  }

  /**
   * @param traceparent as it came; left out where none did
   */
  private record Answer(
      String service,
      int waitMs,
      double waitedMs,
      @JsonInclude(JsonInclude.Include.NON_NULL) String traceparent) {}

  private record ServiceAnswer(String service, int waitMs, double waitedMs, Object content) {}
}
