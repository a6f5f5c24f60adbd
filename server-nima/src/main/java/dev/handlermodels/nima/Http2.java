package dev.handlermodels.nima;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * HTTP/2 with prior knowledge: sees what a client sends first, gives a connection that begins with
 * the preface to Helidon's HTTP/2, and each other one to its HTTP/1.1. Helidon could tell the two
 * apart by itself, but not through a {@link Connection} of ours; and it ends a connection without
 * regard to requests in flight, or not at all while there are any.
 */
final class Http2 implements ServerConnection, InterruptableTask<Void> {
  private final Connection connection;
  private final Supplier<ServerConnection> http1;
  private final Supplier<ServerConnection> http2;
  private final long sinceNanos = System.nanoTime();

  /** Null until it is told. */
  private volatile ServerConnection helidon;

  private volatile boolean speaksHttp2;

  Http2(Connection connection, Supplier<ServerConnection> http1, Supplier<ServerConnection> http2) {
    this.connection = connection;
    this.http1 = http1;
    this.http2 = http2;
  }

  @Override
  public void handle(Limit limit) throws InterruptedException {
    try {
      speaksHttp2 = connection.beginsWithPreface();
      helidon = speaksHttp2 ? http2.get() : http1.get();
      helidon.handle(limit);
    } finally {
      if (speaksHttp2) {
        connection.endHttp2();
      }
      connection.disconnected();
    }
  }

  @Override
  public boolean canInterrupt() {
    return !(helidon instanceof InterruptableTask<?> task) || task.canInterrupt();
  }

  @Override
  public Duration idleTime() {
    return helidon == null ? Duration.ofNanos(System.nanoTime() - sinceNanos) : helidon.idleTime();
  }

  @Override
  public void close(boolean interrupt) {
    if (helidon == null || speaksHttp2 && interrupt) {
      connection.cut();
    } else if (speaksHttp2) {
      connection.closeWhenAnswered();
    } else {
      helidon.close(interrupt);
    }
  }
}
