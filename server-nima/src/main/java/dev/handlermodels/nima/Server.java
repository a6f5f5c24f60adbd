package dev.handlermodels.nima;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.admission.MemoryCosts;
import dev.handlermodels.api.launch.Framework;
import dev.handlermodels.api.launch.Launcher;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.nima.http.Dispatcher;
import dev.handlermodels.nima.wire.AcceptWatch;
import dev.handlermodels.nima.wire.Connections;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.websocket.WsConfig;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;

/** The listener: a virtual thread for each connection. */
public final class Server implements Launcher.Listener {
  /**
   * Live heap by {@code jcmd GC.class_histogram}, without the collector's fillers, less that
   * before, for each of 2000 clients with a heap of 256 MiB and (in brackets) of 300 with 64 MiB,
   * Temurin 25, 2026-11-29: a connection that has sent nothing 7432 (7425) bytes, one that has had
   * an answer 10,595 (10,575), most of it the stack of its thread; a request to {@code /io} that
   * waits 16,413 (14,989) more, the connection to the upstream included; with a head of 7.5 KB
   * another 18 (31) KB, which are counted apart. A call of {@code /fanout} 9755 (10,101). A task of
   * {@code /race} takes less, but counts as a call. One of 2000 members of chat rooms of 10, with
   * 256 MiB: 12,569 with its connection.
   */
  private static final MemoryCosts COSTS =
      new MemoryCosts(11 * 1024, 17 * 1024, 10 * 1024, 2 * 1024);

  private static final int BACKLOG = 4096;

  /** Fewer than the descriptors that are left over. */
  private static final int BEING_CLOSED = 32;

  /**
   * Helidon answers too many header bytes as it answers bad HTTP, so our own limit comes first: see
   * {@link Dispatcher}.
   */
  private static final int HARD_HEADER_BYTES = 4 * Limits.HEADER_BYTES;

  private static final Duration NEVER = Duration.ofDays(365);

  /** For the last bytes of the last answers. */
  private static final int CLOSE_TIMEOUT_MS = 500;

  private final Settings settings;
  private final WebServer web;
  private final Connections connections;
  private final AcceptWatch accepting;
  private final UpstreamClient upstream;
  private final DatabaseClient database;
  private final Thread stopping;

  private Server(
      Settings settings,
      WebServer web,
      Connections connections,
      AcceptWatch accepting,
      UpstreamClient upstream,
      DatabaseClient database) {
    this.settings = settings;
    this.web = web;
    this.connections = connections;
    this.accepting = accepting;
    this.upstream = upstream;
    this.database = database;
    this.stopping = Thread.ofPlatform().name("stopping").unstarted(web::stop);
  }

  public static Service service(Settings settings) {
    return new Service("nima", "virtual threads", settings, COSTS);
  }

  /**
   * Returns when the server listens.
   *
   * @throws Exception where the port is in use
   */
  public static Server start(Service service) throws Exception {
    // A connection whose next request has come waits for a carrier, as this task does.
    service.handlersTakeTurns(turn -> Thread.ofVirtual().name("turn").start(turn));
    UpstreamClient upstream = UpstreamClient.open(service);
    DatabaseClient database = DatabaseClient.open(service);
    try {
      Connections connections = new Connections(service, http1());
      WebServer web =
          web(service, connections, Routes.of(service, new Handlers(service, upstream, database)));
      AcceptWatch accepting = AcceptWatch.of(service, web);
      web.start();
      // Helidon logs that it cannot listen, and returns as if it could.
      if (!web.isRunning()) {
        throw whyNot(service.settings());
      }
      return new Server(service.settings(), web, connections, accepting, upstream, database);
    } catch (IOException | RuntimeException e) {
      upstream.close();
      database.close();
      throw e;
    }
  }

  /** What Helidon does not say: the kernel tells whoever tries once more. */
  private static IOException whyNot(Settings settings) {
    try (ServerSocket again = new ServerSocket()) {
      again.bind(
          new InetSocketAddress(InetAddress.getByName(settings.host()), settings.port()), BACKLOG);
      return new BindException("it could not be opened a moment ago");
    } catch (IOException e) {
      return e;
    }
  }

  private static WebServer web(Service service, Connections connections, Dispatcher dispatcher) {
    Settings settings = service.settings();
    return WebServer.builder()
        .host(settings.host())
        .port(settings.port())
        .backlog(BACKLOG)
        .shutdownHook(false)
        .shutdownGracePeriod(Launcher.Listener.patience(settings))
        .featuresDiscoverServices(false)
        .protocolsDiscoverServices(false)
        .addProtocol(WsConfig.builder().maxFrameLength(Limits.CHAT_MESSAGE_BYTES).build())
        .addConnectionSelector(connections)
        // ConnectionReaper closes a connection that is one too many or idle. Helidon would let
        // them wait, and would count neither. It bounds those that are being closed, each of
        // which has a descriptor.
        .maxTcpConnections(settings.maxConnections() + BEING_CLOSED)
        .idleConnectionTimeout(NEVER)
        .connectionOptions(
            socket ->
                socket
                    .tcpNoDelay(true)
                    .socketSendBufferSize(Limits.SEND_BUFFER_BYTES)
                    .readTimeout(Duration.ZERO))
        .directHandlers(refusals(dispatcher))
        .routing(routing -> routing.addFilter(dispatcher::begin))
        .build();
  }

  private static Http1Config.Builder http1() {
    return Http1Config.builder()
        // With its CR, and a mark for each letter of the method (SmallLetters).
        .maxPrologueLength(Limits.REQUEST_LINE_BYTES + 1 + Limits.METHOD_CHARS)
        .maxHeadersSize(HARD_HEADER_BYTES)
        // Paths and queries are judged by api, so that all servers agree.
        .validatePrologue(false)
        .validateRequestHeaders(false) // Connection does, all but Host
        .validatePath(false);
  }

  private static DirectHandlers refusals(Dispatcher dispatcher) {
    DirectHandlers.Builder refusals = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      refusals.addHandler(type, dispatcher::invalid);
    }
    return refusals.build();
  }

  @Override
  public int port() {
    return web.port();
  }

  @Override
  public Framework framework() {
    WebServerConfig config = web.prototype();
    return new Framework(
        "Helidon WebServer",
        config.backlog(),
        config.connectionOptions().tcpNoDelay(),
        settings.idleTimeoutMs(),
        settings.maxConnections(),
        settings.http2(),
        null,
        null);
  }

  /**
   * Whoever has connected by now is accepted, and has a moment to ask. Then Helidon closes idle
   * connections, and each other one after its answer. Stopping waits for them, so it has a thread
   * of its own.
   */
  @Override
  public synchronized void stopAccepting() {
    if (stopping.getState() == Thread.State.NEW) {
      accepting.stop();
      connections.awaitNewcomers();
      stopping.start();
    }
  }

  @Override
  public void close() {
    stopAccepting();
    try {
      stopping.join(CLOSE_TIMEOUT_MS);
      stopping.interrupt(); // ends Helidon's waiting, and with it the requests that are left
      stopping.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    upstream.close();
    database.close();
  }
}
