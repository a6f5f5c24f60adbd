package dev.handlermodels.loadtests.load;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The load generator of chats: many WebSockets in rooms of one size, messages at a fixed rate, by
 * one thread and one selector. A delivery counts from the time for which its message was planned,
 * so that what the generator is late with is in it.
 */
public final class ChatLoad {
  /** Connections that wait for their 101 at any moment; well below a listener's backlog. */
  static final int OPENING = 128;

  private static final int BUFFER_BYTES = 256 * 1024;
  private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(10);
  private static final long SETTLE_MS = 2000;

  /** Of the room with the slow reader, whose messages are long. */
  private static final String SLOW_ROOM = "slow";

  private static final int SLOW_ROOM_SIZE = 10;

  private static final int SLOW_EVERY_MS = 60;
  private static final String LONG_TEXT = "x".repeat(32 * 1024);
  private static final byte[] MARK = ascii("\"text\":\"k ");
  private static final byte[] SEQ = ascii("\"seq\":");
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;

  private final Plan plan;
  private final InetSocketAddress address;
  private final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final List<Client> clients = new ArrayList<>();
  private final Histogram openUs = new Histogram(LONGEST_US, 3);
  private final Histogram deliveryUs = new Histogram(LONGEST_US, 3);
  private final Histogram lastUs = new Histogram(LONGEST_US, 3);
  private final Histogram slowPhaseUs = new Histogram(LONGEST_US, 3);
  private final Histogram lateUs = new Histogram(LONGEST_US, 3);
  private final int rooms;
  private final long everyNs;
  private final List<Message> sent = new ArrayList<>();
  private Histogram phase;
  private long nextNs;
  private int opening;
  private int open;
  private int failures;
  private int disorder;
  private long deliveries;

  /** A message of the measured window or of another time. */
  private static final class Message {
    private final long plannedNs;
    private final boolean measured;
    private int heard;
    private long lastNs;

    Message(long plannedNs, boolean measured) {
      this.plannedNs = plannedNs;
      this.measured = measured;
    }
  }

  /**
   * The plan of a load.
   *
   * @param roomSize clients in each room
   * @param deliveriesPerSecond messages a second times the size of a room
   * @param openWithinMs for all of them; the run goes on with those that are
   * @param warmupMs with messages, before the measured window
   * @param windowMs its length
   * @param slowMs how long a room with a slow reader is there, after the window
   */
  public record Plan(
      int port,
      int connections,
      int roomSize,
      int deliveriesPerSecond,
      int openWithinMs,
      int warmupMs,
      int windowMs,
      int slowMs) {}

  /**
   * The outcome of a load.
   *
   * @param openedInMs from the first connection to the last 101; null where some were not open in
   *     time
   * @param failures WebSockets that were refused or that broke
   * @param messages of the window
   * @param lost deliveries of these messages that did not come
   * @param disorder frames whose number was not greater than that of the one before
   * @param deliveryP50Us from the planned time of a message to one receiver
   * @param lastP50Us from there to the last receiver of the room
   * @param generatorLateP99Us how late a message was sent
   * @param slowFate what became of the reader that does not read; null where it was not tried
   * @param slowPhaseP99Us of the other rooms meanwhile
   * @param cores that the generator itself used in the window; it has one thread
   */
  public record Outcome(
      int connections,
      int open,
      Long openedInMs,
      long openP50Us,
      long openP99Us,
      int failures,
      int messages,
      long deliveries,
      double seconds,
      double deliveriesPerSecond,
      long lost,
      int disorder,
      long deliveryP50Us,
      long deliveryP99Us,
      long deliveryMaxUs,
      long lastP50Us,
      long lastP99Us,
      long generatorLateP99Us,
      String slowFate,
      long slowPhaseP99Us,
      double cores) {}

  /** Files by which bench and generator wait for each other. */
  public record Marks(Path opened, Path go, Path began, Path ended) {
    public static Marks beside(Path outcome) {
      String name = outcome.getFileName().toString();
      return new Marks(
          outcome.resolveSibling(name + ".opened"),
          outcome.resolveSibling(name + ".go"),
          outcome.resolveSibling(name + ".began"),
          outcome.resolveSibling(name + ".ended"));
    }
  }

