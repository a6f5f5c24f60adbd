package dev.handlermodels.api.launch;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.FanOut;
import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.Resources;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.RootTemplate;
import dev.handlermodels.api.admission.AdaptiveLimit;
import dev.handlermodels.api.admission.ClientPlaces;
import dev.handlermodels.api.admission.Drainable;
import dev.handlermodels.api.admission.MemoryBudget;
import dev.handlermodels.api.admission.MemoryCosts;
import dev.handlermodels.api.admission.QueueDelayProbe;
import dev.handlermodels.api.admission.RateLimit;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.admission.Workers;
import dev.handlermodels.api.chat.ChatRooms;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.settings.TaskSettings;
import dev.handlermodels.api.telemetry.LoopLag;
import dev.handlermodels.api.telemetry.Metrics;
import dev.handlermodels.api.telemetry.PinnedWaits;
import dev.handlermodels.api.telemetry.ThreadCensus;
import dev.handlermodels.api.telemetry.Tracing;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.upstream.UpstreamGuards;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.Http2Frames;
import dev.handlermodels.api.work.Call;
import dev.handlermodels.api.work.CpuWork;
import dev.handlermodels.api.work.DataFile;
import dev.handlermodels.api.work.Play;
import dev.handlermodels.api.work.ServerIdentity;
import dev.handlermodels.api.work.Streams;
import dev.handlermodels.api.work.TaskQueue;
import dev.handlermodels.api.work.TaskStore;
import dev.handlermodels.api.work.WorkerPool;
import io.micrometer.core.instrument.binder.jvm.ExecutorServiceMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.IntFunction;

/**
 * What a server is made of besides its handler model: who it is, its settings, and what counts and
 * measures its requests.
 */
public final class Service implements AutoCloseable {
  private final ServerIdentity identity;
  private final Settings settings;
  private final ThreadCensus census;
  private final Tracing tracing;
  private final MemoryBudget memory;
  private final Traffic traffic;
  private volatile TaskStore tasks;
  private IntFunction<UpstreamAnswer> upstreamCall;
  private final DataFile dataFile;
  private final WorkerPool workers;
  private final CpuWork cpu;
  private final Streams streams;
  private final ChatRooms chat;
  private final Limit.Counts limits;
  private final ConnectionReaper slowPeers;
  private final UpstreamGuards upstreamGuards;
  private final byte[] openApi = Resources.bytes("/openapi.yaml");
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

  /** Null unless they are counted. */
  private final PinnedWaits pinnedWaits;

  private final List<Drainable> drainables = new CopyOnWriteArrayList<>();
  private final List<LoopLag> loopLags = new CopyOnWriteArrayList<>();
  private final List<QueueDelayProbe> latenesses = new CopyOnWriteArrayList<>();
  private final List<Need> needs = new CopyOnWriteArrayList<>();

  /** A field, because the registry keeps only a weak reference to it. */
  private final DoubleSupplier loopsStalledMs = this::loopsStalledMs;

  private volatile Framework framework;
  private volatile int managementPort;
  private volatile Set<String> managementReaders = Set.of();
  private Play play;
  private volatile boolean listening;
  private volatile boolean accepts = true;
  private volatile Runnable whenListenerIsLost = () -> {};

  /**
   * @param server the short name, as {@code ./serve} takes it
   * @param model the handler model
   * @param costs what one client costs on this server
   */
  public Service(String server, String model, Settings settings, MemoryCosts costs) {
    this.settings = settings;
    this.census = new ThreadCensus();
    this.identity =
        new ServerIdentity(
            server, model, census, new RootTemplate(server, model, endpoints(settings)));
    registry.config().commonTags("server", server);
    this.pinnedWaits = settings.countPinned() ? PinnedWaits.start(registry) : null;
    this.tracing =
        Tracing.of(server, settings.openTelemetry().values(), settings.tracesPerSecond(), registry);
    this.memory =
        new MemoryBudget(settings.clientMemoryBytes(), settings.maxBodiesBytes(), costs, registry);
    this.traffic =
        new Traffic(
            settings.maxInFlight(),
            AdaptiveLimit.of(settings.overload().adaptiveLimit(), settings.maxInFlight()),
            settings.rateLimit().enabled() ? new RateLimit(settings.rateLimit(), registry) : null,
            ClientPlaces.of(
                settings.overload().maxInFlightPerClient(), settings.rateLimit().trustedProxies()),
            memory,
            registry,
            tracing,
            settings.accessLog(),
            settings.antiPatterns());
    drains(traffic);
    if (settings.tasks().store() == TaskSettings.Store.MEMORY) {
      tasksIn(new TaskQueue(server, settings.tasks(), registry));
    }
    this.dataFile = DataFile.open(settings.dataFile());
    this.workers = new WorkerPool(pool("worker", settings.workers(), settings.queueSize()), census);
    this.cpu = new CpuWork(pool("cpu-worker", settings.cpuWorkers(), settings.queueSize()), census);
    this.limits = new Limit.Counts(registry);
    this.slowPeers = new ConnectionReaper(settings, limits, memory);
    this.streams = new Streams(identity, settings, traffic::draining, limits, registry);
    this.chat = new ChatRooms(settings, memory, census, limits, traffic::draining, registry);
    this.upstreamGuards = new UpstreamGuards(settings, limits, registry);
    Metrics.ofProcess(registry);
    Metrics.ofHandlers(registry, census);
    gcMetrics.bindTo(registry);
  }

