package dev.handlermodels.upstream;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.telemetry.ClientSpan;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.upstream.UpstreamException;
import dev.handlermodels.api.upstream.UpstreamGuard;
import dev.handlermodels.api.upstream.UpstreamGuards;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.URI;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The one blocking client: real blocking I/O on pooled, kept-alive connections. The calling thread
 * stands still until the answer is whole; which thread that is makes all the difference between
 * virtual threads, the fixed pool and the anti-pattern. docs/design.md reports the measurement that
 * chose Apache HttpClient.
 *
 * <p>Safe for all threads. Built once: a client for each request was what the FastAPI benchmark
 * really measured.
 */
public final class BlockingClient implements AutoCloseable {
  /**
   * The pool itself looks at the age of a connection only when it hands it out; what a burst has
   * opened and nobody needs again would stay open for ever.
   */
  private static final int IDLE_LOOKS = 4;

  /**
   * Of each connection, for reading and for writing; an answer has some hundred bytes, the default
   * would be 8 KiB.
   */
  private static final int BUFFER_BYTES = 1024;

  private final URI url;
  private final int timeoutMs;
  private final UpstreamGuards guards;
  private final CloseableHttpClient client;
  private final ScheduledThreadPoolExecutor deadlines =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("upstream-deadlines").factory());

  /**
   * @param url scheme, host and port of the upstream
   */
  public BlockingClient(URI url, Settings settings, UpstreamGuards guards) {
    this(url, settings, guards, Limits.UPSTREAM_IDLE_MS);
  }

  /**
   * @param idleMs after which a connection is closed that nobody uses
   */
  BlockingClient(URI url, Settings settings, UpstreamGuards guards, int idleMs) {
    this.url = url;
    this.guards = guards;
    this.timeoutMs = settings.upstreamTimeoutMs();
    PoolingHttpClientConnectionManager connections = pool(settings, idleMs);
    this.client = build(settings, connections);
    deadlines.setRemoveOnCancelPolicy(true);
    deadlines.scheduleWithFixedDelay(
        () -> connections.closeIdle(TimeValue.ofMilliseconds(idleMs)),
        idleMs / IDLE_LOOKS,
        idleMs / IDLE_LOOKS,
        TimeUnit.MILLISECONDS);
  }

  private static PoolingHttpClientConnectionManager pool(Settings settings, int idleMs) {
    Timeout total = Timeout.ofMilliseconds(settings.upstreamTimeoutMs());
    Timeout connect =
        Timeout.ofMilliseconds(
            Math.min(Limits.UPSTREAM_CONNECT_TIMEOUT_MS, settings.upstreamTimeoutMs()));
    return PoolingHttpClientConnectionManagerBuilder.create()
        .setConnectionFactory(
            ManagedHttpClientConnectionFactory.builder()
                .http1Config(
                    Http1Config.custom()
                        .setBufferSize(BUFFER_BYTES)
                        .setMaxLineLength(Limits.HEADER_BYTES)
                        .setMaxHeaderCount(Limits.HEADER_FIELDS)
                        .build())
                .build())
        // UPSTREAM_URL is plain HTTP, and the default would parse all trusted certificates at the
        // start.
        .setTlsSocketStrategy(
            (_, target, _, _, _) -> {
              throw new SSLException("TLS is not supported: " + target);
            })
        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
        .setMaxConnPerRoute(settings.upstreamMaxConnections())
        .setMaxConnTotal(settings.upstreamMaxConnections())
        .setDefaultSocketConfig(
            SocketConfig.custom().setTcpNoDelay(true).setSoTimeout(total).build())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(connect)
                .setSocketTimeout(total)
                .setIdleTimeout(Timeout.ofMilliseconds(idleMs))
                .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                .build())
        .build();
  }

  private static CloseableHttpClient build(
      Settings settings, PoolingHttpClientConnectionManager connections) {
    Timeout total = Timeout.ofMilliseconds(settings.upstreamTimeoutMs());
    return HttpClients.custom()
        .setConnectionManager(connections)
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(total)
                .setResponseTimeout(total)
                .build())
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .build();
  }

  /**
   * One call: waits here until the upstream has answered.
   *
   * @param cancellation ends the wait and breaks the connection, from any other thread; knows the
   *     request for which the call is made
   * @throws UpstreamException where there is no good answer within UPSTREAM_TIMEOUT_MS in all
   * @throws RuntimeException the reason, where the call was cancelled
   */
  public UpstreamAnswer call(int waitMs, Cancellation cancellation) {
    return get(
        guards.of(UpstreamGuards.WAIT),
        "/wait?waitMs=" + waitMs,
        timeoutMs,
        cancellation,
        (status, body) -> UpstreamAnswer.parse(status, body, Thread.currentThread()));
  }

  /**
   * Asks one of the services behind the gateway, as {@link #call} does.
   *
   * @param timeoutMs at most UPSTREAM_TIMEOUT_MS
   */
  Results.ServiceAnswer ask(Aggregate.Part part, int timeoutMs, Cancellation cancellation) {
    return get(
        guards.of(part.backend().label()),
        part.target(),
        timeoutMs,
        cancellation,
        UpstreamAnswer::parseService);
  }

  private <T> T get(
      UpstreamGuard guard,
      String target,
      int timeoutMs,
      Cancellation cancellation,
      UpstreamAnswer.Parser<T> parser) {
    cancellation.throwIfCancelled();
    UpstreamGuard.Permit permit = guard.permit();
    ClientSpan call = cancellation.span().call("GET", url, target);
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    Throwable failure = null;
    try {
      Get<T> get = new Get<>(target, timeoutMs, untilNanos, cancellation, parser, call);
      return get.executeOrRetry(guard);
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      call.end(failure);
      permit.ended(UpstreamGuard.ownFailure(failure, cancellation.why()));
    }
  }

  /** One call, within one deadline, made at most twice. */
  private final class Get<T> {
    private final String target;
    private final int timeoutMs;
    private final long untilNanos;
    private final Cancellation cancellation;
    private final UpstreamAnswer.Parser<T> parser;
    private final ClientSpan call;
    private boolean answered;

    Get(
        String target,
        int timeoutMs,
        long untilNanos,
        Cancellation cancellation,
        UpstreamAnswer.Parser<T> parser,
        ClientSpan call) {
      this.target = target;
      this.timeoutMs = timeoutMs;
      this.untilNanos = untilNanos;
      this.cancellation = cancellation;
      this.parser = parser;
      this.call = call;
    }

    T executeOrRetry(UpstreamGuard guard) {
      try {
        return execute();
      } catch (UpstreamException e) {
        if (guard.mayRetry(e)) {
          return execute();
        }
        throw e;
      }
    }

    private T execute() {
      HttpGet request = new HttpGet(url.resolve(target));
      call.fields(request::setHeader);
      // A socket's time-out starts anew with every byte; only a deadline from outside bounds an
      // answer that drips.
      ScheduledFuture<?> deadline =
          deadlines.schedule(request::cancel, untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      try (var _ = cancellation.onCancel(request::cancel)) {
        return client.execute(request, this::parse);
      } catch (IOException | UncheckedIOException e) {
        cancellation.throwIfCancelled();
        throw failure(e, request.isCancelled());
      } catch (IllegalStateException e) {
        // What Apache's client throws where it is cancelled between two of its steps.
        if (!request.isCancelled()) {
          throw e;
        }
        cancellation.throwIfCancelled();
        throw failure(e, true);
      } finally {
        deadline.cancel(false);
      }
    }

    private T parse(ClassicHttpResponse response) throws IOException {
      answered = true;
      call.answered(response.getCode());
      try (HttpEntity entity = response.getEntity()) {
        InputStream in = entity == null ? InputStream.nullInputStream() : entity.getContent();
        byte[] body = in.readNBytes(Limits.UPSTREAM_ANSWER_BYTES + 1);
        if (body.length > Limits.UPSTREAM_ANSWER_BYTES) {
          throw UpstreamAnswer.tooLong();
        }
        return parser.parse(response.getCode(), body);
      }
    }

    private UpstreamException failure(Exception e, boolean deadlinePassed) {
      if (deadlinePassed || e instanceof InterruptedIOException) {
        return UpstreamException.timeout(timeoutMs);
      }
      if (e instanceof ConnectException || e instanceof NoRouteToHostException) {
        return new UpstreamException(UpstreamException.Kind.UNREACHABLE, "it cannot be reached", e);
      }
      boolean ended = e instanceof NoHttpResponseException || e instanceof SocketException;
      return new UpstreamException(
          ended && !answered ? UpstreamException.Kind.LOST : UpstreamException.Kind.BROKEN,
          "the connection broke or brought no HTTP",
          e);
    }
  }

  /**
   * Cancels work that is not done in time.
   *
   * @return calls the deadline off
   */
  Future<?> cancelAfter(int ms, Cancellation work, RuntimeException why) {
    return deadlines.schedule(() -> work.cancel(why), ms, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    deadlines.shutdownNow();
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
