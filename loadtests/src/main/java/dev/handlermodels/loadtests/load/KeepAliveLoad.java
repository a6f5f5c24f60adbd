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
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The second load generator: closed users on kept-alive connections, one thread and one selector.
 * It knows little HTTP, so that it leaves the processors to the server. It shares no code with
 * Gatling, so that each can check the other.
 */
public final class KeepAliveLoad {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final long SELECT_MS = 1;
  private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(2);

  private final Histogram latencyUs = new Histogram(LONGEST_US, 3);
  private final InetSocketAddress address;
  private final ByteBuffer request;
  private final Plan plan;
  private long requests;
  private long failures;
  private long inTime;

  /**
   * The plan of a load.
   *
   * @param connections users, each with a connection of its own
   * @param rampMs in which they arrive
   * @param warmupMs from the start to the measured window, the ramp included
   * @param windowMs its length
   * @param sloMs what an answer may take; 0 where nobody asks
   */
  public record Plan(
      int port, String path, int connections, int rampMs, int warmupMs, int windowMs, int sloMs) {
    /** Nobody asks how many answers were in time. */
    public Plan(int port, String path, int connections, int rampMs, int warmupMs, int windowMs) {
      this(port, path, connections, rampMs, warmupMs, windowMs, 0);
    }
  }

  /**
   * The outcome of a load. A request belongs to the window in which it ended.
   *
   * @param requests of the whole run
   * @param failures of the whole run: answers without status 200
   * @param inWindow requests that ended in the window
   * @param cores that the generator itself used in the window; it has one thread
   * @param inTime answers with status 200 in the window that took at most the plan's SLO; null
   *     where nobody asked
   */
  public record Outcome(
      long requests,
      long failures,
      long inWindow,
      double seconds,
      double perSecond,
      long p50Us,
      long p99Us,
      long maxUs,
      double cores,
      Long inTime) {
    /** Nobody asked how many answers were in time. */
    public Outcome(
        long requests,
        long failures,
        long inWindow,
        double seconds,
        double perSecond,
        long p50Us,
        long p99Us,
        long maxUs,
        double cores) {
      this(requests, failures, inWindow, seconds, perSecond, p50Us, p99Us, maxUs, cores, null);
    }
  }

  private KeepAliveLoad(Plan plan) {
    this.plan = plan;
    address = new InetSocketAddress("127.0.0.1", plan.port());
    String text = "GET " + plan.path() + " HTTP/1.1\r\nHost: 127.0.0.1:" + plan.port() + "\r\n\r\n";
    request = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * {@code FILE PORT PATH CONNECTIONS RAMP_MS WARMUP_MS WINDOW_MS SLO_MS}; the outcome goes to
   * FILE.
   */
  public static void main(String[] args) throws IOException {
    Plan plan =
        new Plan(
            Integer.parseInt(args[1]),
            args[2],
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Integer.parseInt(args[5]),
            Integer.parseInt(args[6]),
            Integer.parseInt(args[7]));
    Json.write(Path.of(args[0]), run(plan));
  }

  /**
   * Runs to the end of the window.
   *
   * @throws IOException where a connection breaks or an answer is no plain HTTP/1.1
   */
  public static Outcome run(Plan plan) throws IOException {
    return new KeepAliveLoad(plan).run();
  }

  private Outcome run() throws IOException {
    OperatingSystemMXBean self = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long startNs = System.nanoTime();
    long fromNs = startNs + plan.warmupMs() * 1_000_000L;
    long toNs = fromNs + plan.windowMs() * 1_000_000L;
    long cpuNs = 0;
    boolean measuring = false;
    int opened = 0;
    try (Selector selector = Selector.open()) {
      for (long now = startNs; now < toNs; now = System.nanoTime()) {
        if (!measuring && now >= fromNs) {
          measuring = true;
          cpuNs = self.getProcessCpuTime();
          latencyUs.reset();
          inTime = 0;
        }
        while (opened < plan.connections() && now >= startNs + dueNs(opened)) {
          open(selector);
          opened++;
        }
        selector.select(this::ready, SELECT_MS);
      }
      double cores = (self.getProcessCpuTime() - cpuNs) / (double) (System.nanoTime() - fromNs);
      selector.keys().forEach(KeepAliveLoad::close);
      return outcome(cores);
    }
  }

  private long dueNs(int connection) {
    return plan.rampMs() * 1_000_000L * connection / plan.connections();
  }

  private Outcome outcome(double cores) {
    double seconds = plan.windowMs() / 1000.0;
    return new Outcome(
        requests,
        failures,
        latencyUs.getTotalCount(),
        seconds,
        latencyUs.getTotalCount() / seconds,
        latencyUs.getValueAtPercentile(50),
        latencyUs.getValueAtPercentile(99),
        latencyUs.getMaxValue(),
        Math.round(cores * 1000) / 1000.0,
        plan.sloMs() == 0 ? null : inTime);
  }

  private void open(Selector selector) throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    Connection connection = new Connection(channel);
    channel.register(selector, SelectionKey.OP_READ, connection);
    connection.send();
  }

  private void ready(SelectionKey key) {
    try {
      ((Connection) key.attachment()).read();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A user: one request at a time. */
  private final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer answer = ByteBuffer.allocate(BUFFER_BYTES);
    private long sentNs;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    void send() throws IOException {
      sentNs = System.nanoTime();
      ByteBuffer bytes = request.duplicate();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    void read() throws IOException {
      if (channel.read(answer) < 0) {
        throw new IOException("The server closed a connection in use.");
      }
      int length = AnswerLength.of(answer.array(), answer.position());
      if (length == AnswerLength.INCOMPLETE || answer.position() < length) {
        if (!answer.hasRemaining()) {
          throw new IOException("An answer is longer than " + BUFFER_BYTES + " bytes.");
        }
        return;
      }
      requests++;
      boolean ok = AnswerLength.isOk(answer.array());
      failures += ok ? 0 : 1;
      long tookUs = (System.nanoTime() - sentNs) / 1000;
      inTime += ok && tookUs <= plan.sloMs() * 1000L ? 1 : 0;
      latencyUs.recordValue(Math.min(LONGEST_US, tookUs));
      answer.clear();
      send();
    }
  }
}
