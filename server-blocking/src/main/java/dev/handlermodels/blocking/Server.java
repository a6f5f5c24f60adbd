package dev.handlermodels.blocking;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.admission.MemoryCosts;
import dev.handlermodels.api.launch.Framework;
import dev.handlermodels.api.launch.Launcher;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.blocking.http.Dispatcher;
import dev.handlermodels.blocking.wire.AcceptWatch;
import dev.handlermodels.blocking.wire.Connection;
import dev.handlermodels.blocking.wire.SentAhead;
import io.undertow.UndertowOptions;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.xnio.ChannelListener;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/**
 * The listener: I/O threads that read requests and hand them to the pool, whose threads run the
 * handlers.
 */
public final class Server implements Launcher.Listener {
  /**
   * Live heap by {@code jcmd GC.class_histogram}, without the collector's fillers, less that
   * before, each with 256 and with 64 MiB of heap. 6000 and 1500 connections: 2295 and 2297 B that
   * have sent nothing, 4456 and 4489 B that have had an answer. 2000 and 400 of them that wait for
   * {@code /io}, 40 on a thread and the others in the queue: 1712 and 3181 B more. With heads of 8
   * KB some 15 KB, which are counted apart. A call is not measured: no more than WORKERS and
   * POOL_SIZE run. Nor is a member of a chat room, which counts as on server-vertx.
   */
  private static final MemoryCosts COSTS = new MemoryCosts(5 * 1024, 4 * 1024, 4 * 1024, 5 * 1024);

  private static final int BACKLOG = 4096;
  private static final boolean TCP_NO_DELAY = true;

  /**
   * Undertow keeps one buffer for each thread that writes. With its default of 16 KiB, 5000 streams
   * would need more direct memory than jvm.options allows.
   */
  private static final int BUFFER_BYTES = 8 * 1024;

  private static final int BUFFERS_OF_THREAD = 4;

  /**
   * Undertow's own limit ends the connection without a document, so our limit has to be reached
   * first; see {@link Dispatcher#begin}.
   */
  private static final int HARD_HEADER_BYTES =
      4 * (Limits.REQUEST_LINE_BYTES + Limits.HEADER_BYTES);

  /** The shortest field: a name of one letter, a colon, CR and LF. */
  private static final int LEAST_FIELD_BYTES = 4;

  /** The same for a body that comes without its length. */
  private static final long HARD_BODY_BYTES = 2L * Limits.BODY_BYTES;

  private static final int CLOSE_TIMEOUT_SECONDS = 10;

  /** An I/O thread runs its tasks first and then reads from its connections. */
  private static final int ROUNDS = 2;

  private final Service service;
  private final XnioWorker io;
  private final AcceptWatch watch;
  private final ThreadPoolExecutor pool;
  private final UpstreamClient upstream;
  private final DatabaseClient database;

  private Server(
      Service service,
      XnioWorker io,
      AcceptWatch watch,
      ThreadPoolExecutor pool,
      UpstreamClient upstream,
      DatabaseClient database) {
    this.service = service;
    this.io = io;
    this.watch = watch;
    this.pool = pool;
    this.upstream = upstream;
    this.database = database;
  }

  public static Service service(Settings settings) {
    return new Service("blocking", "fixed pool", settings, COSTS);
  }

  /**
   * Returns when the server listens.
   *
   * @throws Exception when the port is in use
   */
  public static Server start(Service service) throws Exception {
    Settings settings = service.settings();
    ThreadPoolExecutor pool = service.pool("pool", settings.poolSize(), settings.queueSize());
    UpstreamClient upstream = UpstreamClient.open(service);
    DatabaseClient database = DatabaseClient.open(service);
    XnioWorker io = io(settings);
    try {
      Dispatcher dispatcher = Routes.of(service, pool, new Handlers(service, upstream, database));
      return new Server(service, io, listen(service, io, dispatcher), pool, upstream, database);
    } catch (IOException | RuntimeException e) {
      io.shutdownNow();
      pool.shutdownNow();
      upstream.close();
      database.close();
      throw e;
    }
  }

