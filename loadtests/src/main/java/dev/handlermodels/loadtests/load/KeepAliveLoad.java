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
import java.util.ArrayList;
import java.util.List;
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
  private static final int TOO_MANY = 429;
  private static final int REFUSED = 503;
  private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(2);
  private static final long RECONNECT_NS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Of answers with status 200, and of what was given up. */
  private final Histogram latencyUs = new Histogram(LONGEST_US, 3);

  private final InetSocketAddress address;
  private final ByteBuffer request;
  private final Plan plan;
  private final List<Connection> users = new ArrayList<>();
  private long requests;
  private long failures;
  private long refused;
  private long inTime;
  private long inWindow;

  /**
   * The plan of a load.
   *
   * @param connections users, each with a connection of its own
   * @param rampMs in which they arrive
   * @param warmupMs from the start to the measured window, the ramp included
   * @param windowMs its length
   * @param sloMs what an answer may take; 0 where nobody asks
   * @param patienceMs after which an answer counts as failed; it and a connection that breaks cost
   *     a user its connection, and it opens another one. Who is refused comes again when it is told
   *     to, by Retry-After. 0: what breaks ends the load, and nobody waits
   */
  public record Plan(
      int port,
      String path,
      int connections,
      int rampMs,
      int warmupMs,
      int windowMs,
      int sloMs,
      int patienceMs) {
    /** Nobody asks how many answers were in time, and nothing may break. */
    public Plan(int port, String path, int connections, int rampMs, int warmupMs, int windowMs) {
      this(port, path, connections, rampMs, warmupMs, windowMs, 0);
    }

    /** Nothing may break. */
    public Plan(
        int port, String path, int connections, int rampMs, int warmupMs, int windowMs, int sloMs) {
      this(port, path, connections, rampMs, warmupMs, windowMs, sloMs, 0);
    }
  }

  /**
   * The outcome of a load. A request belongs to the window in which it ended.
   *
   * @param requests of the whole run
   * @param failures of the whole run: answers without status 200, and what broke or took too long
   * @param inWindow requests that ended in the window
   * @param p50Us of the answers with status 200, and of what was given up, like the next two
   * @param cores that the generator itself used in the window; it has one thread
   * @param inTime answers with status 200 in the window that took at most the plan's SLO; null
   *     where nobody asked
   * @param refused of the failures, answers with status 503 or 429; null in files of earlier
   *     versions
   * @param timed requests in the window of which the times are; null in files of earlier versions,
   *     where it was all of them
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
      Long inTime,
      Long refused,
      Long timed) {
    /** Null where nobody knows how long an answer takes, for there was none in the window. */
    public Double p50Ms() {
      return isTimed() ? (Double) (p50Us / 1000.0) : null;
    }

    /** Null, as above. */
    public Double p99Ms() {
      return isTimed() ? (Double) (p99Us / 1000.0) : null;
    }

    /** Null, as above. */
    public Double maxMs() {
      return isTimed() ? (Double) (maxUs / 1000.0) : null;
    }

    private boolean isTimed() {
      return timed == null ? inWindow > 0 : timed > 0;
    }

    /** Nobody asked how many answers were in time, and nobody was refused. */
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
      this(
          requests, failures, inWindow, seconds, perSecond, p50Us, p99Us, maxUs, cores, null, 0L,
          inWindow);
    }
  }

  private KeepAliveLoad(Plan plan) {
    this.plan = plan;
    address = new InetSocketAddress("127.0.0.1", plan.port());
    String text = "GET " + plan.path() + " HTTP/1.1\r\nHost: 127.0.0.1:" + plan.port() + "\r\n\r\n";
    request = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * {@code FILE PORT PATH CONNECTIONS RAMP_MS WARMUP_MS WINDOW_MS SLO_MS PATIENCE_MS}; the outcome
   * goes to FILE.
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
            Integer.parseInt(args[7]),
            Integer.parseInt(args[8]));
    Json.write(Path.of(args[0]), run(plan));
  }

  /**
   * Runs to the end of the window.
   *
   * @throws IOException where a connection breaks or an answer is no plain HTTP/1.1, and the plan
   *     has no patience
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
    try (Selector selector = Selector.open()) {
      for (long now = startNs; now < toNs; now = System.nanoTime()) {
        if (!measuring && now >= fromNs) {
          measuring = true;
          cpuNs = self.getProcessCpuTime();
          latencyUs.reset();
          inTime = 0;
          inWindow = 0;
        }
        while (users.size() < plan.connections() && now >= startNs + dueNs(users.size())) {
          users.add(new Connection(selector));
        }
        if (plan.patienceMs() > 0) {
          for (Connection user : users) {
            user.check(now);
          }
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
        inWindow,
        seconds,
        inWindow / seconds,
        latencyUs.getValueAtPercentile(50),
        latencyUs.getValueAtPercentile(99),
        latencyUs.getMaxValue(),
        Math.round(cores * 1000) / 1000.0,
        plan.sloMs() == 0 ? null : inTime,
        refused,
        latencyUs.getTotalCount());
  }

  private void ready(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      connection.ready(key);
    } catch (IOException e) {
      if (plan.patienceMs() == 0) {
        throw new java.io.UncheckedIOException(e);
      }
      connection.fail();
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
    private final Selector selector;
    private final ByteBuffer answer = ByteBuffer.allocate(BUFFER_BYTES);
    private SocketChannel channel;
    private long sentNs;
    private boolean isBroken;

    /** When it may ask again; 0 where nobody told it to wait. */
    private long refusedUntilNs;

    Connection(Selector selector) throws IOException {
      this.selector = selector;
      open();
    }

    private void open() throws IOException {
      sentNs = System.nanoTime();
      isBroken = false;
      answer.clear();
      channel = SocketChannel.open();
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, this);
      if (channel.connect(address)) {
        opened(key);
      }
    }

    private void opened(SelectionKey key) throws IOException {
      key.interestOps(SelectionKey.OP_READ);
      send();
    }

    void ready(SelectionKey key) throws IOException {
      if (key.isConnectable()) {
        channel.finishConnect();
        opened(key);
      } else {
        read();
      }
    }

    /** Gives up what takes too long, opens again what broke a moment ago, and waits as told. */
    void check(long now) throws IOException {
      if (refusedUntilNs != 0) {
        if (now - refusedUntilNs > 0) {
          refusedUntilNs = 0;
          send();
        }
      } else if (isBroken && now - sentNs > RECONNECT_NS) {
        open();
      } else if (!isBroken && now - sentNs > plan.patienceMs() * 1_000_000L) {
        time(now);
        fail();
      }
    }

    private void time(long now) {
      latencyUs.recordValue(Math.min(LONGEST_US, (now - sentNs) / 1000));
    }

    void fail() {
      requests++;
      inWindow++;
      failures++;
      isBroken = true;
      refusedUntilNs = 0;
      sentNs = System.nanoTime();
      try {
        channel.close();
      } catch (IOException _) {
        // It is gone either way.
      }
    }

    private void send() throws IOException {
      sentNs = System.nanoTime();
      ByteBuffer bytes = request.duplicate();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    private void read() throws IOException {
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
      inWindow++;
      if (AnswerLength.isOk(answer.array())) {
        long now = System.nanoTime();
        inTime += now - sentNs <= plan.sloMs() * 1_000_000L ? 1 : 0;
        time(now);
      } else {
        failures++;
        if (isRefused()) {
          return;
        }
      }
      answer.clear();
      send();
    }

    /** True where the user has been told to wait, and does. */
    private boolean isRefused() {
      int status = AnswerLength.status(answer.array());
      if (status != REFUSED && status != TOO_MANY) {
        return false;
      }
      refused++;
      int seconds = AnswerLength.retryAfterSeconds(answer.array(), answer.position());
      if (plan.patienceMs() == 0 || seconds == 0) {
        return false;
      }
      answer.clear();
      refusedUntilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      return true;
    }
  }
}
