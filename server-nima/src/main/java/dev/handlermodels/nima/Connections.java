package dev.handlermodels.nima;

import dev.handlermodels.api.Service;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.Headers;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;

/** Helidon's HTTP/1.1 connections, each reading its socket through a {@link Connection} of ours. */
final class Connections implements ServerConnectionSelector {
  private final Service service;
  private final ServerConnectionSelector http1;

  Connections(Service service, Http1Config.Builder config) {
    this.service = service;
    this.http1 =
        Http1ConnectionSelector.builder()
            .config(
                config
                    .addReceiveListener(new RequestHeads())
                    .addSendListener(new AnswerHeads())
                    .build())
            .build();
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
    Connection connection = new Connection(context, service);
    Http1Connection requests = (Http1Connection) http1.connection(connection);
    connection.isBetweenRequests(requests::canInterrupt);
    return new Requests(requests, connection);
  }

  /** Helidon's own connection, of which the end is told. */
  private record Requests(Http1Connection helidon, Connection connection)
      implements ServerConnection, InterruptableTask<Void> {
    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        helidon.handle(limit);
      } finally {
        connection.disconnected();
      }
    }

    @Override
    public Duration idleTime() {
      return helidon.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      helidon.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
      return helidon.canInterrupt();
    }
  }

  private static final class AnswerHeads implements Http1ConnectionListener {
    @Override
    public void headers(ConnectionContext context, Headers headers) {
      ((Connection) context).answerBegins(headers);
    }
  }

  private static final class RequestHeads implements Http1ConnectionListener {
    @Override
    public void headers(ConnectionContext context, Headers headers) {
      ((Connection) context).headRead(headers);
    }
  }
}