  /**
   * Makes the I/O threads. Undertow could make them itself, but it would end them, and every
   * connection with them, as soon as it stops accepting.
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

  /**
   * Does what Undertow's builder does, but announces each connection to {@link Connection} first.
   */
  private static AcceptWatch listen(Service service, XnioWorker io, Dispatcher dispatcher)
      throws IOException {
    Settings settings = service.settings();
    HttpOpenListener http =
        new HttpOpenListener(
            new DefaultByteBufferPool(true, BUFFER_BYTES, -1, BUFFERS_OF_THREAD),
            options(settings));
    http.setRootHandler(dispatcher::begin);
    SentAhead sentAhead = new SentAhead();
    ChannelListener<StreamConnection> accepted =
        connection -> Connection.open(connection, service, http, sentAhead);
    AcceptingChannel<?> queue =
        io.createStreamConnectionServer(
            new InetSocketAddress(InetAddress.getByName(settings.host()), settings.port()),
            null, // AcceptWatch sets one
            OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, settings.eventLoops())
                .set(Options.BACKLOG, BACKLOG)
                .set(Options.TCP_NODELAY, TCP_NO_DELAY)
                .set(Options.SEND_BUFFER, Limits.SEND_BUFFER_BYTES)
                .set(Options.REUSE_ADDRESSES, true)
                .set(Options.BALANCING_TOKENS, 1)
                .set(Options.BALANCING_CONNECTIONS, 2)
                .getMap());
    return AcceptWatch.begin(service, queue, accepted);
  }

  private static OptionMap options(Settings settings) {
    return OptionMap.builder()
        // Otherwise an answer waits until the next pipelined request is whole, which may never be.
        .set(UndertowOptions.BUFFER_PIPELINED_DATA, false)
        .set(UndertowOptions.MAX_HEADER_SIZE, HARD_HEADER_BYTES)
        .set(UndertowOptions.MAX_ENTITY_SIZE, HARD_BODY_BYTES)
        // Our own limits on the number and size of fields are reached first.
        .set(UndertowOptions.MAX_HEADERS, Limits.HEADER_BYTES / LEAST_FIELD_BYTES)
        .set(UndertowOptions.MAX_PARAMETERS, Limits.REQUEST_LINE_BYTES)
        .set(UndertowOptions.DECODE_URL, false) // api judges paths and queries
        .set(UndertowOptions.ALWAYS_SET_DATE, false)
        .getMap();
  }

  @Override
  public int port() {
    return watch.port();
  }

  /** Undertow cannot be asked, so these are the values that {@link #listen} hands to it. */
  @Override
  public Framework framework() {
    Settings settings = service.settings();
    return new Framework(
        "Undertow",
        BACKLOG,
        TCP_NO_DELAY,
        settings.idleTimeoutMs(),
        settings.maxConnections(),
        settings.http2(),
        settings.eventLoops(),
        pool.getMaximumPoolSize());
  }

  /**
   * Whoever has connected by now is accepted and read from once, so that its request is among those
   * that are waited for. Undertow leaves all connections open: idle ones stay until {@link #close}.
   */
  @Override
  public void stopAccepting() {
    watch.close();
    awaitIoThreads();
  }

  /** Returns when the I/O threads have read what has come so far. */
  private void awaitIoThreads() {
    for (int i = 0; i < service.settings().eventLoops(); i++) {
      XnioIoThread thread = io.getIoThread(i);
      for (int round = 0; round < ROUNDS; round++) {
        CountDownLatch reached = new CountDownLatch(1);
        try {
          thread.execute(reached::countDown);
          if (!reached.await(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            return;
          }
        } catch (RejectedExecutionException _) {
          return; // closed already
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
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
    database.close();
  }
}
