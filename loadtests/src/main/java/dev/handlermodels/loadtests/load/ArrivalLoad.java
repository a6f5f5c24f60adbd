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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * The open load generator: a rate of arrivals in each step, independent of the answers, from one
 * thread and one selector. An arrival takes an idle connection, or opens one where all are busy;
 * its latency counts from the moment for which it was intended. Its request is drawn from a mix,
 * and so is whether its client waits for the answer.
 */
public final class ArrivalLoad {
  /** The length of {@link Outcome#slices}, unless the plan says otherwise. */
  public static final int SLICE_MS = 250;

  /** A path: that of a task accepted before; as long as there is none, the list of tasks. */
  public static final String TASK = "{task}";

  /** Stands for the arrival's number in a path or a header field. */
  public static final String NUMBER = "{n}";

  /** Beyond so many requests in flight an arrival sends nothing, and is counted as not sent. */
  static final int MAX_IN_FLIGHT = 9_000;

  private static final int BUFFER_BYTES = 8 * 1024;
  private static final int LONGEST_ANSWER_BYTES = 64 * 1024;

  /** The newest tasks, one of which {@link #TASK} asks for. */
  private static final int TASKS_KNOWN = 50;

  private static final Pattern LOCATION = Pattern.compile("(?im)^location: *(\\S+)");
  private static final long SELECT_MS = 1;
  private static final long LONGEST_US = TimeUnit.MINUTES.toMicros(2);

  private final Plan plan;
  private final InetSocketAddress address;
  private final List<Asked> mix;
  private final int weights;
  private final SplittableRandom random;
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();
  private final ArrayDeque<Arrival> waiting = new ArrayDeque<>();
  private final PriorityQueue<Arrival> leaving =
      new PriorityQueue<>(Comparator.comparingLong((Arrival arrival) -> arrival.leaveNs));
  private final ArrayDeque<String> tasks = new ArrayDeque<>();
  private final List<Counts> steps = new ArrayList<>();
  private final List<Counts> slices = new ArrayList<>();
  private Selector selector;
  private long startNs;
  private int inFlight;
  private long number;
  private int hangUps;
  private int connections;

  /** A number of arrivals a second for some time. */
  public record Step(int rate, int ms) {}

  /**
   * A request that an arrival can make.
   *
   * @param path may be {@link #TASK}, or have {@link #NUMBER} in it
   * @param fields of the head beside Host and Content-Length, a line each; may have {@link #NUMBER}
   *     in them
   * @param body empty for none
   * @param expects the status of a good answer
   * @param stayMs whoever hangs up does so within this time: before there is an answer
   * @param weight how often, in proportion to the others of the mix
   */
  public record Request(
      String method,
      String path,
      List<String> fields,
      String body,
      int expects,
      int stayMs,
      int weight) {
    public static Request get(String path, int stayMs, int weight) {
      return new Request("GET", path, List.of(), "", 200, stayMs, weight);
    }
  }

  /**
   * How clients behave.
   *
   * @param users so many who ask again when they have their answer, in place of arrivals; 0: open
   * @param hangUpPercent of the arrivals whose client does not wait for the answer: having sent a
   *     body's first half, or all where there is none, one closes its connection and the next one
   *     resets it
   * @param answersPerConnection after which a client closes it; 0: never
   * @param idleMs after which a client closes a connection that it did not use; 0: never
   * @param seed of all that is drawn
   */
  public record Clients(
      int users, int hangUpPercent, int answersPerConnection, int idleMs, long seed) {
    static final Clients PATIENT = new Clients(0, 0, 0, 0, 0);
  }

  /**
   * The plan of a load.
   *
   * @param settleMs of each step that its counts leave out
   * @param timeoutMs after which a request has failed
   * @param sliceMs length of a slice
   */
  public record Plan(
      int port,
      List<Request> mix,
      int settleMs,
      int timeoutMs,
      List<Step> steps,
      int sliceMs,
      Clients clients) {
    /** Patient clients that ask for one path. */
    public Plan(int port, String path, int settleMs, int timeoutMs, List<Step> steps) {
      this(
          port,
          List.of(Request.get(path, 0, 1)),
          settleMs,
          timeoutMs,
          steps,
          SLICE_MS,
          Clients.PATIENT);
    }

    public int ms() {
      return steps.stream().mapToInt(Step::ms).sum();
    }
  }

