package dev.handlermodels.loadtests.load;

import dev.handlermodels.loadtests.load.Attack.Reading;
import dev.handlermodels.loadtests.load.Attack.Script;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
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
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Hostile clients, from one thread and one selector, to a port of this machine alone. All of a
 * round have one address, which good clients do not share, where the system has more than one
 * address of loopback. It ends by itself. A server should survive them, and its other clients
 * should not notice.
 */
public final class HostileLoad {
  /** Connections that are being opened at any moment; well below a listener's backlog. */
  private static final int OPENING = 256;

  private static final long SELECT_MS = 5;
  private static final int READ_BYTES = 64 * 1024;
  private static final int EVERY_MS = 1000;
  private static final int WINDOW_MS = 12_000;

  /** The descriptors of a JVM beside its connections. */
  private static final int OWN_FILES = 100;

  /**
   * The plan of an attack.
   *
   * @param everyMs from one drip, sent or read, to the next
   * @param windowMs how long, from the first connection on, all rounds together
   * @param dataFile the server's DATA_FILE; null where the attack needs none
   */
  public record Plan(
      int port, Attack attack, int connections, int everyMs, int windowMs, String dataFile) {}

  /**
   * The outcome, as far as the clients can see it: a client that does not read does not see its
   * end.
   *
   * @param connections of all rounds together, like the others
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
  private final Script script;
  private final InetSocketAddress address;
  private final ByteBuffer received = ByteBuffer.allocate(READ_BYTES);
  private final Map<String, Integer> answers = new TreeMap<>();
  private List<Client> clients = List.of();

  /** Null where the system has only one address of loopback. */
  private InetSocketAddress from;

  private int opening;
  private int opened;
  private int refused;
  private int closed;
  private Long closedAfterMs;

  private HostileLoad(Plan plan) {
    this.plan = plan;
    this.script = plan.attack().script();
    this.address = new InetSocketAddress("127.0.0.1", plan.port());
  }

  /**
   * {@code FILE PORT ATTACK [CONNECTIONS [EVERY_MS [WINDOW_MS [DATA_FILE]]]]}; the outcome goes to
   * FILE.
   */
  public static void main(String[] args) throws IOException {
    Attack attack = Attack.of(args[2]);
    Plan plan =
        new Plan(
            Integer.parseInt(args[1]),
            attack,
            number(args, 3, attack.connections()),
            number(args, 4, EVERY_MS),
            number(args, 5, WINDOW_MS),
            args.length > 6 ? args[6] : null);
    long files = OpenFiles.limit().orElse(Long.MAX_VALUE);
    if (files < plan.connections() + OWN_FILES) {
      System.err.printf(
          Locale.ROOT,
          "This process may open %d files (ulimit -n), and %d connections need %d.%n",
          files,
          plan.connections(),
          plan.connections() + OWN_FILES);
      System.exit(2);
    }
    Json.write(Path.of(args[0]), run(plan));
  }

  private static int number(String[] args, int index, int otherwise) {
    return args.length > index ? Integer.parseInt(args[index]) : otherwise;
  }

  /** Runs to the end of the window. */
  public static Outcome run(Plan plan) throws IOException {
    return new HostileLoad(plan).run();
  }

  private Outcome run() throws IOException {
    int rounds = script.rounds();
    long startNs = System.nanoTime();
    try {
      for (int round = 0; round < rounds; round++) {
        if (plan.dataFile() != null) {
          DataFileSwap.swap(Path.of(plan.dataFile()), round);
        }
        round(startNs + plan.windowMs() * 1_000_000L * (round + 1) / rounds);
      }
    } finally {
      if (plan.dataFile() != null) {
        DataFileSwap.restore(Path.of(plan.dataFile()));
      }
    }
    return new Outcome(
        plan.connections() * rounds, opened, refused, closed, closedAfterMs, answers);
  }

  private void round(long untilNs) throws IOException {
    clients = new ArrayList<>();
    from = ownAddress();
    opening = 0;
    try (Selector selector = Selector.open()) {
      long nextDripNs = System.nanoTime();
      for (long now = nextDripNs; now < untilNs; now = System.nanoTime()) {
        while (clients.size() < plan.connections() && opening < OPENING) {
          clients.add(new Client(selector));
        }
        if (now >= nextDripNs) {
          nextDripNs += plan.everyMs() * 1_000_000L;
          clients.forEach(Client::drip);
        }
        selector.select(key -> ((Client) key.attachment()).ready(key), SELECT_MS);
      }
    } finally {
      clients.forEach(Client::leave);
    }
  }

  /** Another one for each round: the ports of those before are not free yet. */
  private static InetSocketAddress ownAddress() throws IOException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    byte[] loopback = {127, (byte) random.nextInt(1, 255), (byte) random.nextInt(256), 1};
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(loopback), 0);
    try (SocketChannel probe = SocketChannel.open()) {
      probe.bind(address);
      return address;
    } catch (BindException _) { // macOS has 127.0.0.1 alone
      return null;
    }
  }

  /** One connection. */
  private final class Client {
    private final SocketChannel channel = SocketChannel.open();
    private final ByteBuffer first = script.first().duplicate();
    private long openNs;
    private boolean isOpening = true;
    private boolean isOpen;
    private boolean isAnswered;

    Client(Selector selector) throws IOException {
      opening++;
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      if (script.receiveBuffer() > 0) {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, script.receiveBuffer());
      }
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, this);
      try {
        if (from != null) {
          channel.bind(from);
        }
        if (channel.connect(address)) {
          open(key);
        }
      } catch (IOException _) {
        gone();
      }
    }

    void ready(SelectionKey key) {
      try {
        if (key.isConnectable()) {
          channel.finishConnect();
          open(key);
          return;
        }
        if (key.isReadable()) {
          read(received.clear());
        }
        if (key.isValid() && key.isWritable()) {
          sendFirst(key);
        }
      } catch (IOException _) {
        gone();
      }
    }

    private void open(SelectionKey key) throws IOException {
      isOpening = false;
      isOpen = true;
      opening--;
      opened++;
      openNs = System.nanoTime();
      sendFirst(key);
    }

    /** A server that does not read leaves the rest here. */
    private void sendFirst(SelectionKey key) throws IOException {
      int reading = script.reading() == Reading.AT_ONCE ? SelectionKey.OP_READ : 0;
      channel.write(first);
      key.interestOps(first.hasRemaining() ? reading | SelectionKey.OP_WRITE : reading);
    }

    void drip() {
      if (!isOpen) {
        return;
      }
      try {
        if (script.reading() == Reading.BY_DRIPS) {
          read(received.clear().limit(isAnswered ? 1 : "HTTP/1.1 200".length()));
        } else if (script.drip().length > 0) {
          channel.write(ByteBuffer.wrap(script.drip()));
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
        String[] words = start.split(" ", 3);
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
