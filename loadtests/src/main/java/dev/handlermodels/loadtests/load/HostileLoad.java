package dev.handlermodels.loadtests.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Slow and idle clients that hold connections, from one thread and one selector. A server should
 * close each when its time is up, and its other clients should not notice.
 */
public final class HostileLoad {
  /** Connections that are being opened at any moment; well below a listener's backlog. */
  private static final int OPENING = 256;

  private static final long SELECT_MS = 5;
  private static final int SMALL_WINDOW_BYTES = 4096;

  /** The requests of a slow reader: their answers exceed the socket buffers of both sides. */
  private static final int UNREAD_ANSWERS = 20;

  /** What each of the clients does. */
  public enum Attack {
    SILENT("", ""),
    SLOW_HEADERS("GET / HTTP/1.1\r\nHost: localhost\r\n", "a: b\r\n"),
    SLOW_BODY("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n", "x"),
    SLOW_READ(
        "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(UNREAD_ANSWERS),
        ""),
    IDLE("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", "");

    private final byte[] first;
    private final byte[] drip;

    Attack(String first, String drip) {
      this.first = first.getBytes(StandardCharsets.ISO_8859_1);
      this.drip = drip.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  /**
   * The plan of an attack.
   *
   * @param everyMs from one drip, sent or read, to the next
   * @param windowMs how long, from the first connection on
   */
  public record Plan(int port, Attack attack, int connections, int everyMs, int windowMs) {}

  /**
   * The outcome, as far as the clients can see it: a client that does not read does not see its
   * end.
   *
   * @param opened connections that the server accepted
   * @param refused connections that could not be opened
   * @param closed connections that the server has closed
   * @param closedAfterMs the longest that a connection lasted which the server closed; null for
   *     none
   * @param answers how many first answers had which status
   */
  public record Outcome(
      int connections,
      int opened,
      int refused,
      int closed,
      Long closedAfterMs,
      Map<String, Integer> answers) {}

  private final Plan plan;
  private final InetSocketAddress address;
  private final ByteBuffer received = ByteBuffer.allocate(SMALL_WINDOW_BYTES);
  private final List<Client> clients = new ArrayList<>();
  private final Map<String, Integer> answers = new TreeMap<>();
  private int opening;
  private int opened;
  private int refused;
  private int closed;
  private Long closedAfterMs;

  private HostileLoad(Plan plan) {
    this.plan = plan;
    this.address = new InetSocketAddress("127.0.0.1", plan.port());
  }

  /** {@code FILE PORT ATTACK CONNECTIONS EVERY_MS WINDOW_MS}; the outcome goes to FILE. */
  public static void main(String[] args) throws IOException {
    Plan plan =
        new Plan(
            Integer.parseInt(args[1]),
            Attack.valueOf(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Integer.parseInt(args[5]));
    Json.write(Path.of(args[0]), run(plan));
  }

  /** Runs to the end of the window. */
  public static Outcome run(Plan plan) throws IOException {
    return new HostileLoad(plan).run();
  }

  private Outcome run() throws IOException {
    long startNs = System.nanoTime();
    long untilNs = startNs + plan.windowMs() * 1_000_000L;
    long nextDripNs = startNs;
    try (Selector selector = Selector.open()) {
      for (long now = startNs; now < untilNs; now = System.nanoTime()) {
        while (clients.size() < plan.connections() && opening < OPENING) {
          clients.add(new Client(selector));
        }
        if (now >= nextDripNs) {
          nextDripNs += plan.everyMs() * 1_000_000L;
          clients.forEach(Client::drip);
        }
        selector.select(key -> ((Client) key.attachment()).ready(key), SELECT_MS);
      }
      clients.forEach(Client::leave);
    }
    return new Outcome(plan.connections(), opened, refused, closed, closedAfterMs, answers);
  }

  /** One connection. */
  private final class Client {
    private final SocketChannel channel = SocketChannel.open();
    private long openNs;
    private boolean isOpening = true;
    private boolean isOpen;
    private boolean isAnswered;

    Client(Selector selector) throws IOException {
      opening++;
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      if (plan.attack() == Attack.SLOW_READ) {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_WINDOW_BYTES);
      }
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_CONNECT, this);
      channel.connect(address);
    }

    void ready(SelectionKey key) {
      try {
        if (key.isConnectable()) {
          open(key);
        } else {
          read(received.clear());
        }
      } catch (IOException _) {
        gone();
      }
    }

    private void open(SelectionKey key) throws IOException {
      channel.finishConnect();
      isOpening = false;
      isOpen = true;
      opening--;
      opened++;
      openNs = System.nanoTime();
      key.interestOps(plan.attack() == Attack.SLOW_READ ? 0 : SelectionKey.OP_READ);
      channel.write(ByteBuffer.wrap(plan.attack().first)); // a new connection has room for it
    }

    void drip() {
      if (!isOpen) {
        return;
      }
      try {
        if (plan.attack() == Attack.SLOW_READ) {
          read(received.clear().limit(isAnswered ? 1 : "HTTP/1.1 200".length()));
        } else if (plan.attack().drip.length > 0) {
          channel.write(ByteBuffer.wrap(plan.attack().drip));
        }
      } catch (IOException _) {
        gone();
      }
    }

    private void read(ByteBuffer into) throws IOException {
      int length = channel.read(into);
      if (length < 0) {
        gone();
      } else if (length > 0 && !isAnswered) {
        isAnswered = true;
        String start = new String(into.array(), 0, length, StandardCharsets.ISO_8859_1);
        String[] words = start.split(" ");
        answers.merge(words.length > 1 ? words[1] : start, 1, Integer::sum);
      }
    }

    private void gone() {
      if (isOpen) {
        closed++;
        long lastedMs = (System.nanoTime() - openNs) / 1_000_000;
        closedAfterMs = closedAfterMs == null ? lastedMs : Math.max(closedAfterMs, lastedMs);
      } else if (isOpening) {
        isOpening = false;
        opening--;
        refused++;
      }
      leave();
    }

    void leave() {
      isOpen = false;
      try {
        channel.close();
      } catch (IOException _) {
        // It is gone either way.
      }
    }
  }
}
