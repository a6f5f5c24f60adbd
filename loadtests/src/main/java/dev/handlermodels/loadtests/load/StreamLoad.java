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
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The load generator of streams: many streams open at once, each read as it arrives, by one thread
 * and one selector.
 */
public final class StreamLoad {
  /** Connections that wait for their first item at any moment; well below a listener's backlog. */
  static final int OPENING = 256;

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final long SELECT_MS = 5;
  private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(10);

  private final Plan plan;
  private final InetSocketAddress address;
  private final byte[] request;
  private final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final Histogram openUs = new Histogram(LONGEST_US, 3);
  private final Histogram lateUs = new Histogram(LONGEST_US, 3);
  private boolean measuring;
  private int opening;
  private int open;
  private int started;
  private int failures;
  private int lostItems;
  private long events;

  /**
   * The plan of a load.
   *
   * @param items of each stream, more than come until the end of the run
   * @param everyMs from one item to the next
   * @param openWithinMs for all of them; the run goes on with those that are
   * @param warmupMs with all streams, before the measured window
   * @param windowMs its length
   * @param tailMs how long the streams are read on after it, unless the end file appears before
   */
  public record Plan(
      int port,
      int streams,
      int items,
      int everyMs,
      int openWithinMs,
      int warmupMs,
      int windowMs,
      int tailMs) {

    String target() {
      return "/stream?items=" + items + "&everyMs=" + everyMs;
    }
  }

  /**
   * The outcome of a load.
   *
   * @param open streams that were open when the window ended
   * @param openedInMs from the first connection to the first item of the last stream; null where
   *     some were not open in time
   * @param openP50Us from connecting to the first item
   * @param failures streams that were refused, that broke or that ended early
   * @param lostItems items that came out of order or not at all
   * @param events that came in the window
   * @param lateP50Us behind the schedule that the stream's most punctual item set
   * @param cores that the generator itself used in the window; it has one thread
   */
  public record Outcome(
      int streams,
      int open,
      Long openedInMs,
      long openP50Us,
      long openP99Us,
      long openMaxUs,
      int failures,
      int lostItems,
      long events,
      double seconds,
      double perSecond,
      long lateP50Us,
      long lateP99Us,
      long lateMaxUs,
      double cores) {}

  /** Files that tell the bench what it cannot see: that the window began, and that it ended. */
  public record Marks(Path began, Path ended, Path end) {
    public static Marks beside(Path outcome) {
      String name = outcome.getFileName().toString();
      return new Marks(
          outcome.resolveSibling(name + ".began"),
          outcome.resolveSibling(name + ".ended"),
          outcome.resolveSibling(name + ".end"));
    }
  }

