package dev.handlermodels.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.upstream.UpstreamGuards;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class BlockingClientTest {
  private static final int CALLS = 20;
  private static final int IDLE_MS = 100;

  /** All calls are in one burst: none is answered before the last has come. */
  private final CyclicBarrier burst = new CyclicBarrier(CALLS);

  private final Semaphore closed = new Semaphore(0);

  @Test
  void what_a_burst_has_opened_is_closed_again_when_nobody_needs_it() throws Exception {
    Settings settings = Settings.fromEnvironment(Map.of());
    try (ServerSocket upstream = new ServerSocket(0, CALLS, InetAddress.getByName("127.0.0.1"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        BlockingClient client =
            new BlockingClient(
                URI.create("http://127.0.0.1:" + upstream.getLocalPort()),
                settings,
                new UpstreamGuards(settings, new SimpleMeterRegistry()),
                IDLE_MS)) {
      List<Future<?>> connections = new ArrayList<>();
      Callable<?> call = () -> client.call(0, new Cancellation(ServerSpan.NONE));
      List<? extends Future<?>> calls =
          Stream.generate(() -> threads.submit(call)).limit(CALLS).toList();
      for (int i = 0; i < CALLS; i++) {
        Socket connection = upstream.accept();
        connections.add(threads.submit(() -> answerAndWaitForTheEnd(connection)));
      }
      for (Future<?> ended : calls) {
        ended.get();
      }

      assertThat(closed.tryAcquire(CALLS, 20, TimeUnit.SECONDS)).isTrue();
      for (Future<?> connection : connections) {
        connection.get();
      }
    }
  }

  private void answerAndWaitForTheEnd(Socket connection) {
    try (connection) {
      byte[] request = new byte[4096];
      assertThat(connection.getInputStream().read(request)).isPositive();
      burst.await();
      String body = "{\"server\": \"upstream\", \"waitMs\": 0, \"waitedMs\": 0.0}";
      String answer = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
      connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      assertThat(connection.getInputStream().read()).isEqualTo(-1);
      closed.release();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
