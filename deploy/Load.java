import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/**
 * Users that ask without a pause and count what they lose: {@code java deploy/Load.java URL USERS
 * SECONDS}. On plain sockets, because an HTTP client sends a lost GET again by itself and nobody
 * hears of it. Exit code 1 where anything but a 200 came back.
 *
 * <p>A user whose answer says {@code Connection: close} opens another connection. With SECONDS 0
 * there is no other server to go to: the user leaves, and the run ends when all have left.
 */
final class Load {
  private static final int TIMEOUT_MS = 30_000;

  private final URI url;
  private final boolean leaveWhenSentAway;
  private final long deadlineNanos;
  private final LongAdder answered = new LongAdder();
  private final Map<String, LongAdder> lost = new ConcurrentSkipListMap<>();

  private Load(URI url, int seconds) {
    this.url = url;
    this.leaveWhenSentAway = seconds == 0;
    this.deadlineNanos = System.nanoTime() + (seconds == 0 ? 3600 : seconds) * 1_000_000_000L;
  }

  public static void main(String[] args) {
    Load load = new Load(URI.create(args[0]), Integer.parseInt(args[2]));
    try (var users = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        users.submit(load::user);
      }
    }
    long losses = load.lost.values().stream().mapToLong(LongAdder::sum).sum();
    System.out.println(
        load.answered.sum() + " answered, " + losses + " lost " + new TreeMap<>(load.lost));
    System.exit(losses == 0 && load.answered.sum() > 0 ? 0 : 1);
  }

  private void user() {
    boolean goOn = true;
    while (goOn && System.nanoTime() < deadlineNanos) {
      try (Socket socket = new Socket()) {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        while (System.nanoTime() < deadlineNanos && keepsConnection(socket, in)) {
          // Next request.
        }
        goOn = !leaveWhenSentAway;
      } catch (IOException e) {
        lose(e.getClass().getSimpleName() + " " + e.getMessage());
        goOn = !leaveWhenSentAway;
      }
    }
  }

  /** One request and its answer; whether the connection may be used again. */
  private boolean keepsConnection(Socket socket, InputStream in) throws IOException {
    String target = url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
    socket
        .getOutputStream()
        .write(
            ("GET " + target + " HTTP/1.1\r\nHost: load\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    String statusLine = line(in);
    int length = 0;
    boolean keep = true;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String header = line.toLowerCase(java.util.Locale.ROOT);
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(15).strip());
      }
      keep &= !header.equals("connection: close");
    }
    if (in.readNBytes(length).length < length) {
      throw new EOFException("the answer was cut off");
    }
    if (statusLine.startsWith("HTTP/1.1 200")) {
      answered.increment();
    } else {
      lose(statusLine);
    }
    return keep;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection was closed without an answer");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  private void lose(String how) {
    lost.computeIfAbsent(how, _ -> new LongAdder()).increment();
  }
}
