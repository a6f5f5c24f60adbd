package dev.handlermodels.vertx;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.admission.Drainable;
import dev.handlermodels.api.admission.MemoryCosts;
import dev.handlermodels.api.launch.Framework;
import dev.handlermodels.api.launch.Launcher;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.vertx.http.Dispatcher;
import dev.handlermodels.vertx.wire.AcceptWatch;
import dev.handlermodels.vertx.wire.BlockedLoops;
import dev.handlermodels.vertx.wire.Http2;
import dev.handlermodels.vertx.wire.StrictHeadDecoder;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The listener: one verticle, and with it one HTTP server, for each event loop. */
public final class Server implements Launcher.Listener {
  /**
   * Live heap by {@code jcmd GC.class_histogram} before and after, for each of so many clients,
   * with jvm.options and a heap of 256 MiB and (in brackets) of 64 MiB, Temurin 25.0.3, 2026-11-29:
   *
   * <ul>
   *   <li>4800 (1200) connections that say nothing: 3,592 (3,574) bytes; that had one answer: 3,792
   *       (3,805)
   *   <li>2000 (500) times {@code GET /io?waitMs=60000}: 10,890 (10,899) bytes with their
   *       connections and those to the upstream, so 7,100 for the request
   *   <li>20 (5) times {@code GET /fanout?calls=200&concurrency=200&waitMs=60000}: 5,945 (5,994)
   *       bytes a call with its connection
   *   <li>2000 members of chat rooms of 10, with 256 MiB: 8,047 bytes with their connections, so
   *       4,255 beyond those
   * </ul>
   */
  private static final MemoryCosts COSTS = new MemoryCosts(4 * 1024, 8 * 1024, 6 * 1024, 5 * 1024);

  private static final int BACKLOG = 4096;
  private static final int CLOSE_TIMEOUT_SECONDS = 10;

  /**
   * Vert.x would wait 2 s before it names a blocked loop, and 5 s before it shows where; see {@link
   * BlockedLoops}.
   */
  private static final long BLOCKED_MS = 500;

  /** For a client that was accepted last to say what it wants, while shutting down. */
  private static final int NEWCOMERS_MS = 250;

  private final Settings settings;
  private final Vertx vertx;
  private final UpstreamClient upstream;
  private final DatabaseClient database;
  private final AtomicInteger port = new AtomicInteger();
  private final List<HttpServer> listeners = new CopyOnWriteArrayList<>();
  private final AcceptWatch accepting;

  /** Not 0 while those who have just been accepted may still begin a request. */
  private volatile int newcomers;

  private volatile Future<?> stopped = Future.succeededFuture();

  private Server(Service service, Vertx vertx, UpstreamClient upstream, DatabaseClient database) {
    this.settings = service.settings();
    this.accepting = new AcceptWatch(service);
    service.drains(new Newcomers());
    this.vertx = vertx;
    this.upstream = upstream;
    this.database = database;
  }

  public static Service service(Settings settings) {
    return new Service("vertx", "event loop", settings, COSTS);
  }

