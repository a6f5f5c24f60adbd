package dev.handlermodels.blocking.http;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.admission.ClientGoneException;
import dev.handlermodels.api.wire.Bodies;
import io.undertow.io.IoCallback;
import io.undertow.io.Receiver;
import io.undertow.io.Sender;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.WorkerUtils;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.xnio.XnioExecutor;

/**
 * Reads a body on an I/O thread, which serves all other connections meanwhile. The request takes a
 * pool thread only when its body is whole: otherwise a few slow clients could hold the whole pool.
 */
final class BodyReader {
  private final Dispatcher dispatcher;
  private final int timeoutMs;

  BodyReader(Dispatcher dispatcher, int timeoutMs) {
    this.dispatcher = dispatcher;
    this.timeoutMs = timeoutMs;
  }

  /**
   * @param whole called on the I/O thread when {@link Exchange#body} has the whole body
   * @throws ProblemException 415 or 417
   */
  void read(Exchange exchange, Runnable whole) {
    HttpServerExchange undertow = exchange.undertow();
    HeaderMap headers = undertow.getRequestHeaders();
    Bodies.check(headers.getFirst(Headers.EXPECT), headers.getFirst(Headers.CONTENT_ENCODING));
    Reading reading = new Reading(exchange, whole, timeout(exchange));
    if (!undertow.isRequestComplete() && HttpContinue.requiresContinueResponse(undertow)) {
      HttpContinue.sendContinueResponse(undertow, reading);
    } else {
      reading.receive();
    }
  }

  /** Refuses the request after REQUEST_TIMEOUT_MS, unless the key has been removed by then. */
  private XnioExecutor.Key timeout(Exchange exchange) {
    HttpServerExchange undertow = exchange.undertow();
    XnioExecutor.Key timeout =
        WorkerUtils.executeAfter(
            undertow.getIoThread(),
            () ->
                Connectors.executeRootHandler(
                    _ -> dispatcher.fail(exchange, Problems.bodyTimeout(timeoutMs)), undertow),
            timeoutMs,
            TimeUnit.MILLISECONDS);
    undertow.addExchangeCompleteListener(
        (_, next) -> {
          timeout.remove();
          next.proceed();
        });
    return timeout;
  }

  /** One body. It is the callback of 100 (Continue), which Undertow's receiver does not send. */
  private final class Reading implements IoCallback {
    private final Exchange exchange;
    private final Runnable whole;
    private final XnioExecutor.Key timeout;

    Reading(Exchange exchange, Runnable whole, XnioExecutor.Key timeout) {
      this.exchange = exchange;
      this.whole = whole;
      this.timeout = timeout;
    }

    @Override
    public void onComplete(HttpServerExchange continued, Sender sender) {
      receive();
    }

    @Override
    public void onException(HttpServerExchange continued, Sender sender, IOException e) {
      dispatcher.fail(exchange, new ClientGoneException());
    }

    void receive() {
      HttpServerExchange undertow = exchange.undertow();
      exchange.connection().bodyBegins(undertow);
      Receiver receiver = undertow.getRequestReceiver();
      receiver.setMaxBufferSize(Limits.BODY_BYTES);
      receiver.receiveFullBytes((_, body) -> received(body), (_, e) -> failed(e));
    }

    private void received(byte[] body) {
      if (!timeout.remove()) {
        return; // the timeout has answered already
      }
      exchange.connection().bodyEnds(exchange.undertow());
      if (isOfAnotherLength(body)) {
        dispatcher.fail(
            exchange, Problems.badRequest("the body is not as long as its Content-Length says"));
        return;
      }
      exchange.body(body);
      whole.run();
    }

    private void failed(IOException e) {
      if (timeout.remove()) { // otherwise it has been refused, which Undertow does not know
        dispatcher.fail(exchange, problem(e));
      }
    }

    private RuntimeException problem(IOException e) {
      if (e instanceof Receiver.RequestToLargeException) {
        return Problems.bodyTooLarge();
      }
      return exchange.isHttp2() ? new ClientGoneException() : Bodies.broken(e);
    }

    /** Over HTTP/2 Undertow only looks for the end of a body and does not compare its length. */
    private boolean isOfAnotherLength(byte[] body) {
      long length = exchange.undertow().getRequestContentLength();
      return exchange.isHttp2() && length >= 0 && length != body.length;
    }
  }
}