  private static List<Results.EndpointInfo> endpoints(Settings settings) {
    return Arrays.stream(Endpoint.values())
        .filter(e -> settings.antiPatterns() || !e.isAntiPattern())
        .map(e -> new Results.EndpointInfo(e.method(), e.path(), e.summary()))
        .toList();
  }

  /**
   * To be called on each event loop: results name it as one from now on, and how late it is gets
   * measured.
   *
   * @param loop runs a task on this loop
   */
  public void eventLoop(Consumer<Runnable> loop) {
    census.thisIsAnEventLoop();
    LoopLag lag = new LoopLag(loop);
    if (loopLags.isEmpty()) {
      Metrics.ofEventLoops(registry, this::loopLagNowMs, this::loopLagRecentMaxMs, loopsStalledMs);
    }
    loopLags.add(lag);
    handlersTakeTurns(loop);
  }

  /**
   * New requests wait their turn where these tasks do: on an event loop, or for a carrier. Where
   * they would wait longer than MAX_QUEUE_MS they are refused from now on.
   *
   * @param turns runs a task when its turn comes
   */
  public void handlersTakeTurns(Consumer<Runnable> turns) {
    int maxQueueMs = settings.overload().maxQueueMs();
    if (maxQueueMs > 0) {
      QueueDelayProbe lateness = new QueueDelayProbe(turns, maxQueueMs);
      latenesses.add(lateness);
      traffic.refusesWhenLate(lateness, maxQueueMs);
    }
  }

  /**
   * A pool of platform threads behind a bounded queue, of which the metrics tell size, use and
   * queue.
   *
   * @param name of the pool and its threads
   * @param queueSize tasks that wait for a free thread; one more is rejected, and so is one that
   *     would wait longer than MAX_QUEUE_MS
   */
  public ThreadPoolExecutor pool(String name, int threads, int queueSize) {
    return pool(name, threads, queueSize, settings.overload().maxQueueMs());
  }

  ThreadPoolExecutor pool(String name, int threads, int queueSize, int maxQueueMs) {
    ThreadPoolExecutor pool = Workers.bounded(name, threads, queueSize, maxQueueMs);
    new ExecutorServiceMetrics(pool, name, List.of()).bindTo(registry);
    return pool;
  }

  public String server() {
    return identity.server();
  }

  public String model() {
    return identity.model();
  }

  public Settings settings() {
    return settings;
  }

  public ThreadCensus census() {
    return census;
  }

  public Traffic traffic() {
    return traffic;
  }

  /** The memory that clients may make this process hold. */
  public MemoryBudget memory() {
    return memory;
  }

  public TaskStore tasks() {
    return tasks;
  }

  /** To be called before the server listens, where tasks are not kept in memory. */
  public void tasksIn(TaskStore store) {
    tasks = store;
    drains(store);
    if (upstreamCall != null) {
      store.callsBy(upstreamCall);
    }
  }

  /** To be called before the server listens: how a task calls the upstream. */
  public void tasksCallBy(IntFunction<UpstreamAnswer> blockingCall) {
    upstreamCall = blockingCall;
    if (tasks != null) {
      tasks.callsBy(blockingCall);
    }
  }

  /** Shutting down waits for this work, too. */
  public void drains(Drainable work) {
    drainables.add(work);
  }

  List<Drainable> drainables() {
    return drainables;
  }

  /** What stands between this server and its upstream. */
  public UpstreamGuards upstreamGuards() {
    return upstreamGuards;
  }

  /** The streams that are open. */
  public Streams streams() {
    return streams;
  }

  /** The chat rooms and who is there. */
  public ChatRooms chat() {
    return chat;
  }

  /** How often which limit was exceeded. */
  public Limit.Counts limits() {
    return limits;
  }

  /** Where each connection is announced. */
  public ConnectionReaper slowPeers() {
    return slowPeers;
  }

  /** The limits of a connection that speaks HTTP/2. */
  public Http2Frames http2Frames(ConnectionReaper.Peer peer) {
    return new Http2Frames(peer, limits);
  }

