package dev.handlermodels.loadtests;

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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The open load generator: so many arrivals a second in each step, whatever became of those before,
 * by one thread and one selector. An arrival takes an idle connection, or opens one where all are
 * busy; its latency counts from the moment for which it was intended.
 */
public final class ArrivalLoad {
  /** How finely {@link Outcome#slices} tell what happened when. */
  public static final int SLICE_MS = 250;

  /** Beyond so many requests in flight an arrival sends nothing, and is counted as not sent. */
  static final int MAX_IN_FLIGHT = 9_000;

  private static final int BUFFER_BYTES = 8 * 1024;
  private static final long SELECT_MS = 1;
  private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(2);

  private final Plan plan;
  private final InetSocketAddress address;
  private final byte[] request;
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();
  private final ArrayDeque<Arrival> waiting = new ArrayDeque<>();
  private final List<Counts> steps = new ArrayList<>();
  private final List<Counts> slices = new ArrayList<>();
  private Selector selector;
  private long startNs;
  private int inFlight;

  /** So many arrivals a second for so long. */
  public record Step(int rate, int ms) {
    static Step parse(String text) {
      String[] parts = text.split(":");
      return new Step(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public String toString() {
      return rate + ":" + ms;
    }
  }

  /**
   * What to do.
   *
   * @param settleMs of each step that its counts leave out
   * @param timeoutMs after which a request has failed
   */
  public record Plan(int port, String path, int settleMs, int timeoutMs, List<Step> steps) {
    public int ms() {
      return steps.stream().mapToInt(Step::ms).sum();
    }
  }

  /**
   * What became of the arrivals of a time, each counted where it was intended.
   *
   * @param ok answers with status 200
   * @param refused answers with status 503 or 429
   * @param failed answers with any other status
   * @param statuses how many answers of each
   * @param broken connections that could not be opened, were reset or closed before the answer
   * @param timeouts requests without an answer in time
   * @param p50Us of the answers with status 200, as the others
   * @param lateP99Us how late the generator itself was
   */
  public record Ended(
      int arrivals,
      int ok,
      int refused,
      int failed,
      Map<Integer, Integer> statuses,
      int broken,
      int timeouts,
      int notSent,
      double seconds,
      long p50Us,
      long p99Us,
      long maxUs,
      long lateP99Us) {

    public double okPerSecond() {
      return ok / seconds;
    }
  }

  /**
   * What came of it.
   *
   * @param steps each without its beginning
   * @param slices all of the run, {@value #SLICE_MS} ms each
   * @param cores that the generator used; it has one thread
   */
  public record Outcome(List<Ended> steps, List<Ended> slices, double cores) {}

  private ArrivalLoad(Plan plan) {
    this.plan = plan;
    address = new InetSocketAddress("127.0.0.1", plan.port());
    request =
        ("GET " + plan.path() + " HTTP/1.1\r\nHost: 127.0.0.1:" + plan.port() + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    plan.steps().forEach(step -> steps.add(new Counts((step.ms() - plan.settleMs()) / 1000.0, 3)));
    for (int ms = 0; ms < plan.ms(); ms += SLICE_MS) {
      slices.add(new Counts(SLICE_MS / 1000.0, 2));
    }
  }

  /** Beside the outcome: appears when the first step begins. */
  public static Path began(Path outcome) {
    return outcome.resolveSibling(outcome.getFileName() + ".began");
  }

  /** {@code FILE PORT PATH SETTLE_MS TIMEOUT_MS RATE:MS ...}; the outcome goes to FILE. */
  public static void main(String[] args) throws IOException {
    Path outcome = Path.of(args[0]);
    Plan plan =
        new Plan(
            Integer.parseInt(args[1]),
            args[2],
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Arrays.stream(args).skip(5).map(Step::parse).toList());
    Json.write(outcome, run(plan, began(outcome)));
  }

  /**
   * Runs all steps, and on until each request has ended.
   *
   * @param began is created when the first step begins; null for no such file
   */
  public static Outcome run(Plan plan, Path began) throws IOException {
    return new ArrivalLoad(plan).run(began);
  }

  private Outcome run(Path began) throws IOException {
    OperatingSystemMXBean self = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    try (Selector opened = Selector.open()) {
      selector = opened;
      if (began != null) {
        Files.createFile(began);
      }
      startNs = System.nanoTime();
      long cpuNs = self.getProcessCpuTime();
      long stepNs = startNs;
      for (int i = 0; i < plan.steps().size(); i++) {
        step(i, stepNs);
        stepNs += plan.steps().get(i).ms() * 1_000_000L;
      }
      double cores = (self.getProcessCpuTime() - cpuNs) / (double) (System.nanoTime() - startNs);
      while (inFlight > 0) {
        turn();
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      return new Outcome(
          steps.stream().map(Counts::ended).toList(),
          slices.stream().map(Counts::ended).toList(),
          Math.round(cores * 1000) / 1000.0);
    }
  }

  private void step(int index, long fromNs) throws IOException {
    Step step = plan.steps().get(index);
    long toNs = fromNs + step.ms() * 1_000_000L;
    long arrivals = (long) step.rate() * step.ms() / 1000;
    long next = 0;
    while (System.nanoTime() < toNs || next < arrivals) {
      long now = System.nanoTime();
      while (next < arrivals && fromNs + next * 1_000_000_000L / step.rate() <= now) {
        arrive(index, fromNs, fromNs + next * 1_000_000_000L / step.rate());
        next++;
      }
      turn();
    }
  }

  private void turn() throws IOException {
    selector.select(key -> ((Connection) key.attachment()).ready(key), SELECT_MS);
    long overdueNs = System.nanoTime() - plan.timeoutMs() * 1_000_000L;
    while (!waiting.isEmpty()
        && (waiting.peek().over || waiting.peek().intendedNs - overdueNs < 0)) {
      Arrival first = waiting.poll();
      if (!first.over) {
        first.connection.close();
        first.end(counts -> counts.timeouts++);
      }
    }
  }

  private void arrive(int step, long stepNs, long intendedNs) throws IOException {
    boolean settled = intendedNs - stepNs >= plan.settleMs() * 1_000_000L;
    Arrival arrival =
        new Arrival(
            intendedNs,
            settled ? steps.get(step) : null,
            slices.get((int) ((intendedNs - startNs) / (SLICE_MS * 1_000_000L))));
    if (inFlight >= MAX_IN_FLIGHT) {
      arrival.count(counts -> counts.notSent++);
      return;
    }
    inFlight++;
    waiting.add(arrival);
    Connection connection = idle.pollLast();
    while (connection != null && !connection.channel.isOpen()) {
      connection = idle.pollLast();
    }
    arrival.connection = connection == null ? new Connection() : connection;
    arrival.connection.take(arrival);
  }

  /** What to count. */
  private interface Count {
    void in(Counts counts);
  }

  /** One request. */
  private final class Arrival {
    private final long intendedNs;
    private final Counts step;
    private final Counts slice;
    private Connection connection;
    private boolean over;

    /**
     * @param step null where the step has not settled
     */
    Arrival(long intendedNs, Counts step, Counts slice) {
      this.intendedNs = intendedNs;
      this.step = step;
      this.slice = slice;
      long lateUs = Math.clamp((System.nanoTime() - intendedNs) / 1000, 0, LONGEST_US);
      count(
          counts -> {
            counts.arrivals++;
            counts.lateUs.recordValue(lateUs);
          });
    }

    void count(Count what) {
      what.in(slice);
      if (step != null) {
        what.in(step);
      }
    }

    void end(Count what) {
      over = true;
      inFlight--;
      count(what);
    }

    void answered(int status) {
      long tookUs = Math.clamp((System.nanoTime() - intendedNs) / 1000, 0, LONGEST_US);
      end(
          counts -> {
            counts.statuses.merge(status, 1, Integer::sum);
            switch (status) {
              case 200 -> {
                counts.ok++;
                counts.latencyUs.recordValue(tookUs);
              }
              case 503, 429 -> counts.refused++;
              default -> counts.failed++;
            }
          });
    }
  }

  /** One request at a time. */
  private final class Connection {
    private final SocketChannel channel = SocketChannel.open();
    private final ByteBuffer answer = ByteBuffer.allocate(BUFFER_BYTES);
    private Arrival arrival;

    Connection() throws IOException {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
    }

    void take(Arrival next) {
      arrival = next;
      try {
        if (channel.isConnected()) {
          send();
        } else {
          channel.register(selector, SelectionKey.OP_CONNECT, this);
          if (channel.connect(address)) {
            connected();
          }
        }
      } catch (IOException e) {
        broke();
      }
    }

    private void connected() throws IOException {
      channel.keyFor(selector).interestOps(SelectionKey.OP_READ);
      send();
    }

    private void send() throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(request);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    void ready(SelectionKey key) {
      try {
        if (key.isConnectable()) {
          channel.finishConnect();
          connected();
        } else {
          read();
        }
      } catch (IOException e) {
        broke();
      }
    }

    private void read() throws IOException {
      if (channel.read(answer) < 0) {
        throw new IOException("The server closed the connection.");
      }
      int length = AnswerLength.of(answer.array(), answer.position());
      if (length == AnswerLength.INCOMPLETE || answer.position() < length) {
        if (!answer.hasRemaining()) {
          throw new IOException("An answer is longer than " + BUFFER_BYTES + " bytes.");
        }
        return;
      }
      int status = AnswerLength.status(answer.array());
      answer.clear();
      Arrival done = arrival;
      arrival = null;
      if (done != null) {
        done.answered(status);
      }
      idle.add(this);
    }

    /** An idle connection that the server closes is nobody's loss. */
    private void broke() {
      close();
      if (arrival != null) {
        arrival.end(counts -> counts.broken++);
      }
    }

    void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  /** Of one time. */
  private static final class Counts {
    private final double seconds;
    private final Histogram latencyUs;
    private final Histogram lateUs;
    private int arrivals;
    private int ok;
    private int refused;
    private int failed;
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private int broken;
    private int timeouts;
    private int notSent;

    Counts(double seconds, int digits) {
      this.seconds = seconds;
      latencyUs = new Histogram(LONGEST_US, digits);
      lateUs = new Histogram(LONGEST_US, digits);
    }

    Ended ended() {
      return new Ended(
          arrivals,
          ok,
          refused,
          failed,
          statuses,
          broken,
          timeouts,
          notSent,
          seconds,
          latencyUs.getValueAtPercentile(50),
          latencyUs.getValueAtPercentile(99),
          latencyUs.getMaxValue(),
          lateUs.getValueAtPercentile(99));
    }
  }
}
