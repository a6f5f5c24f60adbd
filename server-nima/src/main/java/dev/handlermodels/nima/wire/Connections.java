package dev.handlermodels.nima.wire;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.Settings;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.Headers;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes Helidon's connections, each of which reads its socket through a {@link Connection} of ours.
 * Helidon discovers no protocol: there is HTTP/1.1 without any Upgrade, and HTTP/2 where the
 * setting HTTP2 is on.
 */
public final class Connections implements ServerConnectionSelector {
  private static final int NEWCOMER_TURNS = 20;
  private static final int NEWCOMER_TURN_MS = 10;

  private final Service service;
  private final ServerConnectionSelector http1;
  private final ServerConnectionSelector http2;
  private final AtomicInteger newcomers = new AtomicInteger();

  public Connections(Service service, Http1Config.Builder config) {
    this.service = service;
    this.http1 =
        Http1ConnectionSelector.builder()
            .config(
                config
                    .addReceiveListener(new RequestHeads())
                    .addSendListener(new AnswerHeads())
                    .build())
            .build();
    this.http2 = Http2ConnectionSelector.builder().http2Config(http2(service.settings())).build();
  }

  private static Http2Config http2(Settings settings) {
    return Http2Config.builder()
        .maxConcurrentStreams(Limits.HTTP2_STREAMS)
        .initialWindowSize(Limits.HTTP2_WINDOW_BYTES)
        .maxFrameSize(Limits.HTTP2_FRAME_BYTES)
        .maxHeaderListSize(Limits.HTTP2_HEADER_LIST_BYTES)
        .maxRapidResets(-1) // Http2Frames limits their rate; Helidon would count for ever
        .maxEmptyFrames(Limits.HTTP2_CONTROL_FRAMES)
        // Http2Streams.answer watches clients that do not read.
        .flowControlTimeout(Duration.ofMillis(settings.idleTimeoutMs()))
        .validatePath(false) // as for HTTP/1.1
        .build();
  }

  /** Returns when everybody who is connected has begun to ask, or has had the time to. */
  public void awaitNewcomers() {
    try {
      for (int i = 0; i < NEWCOMER_TURNS && (i == 0 || newcomers.get() > 0); i++) {
        Thread.sleep(NEWCOMER_TURN_MS); // those accepted last have not even begun
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    Connection connection = new Connection(context, service, newcomers);
    return service.settings().http2()
        ? new Http2(connection, () -> http1(connection), () -> http2.connection(connection))
        : http1(connection);
  }

  private ServerConnection http1(Connection connection) {
    Http1Connection requests = (Http1Connection) http1.connection(connection);
    connection.isBetweenRequests(requests::canInterrupt);
    return new Requests(requests, connection);
  }

  /** Helidon's own connection, which tells ours when it ends. */
  private record Requests(Http1Connection helidon, Connection connection)
      implements ServerConnection, InterruptableTask<Void> {
    @Override
    public void handle(Limit limit) {
      try {
        connection.serve(() -> requests(limit));
      } finally {
        connection.disconnected();
      }
    }

    /** The stack of the request is gone when its WebSocket begins: it may last for days. */
    private void requests(Limit limit) {
      try {
        helidon.handle(limit);
      } catch (CloseConnectionException e) {
        if (connection.chat() == null) {
          throw e;
        }
        connection.chat().run(limit);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public Duration idleTime() {
      return helidon.idleTime();
    }

    /** Whoever has begun to ask is answered first, with {@code Connection: close}. */
    @Override
    public void close(boolean interrupt) {
      if (interrupt || connection.isIdle()) {
        helidon.close(interrupt);
      }
    }

    @Override
    public boolean canInterrupt() {
      return helidon.canInterrupt() && connection.isIdle();
    }
  }

  private static final class AnswerHeads implements Http1ConnectionListener {
    @Override
    public void status(ConnectionContext context, Status status) {
      ((Connection) context).answerHas(status);
    }

    @Override
    public void headers(ConnectionContext context, Headers headers) {
      ((Connection) context).answerBegins((ServerResponseHeaders) headers);
    }
  }

  private static final class RequestHeads implements Http1ConnectionListener {
    @Override
    public void headers(ConnectionContext context, Headers headers) {
      ((Connection) context).headRead(headers);
    }
  }
}