  /** The file that {@code /file} reads. */
  public Path dataFile() {
    return dataFile.path();
  }

  /**
   * The content of that file, for which the calling thread waits.
   *
   * @throws IOException where it is no longer what it was at the start
   */
  public byte[] readDataFile() throws IOException {
    return dataFile.read();
  }

  /** Threads for blocking work. */
  public WorkerPool workers() {
    return workers;
  }

  /** Work for a processor. */
  public CpuWork cpu() {
    return cpu;
  }

  /** The contract, as YAML. */
  public byte[] openApi() {
    return openApi;
  }

  /** A handler starts here: remembers the thread and the time for its result. */
  public Call call(Endpoint endpoint) {
    return new Call(identity, endpoint);
  }

  /** What a client asks of {@code /fanout}, with at most FANOUT_CONCURRENCY calls at once. */
  public FanOut fanOut(String rawQuery) {
    return Query.fanOut(rawQuery).atMost(settings.overload().fanoutConcurrency());
  }

  /** Something without which new requests are not welcome. */
  private record Need(BooleanSupplier met, String otherwise) {}

  /**
   * From now on this server is ready only while something is so.
   *
   * @param met asked often, and must not wait
   * @param otherwise why it is not ready, as a client is told
   */
  public void needs(BooleanSupplier met, String otherwise) {
    needs.add(new Need(met, otherwise));
  }

  /** Ready while listening, not draining, and able to accept. */
  boolean isReady() {
    return listening && accepts && !traffic.draining();
  }

  /** Whether the main listener can accept connections now: it cannot without descriptors. */
  public void acceptsConnections(boolean can) {
    accepts = can;
  }

  /** The main listener has ended though nobody has closed it, so nobody can connect any more. */
  public void listenerLost() {
    accepts = false;
    whenListenerIsLost.run();
  }

  /** What is to be done then. */
  void whenListenerIsLost(Runnable then) {
    whenListenerIsLost = then;
  }

  /** The management listener is open on this port, before the main one is. */
  void managementListening(int port) {
    managementPort = port;
  }

  /**
   * The main listener is open.
   *
   * @param port its own
   */
  void listening(Framework told, int port) {
    framework = told;
    managementReaders = settings.playOrigins().readers(port);
    listening = true;
  }

  /**
   * Whether pages of this origin may read the management listener.
   *
   * @param origin as a browser names it
   */
  boolean isManagementReader(String origin) {
    return managementReaders.contains(origin);
  }

  /** The page at {@code /play}, whose files are read when the first of them is asked for. */
  public synchronized Play play() {
    if (play == null) {
      play = new Play(identity, settings.playOrigins(), managementPort);
    }
    return play;
  }

  Framework framework() {
    return framework;
  }

  public Results.Health live() {
    return new Results.Health("UP", identity.server());
  }

  /**
   * @throws ProblemException 503 while starting or draining, or where nobody can connect
   */
  public Results.Health ready() {
    if (!accepts) {
      throw Problems.overloaded("connections cannot be accepted now");
    }
    if (!isReady()) {
      throw Problems.overloaded("this server is starting or shutting down");
    }
    for (Need need : needs) {
      if (!need.met.getAsBoolean()) {
        throw Problems.overloaded(need.otherwise);
      }
    }
    return new Results.Health("UP", identity.server());
  }

  Tracing tracing() {
    return tracing;
  }

  /** Where whatever a server is made of registers its metrics. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  boolean hasEventLoops() {
    return !loopLags.isEmpty();
  }

  /** The lag of the loop that is latest now. */
  double loopLagNowMs() {
    return loopLags.stream().mapToDouble(LoopLag::nowMs).max().orElse(0);
  }

  /** The greatest lag of any loop in the last seconds, see {@link LoopLag#RECENT_MS}. */
  double loopLagRecentMaxMs() {
    return loopLags.stream().mapToDouble(LoopLag::recentMaxMs).max().orElse(0);
  }

  double loopLagMaxMs() {
    return loopLags.stream().mapToDouble(LoopLag::maxMs).max().orElse(0);
  }

  /** Of all loops together, see {@link LoopLag#stalledMs}. */
  private double loopsStalledMs() {
    return loopLags.stream().mapToDouble(LoopLag::stalledMs).sum();
  }

  @Override
  public void close() {
    if (tasks != null) {
      tasks.close();
    }
    workers.close();
    cpu.close();
    loopLags.forEach(LoopLag::close);
    latenesses.forEach(QueueDelayProbe::close);
    traffic.close();
    streams.close();
    chat.close();
    slowPeers.close();
    gcMetrics.close();
    if (pinnedWaits != null) {
      pinnedWaits.close();
    }
    tracing.close();
    registry.close();
    dataFile.close();
  }
}