  /**
   * Returns when every loop listens.
   *
   * @throws Exception where the port is in use
   */
  public static Server start(Service service) throws Exception {
    Settings settings = service.settings();
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(settings.eventLoops())
                .setPreferNativeTransport(true)
                // Nothing here asks for the thread's class loader, which each event would set.
                .setDisableTCCL(true)
                // Vert.x would want a folder in /tmp, which a read-only root does not have.
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false))
                .setBlockedThreadCheckInterval(BLOCKED_MS)
                .setMaxEventLoopExecuteTime(BLOCKED_MS)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setWarningExceptionTime(BLOCKED_MS)
                .setWarningExceptionTimeUnit(TimeUnit.MILLISECONDS));
    BlockedLoops.watch(vertx);
    Server server =
        new Server(
            service,
            vertx,
            UpstreamClient.open(vertx, service),
            DatabaseClient.open(vertx, service));
    try {
      vertx
          .deployVerticle(
              () -> server.new Loop(service),
              new DeploymentOptions().setInstances(settings.eventLoops()))
          .await();
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  private static HttpServerOptions options(Settings settings) {
    return new HttpServerOptions()
        .setAcceptBacklog(BACKLOG)
        .setTcpNoDelay(true)
        .setSendBufferSize(Limits.SEND_BUFFER_BYTES)
        .setIdleTimeout(0) // ConnectionReaper sees to it
        .setMaxInitialLineLength(Limits.REQUEST_LINE_BYTES)
        .setMaxHeaderSize(Limits.HEADER_BYTES)
        .setHttp2ClearTextEnabled(false) // see Http2
        // WebSocketFrames refuses what is larger, and nobody takes up an extension.
        .setMaxWebSocketFrameSize(Limits.CHAT_MESSAGE_BYTES)
        .setMaxWebSocketMessageSize(Limits.CHAT_MESSAGE_BYTES)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setHandle100ContinueAutomatically(false); // BodyReader does, where a body is wanted
  }

  /** All loops listen on one port, where port 0 would give each its own. */
  private static SocketAddress address(Settings settings) {
    return settings.port() == 0
        ? SocketAddress.sharedRandomPort(1, settings.host())
        : SocketAddress.inetSocketAddress(settings.port(), settings.host());
  }

  @Override
  public int port() {
    return port.get();
  }

  @Override
  public Framework framework() {
    HttpServerOptions options = options(settings);
    return new Framework(
        "Vert.x",
        options.getAcceptBacklog(),
        options.isTcpNoDelay(),
        settings.idleTimeoutMs(),
        settings.maxConnections(),
        settings.http2(),
        settings.eventLoops(),
        settings.eventLoops());
  }

  /**
   * Closes the listening socket, then lets those who were accepted last say what they want. After
   * that Vert.x closes idle connections, and each other one when its answer is on its way.
   */
  @Override
  public void stopAccepting() {
    int newcomersMs = settings.drainMs() > NEWCOMERS_MS ? NEWCOMERS_MS : 0;
    newcomers = newcomersMs > 0 ? 1 : 0;
    stopped =
        Future.fromCompletionStage(accepting.stop())
            .compose(_ -> vertx.timer(Math.max(1, newcomersMs), TimeUnit.MILLISECONDS))
            .onComplete(_ -> newcomers = 0)
            .compose(_ -> shutdown());
  }

  private Future<?> shutdown() {
    return Future.join(
        listeners.stream()
            .map(http -> http.shutdown(Launcher.Listener.patience(settings)))
            .toList());
  }

  private final class Newcomers implements Drainable {
    @Override
    public String what() {
      return "connections that were accepted last";
    }

    @Override
    public int unfinished() {
      return newcomers;
    }
  }

  @Override
  public void close() {
    accepting.stopping();
    database.close(); // by the loops
    try {
      stopped
          .eventually(vertx::close)
          .toCompletionStage()
          .toCompletableFuture()
          .get(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("Vert.x did not close", e);
    } finally {
      upstream.close();
    }
  }

  /** What runs on one event loop. */
  private final class Loop extends VerticleBase {
    private final Service service;
    private Dispatcher dispatcher;

    Loop(Service service) {
      this.service = service;
    }

    @Override
    public Future<?> start() {
      dispatcher = Routes.of(service, vertx, new Handlers(service, upstream, database, vertx));
      HttpServer http =
          vertx
              .createHttpServer(options(service.settings()))
              .connectionHandler(this::accept)
              .invalidRequestHandler(dispatcher::invalid)
              .requestHandler(dispatcher::begin);
      return http.listen(address(service.settings())).onSuccess(this::listening);
    }

    private void listening(HttpServer http) {
      port.set(http.actualPort());
      listeners.add(http);
      service.eventLoop(task -> context.runOnContext(_ -> task.run()));
    }

    private void accept(HttpConnection connection) {
      accepting.accepted(((ConnectionBase) connection).channel().parent());
      if (StrictHeadDecoder.use(connection, options(service.settings()), service.slowPeers())
          && settings.http2()) {
        Http2.offer(connection, service, dispatcher::begin);
      }
      // A client that hangs up is no error of ours; Vert.x would log it as one.
      connection.exceptionHandler(_ -> {});
    }
  }
}