  private StreamLoad(Plan plan) {
    this.plan = plan;
    address = new InetSocketAddress("127.0.0.1", plan.port());
    request =
        ("GET " + plan.target() + " HTTP/1.1\r\nHost: 127.0.0.1:" + plan.port() + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * {@code FILE PORT STREAMS ITEMS EVERY_MS OPEN_WITHIN_MS WARMUP_MS WINDOW_MS TAIL_MS}; the
   * outcome goes to FILE.
   */
  public static void main(String[] args) throws IOException {
    int[] numbers = new int[args.length];
    for (int i = 1; i < args.length; i++) {
      numbers[i] = Integer.parseInt(args[i]);
    }
    Plan plan =
        new Plan(
            numbers[1],
            numbers[2],
            numbers[3],
            numbers[4],
            numbers[5],
            numbers[6],
            numbers[7],
            numbers[8]);
    Path outcome = Path.of(args[0]);
    Json.write(outcome, run(plan, Marks.beside(outcome)));
  }

  /** Runs to the end of the tail. */
  public static Outcome run(Plan plan, Marks marks) throws IOException {
    return new StreamLoad(plan).run(marks);
  }

  private Outcome run(Marks marks) throws IOException {
    OperatingSystemMXBean self = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long startNs = System.nanoTime();
    try (Selector selector = Selector.open()) {
      Long openedInMs = openAll(selector, startNs);
      serve(selector, plan.warmupMs());
      measuring = true;
      long fromNs = System.nanoTime();
      long cpuNs = self.getProcessCpuTime();
      Files.createFile(marks.began());
      serve(selector, plan.windowMs());
      double seconds = (System.nanoTime() - fromNs) / 1e9;
      double cores = (self.getProcessCpuTime() - cpuNs) / 1e9 / seconds;
      measuring = false;
      Outcome outcome = outcome(openedInMs, seconds, cores);
      Files.createFile(marks.ended());
      long untilNs = System.nanoTime() + plan.tailMs() * 1_000_000L;
      while (System.nanoTime() < untilNs && Files.notExists(marks.end())) {
        serve(selector, 100);
      }
      selector.keys().forEach(StreamLoad::close);
      return outcome;
    }
  }

  /** Opens some at a time, as fast as the server accepts them; null where some were too late. */
  private Long openAll(Selector selector, long startNs) throws IOException {
    long untilNs = startNs + plan.openWithinMs() * 1_000_000L;
    while (open + failures < plan.streams()) {
      if (System.nanoTime() > untilNs) {
        return null;
      }
      while (started < plan.streams() && opening < OPENING) {
        new Stream(selector);
      }
      selector.select(this::ready, SELECT_MS);
    }
    return failures > 0 ? null : (Long) ((System.nanoTime() - startNs) / 1_000_000);
  }

  private void serve(Selector selector, int ms) throws IOException {
    long untilNs = System.nanoTime() + ms * 1_000_000L;
    while (System.nanoTime() < untilNs) {
      selector.select(this::ready, SELECT_MS);
    }
  }

  private Outcome outcome(Long openedInMs, double seconds, double cores) {
    return new Outcome(
        plan.streams(),
        open,
        openedInMs,
        openUs.getValueAtPercentile(50),
        openUs.getValueAtPercentile(99),
        openUs.getMaxValue(),
        failures,
        lostItems,
        events,
        seconds,
        events / seconds,
        lateUs.getValueAtPercentile(50),
        lateUs.getValueAtPercentile(99),
        lateUs.getMaxValue(),
        Math.round(cores * 1000) / 1000.0);
  }

  private void ready(SelectionKey key) {
    ((Stream) key.attachment()).ready(key);
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** One stream, from its connection on. */
  private final class Stream implements EventParser.Listener {
    private final SocketChannel channel = SocketChannel.open();
    private final EventParser parser = new EventParser(this);
    private final long startNs = System.nanoTime();
    private long lastItem;

    /** Arrival less intended distance from the first item, of the most punctual item so far. */
    private long earliestNs = Long.MAX_VALUE;

    private long nowNs;

    Stream(Selector selector) throws IOException {
      started++;
      opening++;
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_CONNECT, this);
      channel.connect(address);
    }

    void ready(SelectionKey key) {
      try {
        if (key.isConnectable()) {
          channel.finishConnect();
          channel.write(ByteBuffer.wrap(request)); // a new connection has room for it
          key.interestOps(SelectionKey.OP_READ);
        } else {
          read();
        }
      } catch (IOException e) {
        fail(key);
      }
    }

    private void read() throws IOException {
      received.clear();
      int length = channel.read(received);
      nowNs = System.nanoTime();
      if (length < 0) {
        throw new IOException("The server closed a stream.");
      }
      parser.read(received.flip());
    }

    private void fail(SelectionKey key) {
      failures++;
      if (lastItem == 0) {
        opening--;
      } else {
        open--;
      }
      close(key);
    }

    @Override
    public void status(int code) throws IOException {
      if (code != 200) {
        throw new IOException("The server answered " + code + ".");
      }
    }

    @Override
    public void item(long id) {
      if (lastItem == 0) {
        opening--;
        open++;
        openUs.recordValue(Math.min(LONGEST_US, (nowNs - startNs) / 1000));
      }
      lostItems += id == lastItem + 1 ? 0 : 1;
      lastItem = id;
      long offsetNs = nowNs - id * plan.everyMs() * 1_000_000L;
      earliestNs = Math.min(earliestNs, offsetNs);
      if (measuring) {
        events++;
        lateUs.recordValue(Math.min(LONGEST_US, (offsetNs - earliestNs) / 1000));
      }
    }

    @Override
    public void end() throws IOException {
      throw new IOException("A stream ended.");
    }
  }
}