  private ChatLoad(Plan plan) {
    this.plan = plan;
    this.address = new InetSocketAddress("127.0.0.1", plan.port());
    this.rooms = Math.max(1, plan.connections() / plan.roomSize());
    this.everyNs =
        plan.deliveriesPerSecond() == 0
            ? Long.MAX_VALUE
            : TimeUnit.SECONDS.toNanos(1) * plan.roomSize() / plan.deliveriesPerSecond();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** {@code FILE PLAN}, where PLAN is a file of JSON; the outcome goes to FILE. */
  public static void main(String[] args) throws IOException {
    Path outcome = Path.of(args[0]);
    Plan plan = Json.read(Path.of(args[1]), Plan.class);
    Json.write(outcome, run(plan, Marks.beside(outcome)));
  }

  /** Runs to the end. */
  public static Outcome run(Plan plan, Marks marks) throws IOException {
    return new ChatLoad(plan).run(marks);
  }

  private Outcome run(Marks marks) throws IOException {
    OperatingSystemMXBean self = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    try (Selector selector = Selector.open()) {
      Long openedInMs = openAll(selector);
      Files.createFile(marks.opened());
      while (Files.notExists(marks.go())) {
        serve(selector, 50, false, false);
      }
      nextNs = System.nanoTime();
      serve(selector, plan.warmupMs(), true, false);
      phase = deliveryUs;
      long fromNs = System.nanoTime();
      long cpuNs = self.getProcessCpuTime();
      long before = deliveries;
      Files.createFile(marks.began());
      serve(selector, plan.windowMs(), true, true);
      double seconds = (System.nanoTime() - fromNs) / 1e9;
      double cores = (self.getProcessCpuTime() - cpuNs) / 1e9 / seconds;
      long delivered = deliveries - before;
      Files.createFile(marks.ended());
      serve(selector, SETTLE_MS, true, false);
      phase = slowPhaseUs;
      String fate = plan.slowMs() == 0 ? null : slowReader(selector);
      Outcome outcome = outcome(openedInMs, seconds, cores, delivered, fate);
      for (Client client : clients) {
        client.channel.close();
      }
      return outcome;
    }
  }

  private Outcome outcome(
      Long openedInMs, double seconds, double cores, long delivered, String fate) {
    List<Message> measured = sent.stream().filter(message -> message.measured).toList();
    measured.stream()
        .filter(message -> message.heard == plan.roomSize())
        .forEach(message -> record(lastUs, message.lastNs - message.plannedNs));
    long lost = measured.stream().mapToLong(message -> plan.roomSize() - message.heard).sum();
    return new Outcome(
        plan.connections(),
        open,
        openedInMs,
        openUs.getValueAtPercentile(50),
        openUs.getValueAtPercentile(99),
        failures,
        measured.size(),
        delivered,
        seconds,
        delivered / seconds,
        lost,
        disorder,
        deliveryUs.getValueAtPercentile(50),
        deliveryUs.getValueAtPercentile(99),
        deliveryUs.getMaxValue(),
        lastUs.getValueAtPercentile(50),
        lastUs.getValueAtPercentile(99),
        lateUs.getValueAtPercentile(99),
        fate,
        slowPhaseUs.getValueAtPercentile(99),
        Math.round(cores * 1000) / 1000.0);
  }

  private static void record(Histogram histogram, long nanos) {
    histogram.recordValue(Math.clamp(nanos / 1000, 0, LONGEST_US));
  }

  /** Opens some at a time, as fast as the server answers; null where some were too late. */
  private Long openAll(Selector selector) throws IOException {
    long startNs = System.nanoTime();
    long untilNs = startNs + plan.openWithinMs() * 1_000_000L;
    int started = 0;
    while (open + failures < plan.connections()) {
      if (System.nanoTime() > untilNs) {
        return null;
      }
      while (started < plan.connections() && opening < OPENING) {
        clients.add(new Client(selector, "r" + started % rooms, 0, true));
        started++;
      }
      selector.select(this::ready, 5);
    }
    return failures > 0 ? null : (Long) ((System.nanoTime() - startNs) / 1_000_000);
  }

  private void serve(Selector selector, long ms, boolean says, boolean measured)
      throws IOException {
    long untilNs = System.nanoTime() + ms * 1_000_000L;
    for (long now = System.nanoTime(); now < untilNs; now = System.nanoTime()) {
      while (says && nextNs <= now) {
        say(measured);
      }
      // at least 1 ms: to look again and again would take a core from the server
      selector.select(this::ready, says ? Math.clamp((nextNs - now) / 1_000_000, 1, 5) : 5);
    }
  }

  /** The next message, by the next room and the next of its clients. */
  private void say(boolean measured) throws IOException {
    int number = sent.size();
    sent.add(new Message(nextNs, measured));
    if (measured) {
      record(lateUs, System.nanoTime() - nextNs);
    }
    nextNs += everyNs;
    int place = number / rooms % plan.roomSize();
    Client sender = clients.get(Math.min(clients.size() - 1, place * rooms + number % rooms));
    sender.send(0x81, ascii("k " + number + " " + ".".repeat(64)));
  }

  /** A room of its own, in which one does not read what the others do; what became of that one. */
  private String slowReader(Selector selector) throws IOException {
    Client slow = new Client(selector, SLOW_ROOM, 2048, false);
    clients.add(slow);
    for (int i = 1; i < SLOW_ROOM_SIZE; i++) {
      clients.add(new Client(selector, SLOW_ROOM, 0, false));
    }
    Client speaker = clients.getLast();
    long untilNs = System.nanoTime() + 5_000_000_000L;
    while ((!slow.isOpen || !speaker.isOpen) && System.nanoTime() < untilNs) {
      serve(selector, 20, true, false);
    }
    if (!slow.isOpen || slow.isOver || !speaker.isOpen) {
      serve(selector, plan.slowMs(), true, false);
      return "not let in";
    }
    slow.key.interestOps(0);
    for (int i = 0; i < plan.slowMs() / SLOW_EVERY_MS; i++) {
      speaker.send(0x81, ascii(LONG_TEXT));
      serve(selector, SLOW_EVERY_MS, true, false);
    }
    return slow.fate();
  }

  private void ready(SelectionKey key) {
    ((Client) key.attachment()).ready(key);
  }

  /** One WebSocket, from its connection on. */
  private final class Client {
    private final SocketChannel channel = SocketChannel.open();
    private final SelectionKey key;
    private final byte[] request;
    private final long startNs = System.nanoTime();
    private final boolean counted;
    private boolean isOpen;
    private boolean isOver;
    private long lastSeq;

    /** What has come of a head or a frame that is not whole. */
    private byte[] part = {};

    /**
     * @param receiveBuffer 0 for the system's default
     * @param counted whether it is one of the plan's connections
     */
    Client(Selector selector, String room, int receiveBuffer, boolean counted) throws IOException {
      this.counted = counted;
      request =
          ascii(
              "GET /chat/"
                  + room
                  + "?name=c HTTP/1.1\r\nHost: 127.0.0.1:"
                  + plan.port()
                  + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      opening++;
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      if (receiveBuffer > 0) {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
      }
      channel.configureBlocking(false);
      key = channel.register(selector, SelectionKey.OP_CONNECT, this);
      channel.connect(address);
    }

    void ready(SelectionKey ready) {
      try {
        if (ready.isConnectable()) {
          channel.finishConnect();
          channel.write(ByteBuffer.wrap(request)); // a new connection has room for it
          ready.interestOps(SelectionKey.OP_READ);
        } else {
          read();
        }
      } catch (IOException e) {
        fail();
      }
    }

    private void fail() {
      if (!isOver) {
        isOver = true;
        failures += counted ? 1 : 0;
        if (isOpen) {
          open -= counted ? 1 : 0;
        } else {
          opening--;
        }
        key.cancel();
      }
    }

    private void read() throws IOException {
      received.clear();
      if (part.length > 0) {
        received.put(part);
        part = new byte[0];
      }
      if (channel.read(received) < 0) {
        throw new IOException("The server closed a WebSocket.");
      }
      received.flip();
      long now = System.nanoTime();
      if (isOpen || head()) {
        while (frame(now)) {
          // the next one
        }
      }
      if (received.hasRemaining()) {
        part = new byte[received.remaining()];
        received.get(part);
      }
    }

    /** Whether the whole head of a 101 has come. */
    private boolean head() throws IOException {
      for (int i = received.position() + 3; i < received.limit(); i++) {
        if (received.get(i) == '\n' && received.get(i - 2) == '\n') {
          if (received.get(received.position() + 9) != '1') {
            throw new IOException("The server refused a WebSocket.");
          }
          received.position(i + 1);
          isOpen = true;
          opening--;
          open += counted ? 1 : 0;
          record(openUs, System.nanoTime() - startNs);
          return true;
        }
      }
      return false;
    }

    /** Takes a frame where a whole one has come. */
    private boolean frame(long now) throws IOException {
      int at = received.position();
      int there = received.remaining();
      if (there < 2) {
        return false;
      }
      int length = received.get(at + 1);
      int head = length == 126 ? 4 : length == 127 ? 10 : 2;
      if (there < head) {
        return false;
      }
      if (length == 126) {
        length = received.getShort(at + 2) & 0xFFFF;
      } else if (length == 127) {
        length = (int) received.getLong(at + 2);
      }
      if (there < head + length) {
        return false;
      }
      int opcode = received.get(at) & 0x0F;
      received.position(at + head + length);
      switch (opcode) {
        case PING -> {
          byte[] payload = new byte[length];
          received.get(at + head, payload);
          send(0x8A, payload);
        }
        case CLOSE -> throw new IOException("The server said Close.");
        default -> told(at + head, at + head + length, now);
      }
      return true;
    }

    private void told(int from, int to, long now) {
      int seqAt = find(SEQ, from, to);
      long seq = seqAt < 0 ? 0 : number(seqAt, to);
      if (seq <= lastSeq) {
        disorder++;
      }
      lastSeq = seq;
      int mark = find(MARK, from, to);
      if (mark < 0) {
        return;
      }
      int number = (int) number(mark, to);
      if (number >= sent.size()) {
        return;
      }
      Message message = sent.get(number);
      message.heard++;
      message.lastNs = now;
      deliveries++;
      if (phase == slowPhaseUs || phase != null && message.measured) {
        record(phase, now - message.plannedNs);
      }
    }

    /** Behind these bytes; -1 where they are not there. */
    private int find(byte[] wanted, int from, int to) {
      for (int i = from; i <= to - wanted.length; i++) {
        int k = 0;
        while (k < wanted.length && received.get(i + k) == wanted[k]) {
          k++;
        }
        if (k == wanted.length) {
          return i + k;
        }
      }
      return -1;
    }

    private long number(int from, int to) {
      long number = 0;
      for (int i = from; i < to && received.get(i) >= '0' && received.get(i) <= '9'; i++) {
        number = 10 * number + received.get(i) - '0';
      }
      return number;
    }

    void send(int first, byte[] payload) throws IOException {
      if (isOver || !isOpen) {
        return;
      }
      ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
      frame.put((byte) first);
      if (payload.length < 126) {
        frame.put((byte) (0x80 | payload.length));
      } else if (payload.length < 65_536) {
        frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
      } else {
        frame.put((byte) (0x80 | 127)).putLong(payload.length);
      }
      frame.putInt(0).put(payload).flip(); // masked by zeros
      try {
        while (frame.hasRemaining()) {
          channel.write(frame);
        }
      } catch (IOException e) {
        fail();
      }
    }

    /** Reads what is left for a client that has not read. */
    String fate() {
      ByteBuffer rest = ByteBuffer.allocate(BUFFER_BYTES);
      long bytes = 0;
      try {
        for (int tries = 0; tries < 200; tries++) {
          rest.clear();
          int length = channel.read(rest);
          if (length < 0) {
            return "closed after " + bytes + " bytes";
          }
          if (length == 0) {
            Thread.sleep(5);
          }
          bytes += length;
        }
        return "still open after " + bytes + " bytes";
      } catch (IOException e) {
        return "cut after " + bytes + " bytes";
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return "not known";
      } finally {
        isOver = true;
        key.cancel();
      }
    }
  }
}
