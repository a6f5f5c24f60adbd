package dev.handlermodels.blocking.http;

import io.undertow.io.DefaultIoCallback;
import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.WorkerUtils;
import java.util.concurrent.TimeUnit;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/**
 * Ends a request over HTTP/2 that has been answered before its body was read: its stream is reset,
 * and the connection goes on.
 */
final class StreamReset {
  /** Time for what the client has already sent, before the stream is reset. */
  private static final int GRACE_MS = 1000;

  /** To be called when an answer has been written. */
  static final IoCallback AFTER_ANSWER =
      new DefaultIoCallback() {
        @Override
        public void onComplete(HttpServerExchange answered, Sender sender) {
          if (answered.isRequestComplete()) {
            super.onComplete(answered, sender);
          } else {
            sender.close(RESET_SOON); // when the answer has left
          }
        }
      };

  /**
   * Does not reset the stream at once: Undertow would treat what is still on its way as an error of
   * the connection.
   */
  private static final IoCallback RESET_SOON =
      new DefaultIoCallback() {
        @Override
        public void onComplete(HttpServerExchange answered, Sender sender) {
          resetSoon(answered);
        }
      };

  private StreamReset() {}

  private static void resetSoon(HttpServerExchange answered) {
    XnioExecutor.Key reset =
        WorkerUtils.executeAfter(
            answered.getIoThread(),
            () -> {
              IoUtils.safeClose(answered.getConnection());
              // After a 417 Undertow expects no body, but waits for its end.
              Connectors.terminateRequest(answered);
            },
            GRACE_MS,
            TimeUnit.MILLISECONDS);
    answered.addExchangeCompleteListener(
        (_, next) -> {
          reset.remove();
          next.proceed();
        });
    // If a body was to be asked for and never was, Undertow would end the exchange twice.
    answered.getRequestHeaders().remove(Headers.EXPECT);
    answered.endExchange(); // reads what comes until the reset, and discards it
  }
}
