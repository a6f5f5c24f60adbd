package dev.handlermodels.blocking.http;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.admission.ClientGoneException;
import dev.handlermodels.api.wire.Bodies;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.WorkerUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

/**
 * Reads a body on an I/O thread, which serves all other connections meanwhile. The request takes a
 * pool thread only when its body is whole: otherwise a few slow clients could hold the whole pool.
 */
final class BodyReader {
  private static final byte[] NOTHING = {};

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
    Reading reading = new Reading(exchange, whole);
    if (!undertow.isRequestComplete() && HttpContinue.requiresContinueResponse(undertow)) {
      HttpContinue.sendContinueResponse(undertow, reading);
    } else {
      reading.receive();
    }
  }

  /** Refuses the request after REQUEST_TIMEOUT_MS, unless the key has been removed by then. */
  private XnioExecutor.Key timeout(Reading reading, HttpServerExchange undertow) {
    XnioExecutor.Key timeout =
        WorkerUtils.executeAfter(
            undertow.getIoThread(),
            () -> Connectors.executeRootHandler(_ -> reading.timeOut(), undertow),
            timeoutMs,
            TimeUnit.MILLISECONDS);
    undertow.addExchangeCompleteListener(
        (_, next) -> {
          timeout.remove();
          next.proceed();
        });
    return timeout;
  }

  /**
   * One body. It is kept as it comes, whatever length is announced. Undertow's receiver would
   * allocate the whole length at once. It is also the callback of 100 (Continue).
   */
  private final class Reading implements IoCallback {
    private final Exchange exchange;
    private final HttpServerExchange undertow;
    private final Runnable whole;
    private final XnioExecutor.Key timeout;

    /** Not more than the announced length, so that no copy is needed in the end. */
    private final int mostBytes;

    /** Null until the body is asked for. */
    private StreamSourceChannel in;

    private byte[] body = NOTHING;
    private int length;

    Reading(Exchange exchange, Runnable whole) {
      this.exchange = exchange;
      this.undertow = exchange.undertow();
      this.whole = whole;
      long announced = undertow.getRequestContentLength();
      this.mostBytes = announced < 0 ? Limits.BODY_BYTES : (int) announced;
      this.timeout = timeout(this, undertow);
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
      if (undertow.isRequestComplete()) {
        end();
        return;
      }
      exchange.connection().bodyBegins(undertow);
      in = undertow.getRequestChannel();
      Runnable outcome = read();
      if (outcome != null) {
        outcome.run();
        return;
      }
      in.getReadSetter().set(_ -> readOn());
      in.resumeReads();
    }

    private void readOn() {
      Runnable outcome = read();
      if (outcome != null) {
        stop();
        Connectors.executeRootHandler(_ -> outcome.run(), undertow);
      }
    }

    /**
     * Reads what has come.
     *
     * @return what to do next; null when more has to come
     */
    private Runnable read() {
      try (PooledByteBuffer pooled = undertow.getConnection().getByteBufferPool().allocate()) {
        ByteBuffer part = pooled.getBuffer();
        while (true) {
          int got = in.read(part.clear());
          if (got < 0) {
            return this::end;
          }
          if (got == 0) {
            return null;
          }
          keep(part.flip());
        }
      } catch (IOException e) {
        return () -> fail(problem(e));
      } catch (ProblemException e) {
        return () -> fail(e);
      }
    }

    private void keep(ByteBuffer part) {
      int needed = length + part.remaining();
      if (needed > Limits.BODY_BYTES) {
        throw Problems.bodyTooLarge();
      }
      exchange.keepsBody(part.remaining());
      if (needed > body.length) {
        body = Arrays.copyOf(body, Math.max(needed, Math.min(2 * body.length, mostBytes)));
      }
      part.get(body, length, part.remaining());
      length = needed;
    }

    private void stop() {
      in.suspendReads();
      in.getReadSetter().set(null);
    }

    void timeOut() {
      if (in != null) {
        stop();
      }
      dispatcher.fail(exchange, Problems.bodyTimeout(timeoutMs));
    }

    private void end() {
      if (!timeout.remove()) {
        return; // the timeout has answered already
      }
      exchange.connection().bodyEnds(undertow);
      if (isOfAnotherLength()) {
        dispatcher.fail(
            exchange, Problems.badRequest("the body is not as long as its Content-Length says"));
        return;
      }
      exchange.body(body.length == length ? body : Arrays.copyOf(body, length));
      body = NOTHING;
      whole.run();
    }

    private void fail(RuntimeException why) {
      if (timeout.remove()) { // otherwise it has been refused, which Undertow does not know
        dispatcher.fail(exchange, why);
      }
    }

    private RuntimeException problem(IOException e) {
      return exchange.isHttp2() ? new ClientGoneException() : Bodies.broken(e);
    }

    /** Over HTTP/2 Undertow only looks for the end of a body and does not compare its length. */
    private boolean isOfAnotherLength() {
      long announced = undertow.getRequestContentLength();
      return exchange.isHttp2() && announced >= 0 && announced != length;
    }
  }
}
