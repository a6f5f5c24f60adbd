package dev.handlermodels.nima.wire;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * HTTP/2 with prior knowledge: looks at the first bytes of a connection and gives it to Helidon's
 * HTTP/2 if they are the preface, otherwise to Helidon's HTTP/1.1. Helidon could tell the two apart
 * itself, but not through a {@link Connection} of ours. Helidon also ends an HTTP/2 connection
 * without regard to requests in flight, or does not end it at all while there are any.
 */
final class Http2 implements ServerConnection, InterruptableTask<Void> {
  private final Connection connection;
  private final Supplier<ServerConnection> http1;
  private final Supplier<ServerConnection> http2;
  private final long sinceNanos = System.nanoTime();

  /** Null until the protocol is known. */
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
    return helidon == null
        ? connection.isIdle()
        : !(helidon instanceof InterruptableTask<?> task) || task.canInterrupt();
  }

  @Override
  public Duration idleTime() {
    return helidon == null ? Duration.ofNanos(System.nanoTime() - sinceNanos) : helidon.idleTime();
  }

  @Override
  public void close(boolean interrupt) {
    if (speaksHttp2 && interrupt || helidon == null && (interrupt || connection.isIdle())) {
      connection.cut();
    } else if (helidon == null) {
      return; // it has begun to ask, and is answered first
    } else if (speaksHttp2) {
      connection.closeWhenAnswered();
    } else {
      helidon.close(interrupt);
    }
  }
}