  /**
   * How the arrivals of an interval ended, each counted where it was intended.
   *
   * @param ok answers with the status that was expected, 200 mostly
   * @param refused answers with status 503 or 429
   * @param failed answers with any other status
   * @param statuses how many answers of each
   * @param broken connections that could not be opened, were reset or closed before the answer
   * @param timeouts requests without an answer in time
   * @param p50Us of the answers that are ok, as the others
   * @param lateP99Us how late the generator itself was
   * @param hungUp arrivals whose client left before the answer
   */
  public record IntervalStats(
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
      long lateP99Us,
      Integer hungUp) {

    /** A run from before clients hung up does not say how many did. */
    public IntervalStats {
      hungUp = hungUp == null ? 0 : hungUp;
    }

    public double okPerSecond() {
      return ok / seconds;
    }
  }

  /**
   * The outcome of a load.
   *
   * @param steps each without its beginning
   * @param slices all of the run
   * @param cores that the generator used; it has one thread
   * @param opened connections in all; null where nobody counted them
   */
  public record Outcome(
      List<IntervalStats> steps, List<IntervalStats> slices, double cores, Integer opened) {
    /** Nobody counted the connections. */
    public Outcome(List<IntervalStats> steps, List<IntervalStats> slices, double cores) {
      this(steps, slices, cores, null);
    }
  }

  private ArrivalLoad(Plan plan) {
    this.plan = plan;
    address = new InetSocketAddress("127.0.0.1", plan.port());
    mix = plan.mix().stream().map(Asked::new).toList();
    weights = plan.mix().stream().mapToInt(Request::weight).sum();
    random = new SplittableRandom(plan.clients().seed());
    plan.steps().forEach(step -> steps.add(new Counts((step.ms() - plan.settleMs()) / 1000.0, 3)));
    for (int ms = 0; ms < plan.ms(); ms += plan.sliceMs()) {
      slices.add(new Counts(plan.sliceMs() / 1000.0, 2));
    }
  }

  /** Beside the outcome: appears when the first step begins. */
  public static Path began(Path outcome) {
    return outcome.resolveSibling(outcome.getFileName() + ".began");
  }

  /** {@code OUTCOME PLAN}, two files. */
  public static void main(String[] args) throws IOException {
    Path outcome = Path.of(args[0]);
    Json.write(outcome, run(Json.read(Path.of(args[1]), Plan.class), began(outcome)));
  }

  /**
   * Runs all steps, and continues until each request has ended.
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
          Math.round(cores * 1000) / 1000.0,
          connections);
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
      for (int user = inFlight; user < plan.clients().users(); user++) {
        arrive(index, fromNs, now);
      }
      turn();
    }
  }

  private void turn() throws IOException {
    while (!leaving.isEmpty() && leaving.peek().leaveNs <= System.nanoTime()) {
      leaving.poll().hangUp();
    }
    closeIdle();
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

  /** Idle connections, the longest idle first; the last one is used first. */
  private void closeIdle() {
    long sinceNs = System.nanoTime() - plan.clients().idleMs() * 1_000_000L;
    while (plan.clients().idleMs() > 0
        && !idle.isEmpty()
        && idle.peekFirst().idleNs - sinceNs < 0) {
      idle.pollFirst().close();
    }
  }

