package dev.handlermodels.blocking;

import dev.handlermodels.api.Framework;
import dev.handlermodels.api.Launcher;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.Service;
import dev.handlermodels.api.Settings;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/**
 * The listener: I/O threads that read requests and hand them to the pool, whose threads run the
 * handlers.
 */
public final class Server implements Launcher.Listener {
  private static final int BACKLOG = 4096;
  private static final boolean TCP_NO_DELAY = true;

  /**
   * Undertow keeps one for each thread that writes. Its default of 16 KiB times 5000 streams is
   * more direct memory than jvm.options gives.
   */
  private static final int BUFFER_BYTES = 8 * 1024;

  private static final boolean HTTP2 = false;

  /**
   * Undertow's own limit ends the connection without a document, so ours comes first; see {@link
   * Handlers#begin}.
   */
  private static final int HARD_HEADER_BYTES =
      4 * (Limits.REQUEST_LINE_BYTES + Limits.HEADER_BYTES);

  /** Likewise for a body that comes without its length. */
  private static final long HARD_BODY_BYTES = 2L * Limits.BODY_BYTES;

  private static final int CLOSE_TIMEOUT_SECONDS = 10;

  private final Settings settings;
  private final XnioWorker io;
  private final Undertow undertow;
  private final ThreadPoolExecutor pool;
  private final UpstreamClient upstream;

  private Server(
      Settings settings,
      XnioWorker io,
      Undertow undertow,
      ThreadPoolExecutor pool,
      UpstreamClient upstream) {
    this.settings = settings;
    this.io = io;
    this.undertow = undertow;
    this.pool = pool;
    this.upstream = upstream;
  }

  public static Service service(Settings settings) {
    return new Service("blocking", "fixed pool", settings);
  }

  /**
   * Returns when the server listens.
   *
   * @throws Exception where the port is in use
   */
  public static Server start(Service service) throws Exception {
    Settings settings = service.settings();
    ThreadPoolExecutor pool = service.pool("pool", settings.poolSize(), settings.queueSize());
    UpstreamClient upstream = UpstreamClient.open(service);
    XnioWorker io = io(settings);
    Undertow undertow = undertow(settings, io, new Handlers(service, upstream, pool));
    Server server = new Server(settings, io, undertow, pool, upstream);
    try {
      server.undertow.start();
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /**
   * The I/O threads. Undertow would make them itself, and would then end them, with every
   * connection, at the moment when it stops accepting.
   */
  private static XnioWorker io(Settings settings) throws IOException {
    return Xnio.getInstance()
        .createWorker(
            OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, settings.eventLoops())
                // Handlers run on our own pool, whose queue has a limit.
                .set(Options.WORKER_TASK_CORE_THREADS, 1)
                .set(Options.WORKER_TASK_MAX_THREADS, 1)
                .getMap());
  }

  private static Undertow undertow(Settings settings, XnioWorker io, Handlers handlers) {
    return Undertow.builder()
        .addHttpListener(settings.port(), settings.host())
        .setBufferSize(BUFFER_BYTES)
        .setWorker(io)
        .setSocketOption(Options.BACKLOG, BACKLOG)
        .setSocketOption(Options.TCP_NODELAY, TCP_NO_DELAY)
        .setSocketOption(Options.CONNECTION_HIGH_WATER, settings.maxConnections())
        .setSocketOption(Options.CONNECTION_LOW_WATER, settings.maxConnections())
        .setServerOption(UndertowOptions.ENABLE_HTTP2, HTTP2)
        .setServerOption(UndertowOptions.IDLE_TIMEOUT, settings.idleTimeoutMs())
        .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, settings.idleTimeoutMs())
        .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, settings.requestTimeoutMs())
        .setServerOption(UndertowOptions.MAX_HEADER_SIZE, HARD_HEADER_BYTES)
        .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, HARD_BODY_BYTES)
        .setServerOption(UndertowOptions.DECODE_URL, false) // paths and queries are judged by api
        .setServerOption(UndertowOptions.ALLOW_UNESCAPED_CHARACTERS_IN_URL, true)
        .setServerOption(UndertowOptions.ALWAYS_SET_DATE, false)
        .setHandler(handlers.begin(Routes.of(handlers)))
        .build();
  }

  @Override
  public int port() {
    return ((InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress()).getPort();
  }

  /** Undertow gives nothing back, so these are the values that {@link #undertow} hands to it. */
  @Override
  public Framework framework() {
    return new Framework(
        "Undertow",
        BACKLOG,
        TCP_NO_DELAY,
        settings.idleTimeoutMs(),
        settings.maxConnections(),
        HTTP2,
        settings.eventLoops(),
        pool.getMaximumPoolSize());
  }

  /** Undertow leaves all connections open, idle ones until the end. */
  @Override
  public void stopAccepting() {
    undertow.stop();
  }

  @Override
  public void close() {
    stopAccepting();
    io.shutdownNow();
    try {
      io.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    pool.shutdownNow();
    upstream.close();
  }
}