  private void arrive(int step, long stepNs, long intendedNs) throws IOException {
    boolean settled = intendedNs - stepNs >= plan.settleMs() * 1_000_000L;
    Arrival arrival =
        new Arrival(
            drawn(),
            intendedNs,
            settled ? steps.get(step) : null,
            slices.get(Math.min(slice(intendedNs), slices.size() - 1)));
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

  private int slice(long intendedNs) {
    return (int) ((intendedNs - startNs) / (plan.sliceMs() * 1_000_000L));
  }

  private Asked drawn() {
    if (mix.size() == 1) {
      return mix.getFirst();
    }
    int left = random.nextInt(weights);
    for (Asked asked : mix) {
      left -= asked.request.weight();
      if (left < 0) {
        return asked;
      }
    }
    throw new IllegalStateException("the weights are not those of the mix");
  }

  /** A request of the mix; its bytes too, where they are the same each time. */
  private final class Asked {
    private final Request request;
    private final byte[] same;

    Asked(Request request) {
      this.request = request;
      String head = head(request.path());
      same = head.contains(NUMBER) || head.contains(TASK) ? null : bytes(head);
    }

    byte[] bytes(long arrival) {
      if (same != null) {
        return same;
      }
      boolean isTask = request.path().equals(TASK);
      String path = !isTask ? request.path() : tasks.isEmpty() ? "/tasks" : tasks.remove();
      return bytes(head(path).replace(NUMBER, Long.toString(arrival)));
    }

    private String head(String path) {
      StringBuilder head = new StringBuilder(request.method() + " " + path + " HTTP/1.1\r\n");
      head.append("Host: 127.0.0.1:").append(plan.port()).append("\r\n");
      request.fields().forEach(field -> head.append(field).append("\r\n"));
      if (!request.body().isEmpty()) {
        head.append("Content-Length: ").append(request.body().length()).append("\r\n");
      }
      return head.append("\r\n").toString();
    }

    private byte[] bytes(String head) {
      return (head + request.body()).getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  /** Which arrivals to count. */
  private interface Count {
    void in(Counts counts);
  }

  /** One request. */
  private final class Arrival {
    private final long id = number++;
    private final Asked asked;
    private final boolean hangsUp;
    private final int stayMs;
    private final long intendedNs;
    private final Counts step;
    private final Counts slice;
    private Connection connection;
    private long leaveNs;
    private boolean over;

    /**
     * @param step null where the step has not settled
     */
    Arrival(Asked asked, long intendedNs, Counts step, Counts slice) {
      this.asked = asked;
      this.hangsUp = random.nextInt(100) < plan.clients().hangUpPercent();
      // Drawn here, in the order of arrivals: when a request has been sent depends on the machine.
      this.stayMs = random.nextInt(asked.request.stayMs() + 1);
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

    /** The bytes to send: the first half of a body where the client hangs up before its end. */
    ByteBuffer bytes() {
      byte[] bytes = asked.bytes(id);
      int kept = hangsUp ? asked.request.body().length() / 2 : 0;
      return ByteBuffer.wrap(bytes, 0, bytes.length - kept);
    }

    void sent() {
      if (hangsUp) {
        leaveNs = System.nanoTime() + stayMs * 1_000_000L;
        leaving.add(this);
      }
    }

    void hangUp() throws IOException {
      if (!over) {
        connection.hangUp(hangUps++ % 2 == 0);
        end(counts -> counts.hungUp++);
      }
    }

    void answered(int status) {
      long tookUs = Math.clamp((System.nanoTime() - intendedNs) / 1000, 0, LONGEST_US);
      end(
          counts -> {
            counts.statuses.merge(status, 1, Integer::sum);
            if (status == asked.request.expects()) {
              counts.ok++;
              counts.latencyUs.recordValue(tookUs);
            } else if (status == 503 || status == 429) {
              counts.refused++;
            } else {
              counts.failed++;
            }
          });
    }
  }

  /** One request at a time. */
  private final class Connection {
    private final SocketChannel channel = SocketChannel.open();
    private ByteBuffer answer = ByteBuffer.allocate(BUFFER_BYTES);
    private Arrival arrival;
    private int answers;
    private long idleNs;

    Connection() throws IOException {
      connections++;
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
      ByteBuffer bytes = arrival.bytes();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      arrival.sent();
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
        makeRoom();
        return;
      }
      int status = AnswerLength.status(answer.array());
      if (status == 202) {
        learnTask(length);
      }
      answer.clear();
      Arrival done = arrival;
      arrival = null;
      if (done != null) {
        done.answered(status);
      }
      boolean leaves = done == null || done.hangsUp; // an answer that came before it could
      if (++answers == plan.clients().answersPerConnection() || leaves) {
        close();
      } else {
        idleNs = System.nanoTime();
        idle.add(this);
      }
    }

    private void makeRoom() throws IOException {
      if (answer.hasRemaining()) {
        return;
      }
      if (answer.capacity() >= LONGEST_ANSWER_BYTES) {
        throw new IOException("An answer is longer than " + LONGEST_ANSWER_BYTES + " bytes.");
      }
      answer = ByteBuffer.allocate(2 * answer.capacity()).put(answer.flip());
    }

    private void learnTask(int length) {
      Matcher location =
          LOCATION.matcher(new String(answer.array(), 0, length, StandardCharsets.ISO_8859_1));
      if (location.find()) {
        tasks.add(location.group(1));
      }
      if (tasks.size() > TASKS_KNOWN) {
        tasks.remove();
      }
    }

    void hangUp(boolean reset) throws IOException {
      arrival = null;
      if (reset) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
      close();
    }

    /** An idle connection that the server closes is nobody's loss. */
    private void broke() {
      close();
      if (arrival == null) {
        idle.remove(this);
      } else {
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
    private int hungUp;

    Counts(double seconds, int digits) {
      this.seconds = seconds;
      latencyUs = new Histogram(LONGEST_US, digits);
      lateUs = new Histogram(LONGEST_US, digits);
    }

    IntervalStats ended() {
      return new IntervalStats(
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
          lateUs.getValueAtPercentile(99),
          hungUp);
    }
  }
}
