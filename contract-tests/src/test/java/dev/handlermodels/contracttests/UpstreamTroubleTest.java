package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.upstream.Fault;
import dev.handlermodels.upstream.UpstreamServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An upstream that fails: 502 or 504, never 500, and all is well again afterwards. */
@Rules
@AtOnce
@Tag("slow")
class UpstreamTroubleTest {
  @Nested
  class Vertx extends UpstreamTrouble {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends UpstreamTrouble {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends UpstreamTrouble {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class UpstreamTrouble {
    final Model model;

    UpstreamTrouble(Model model) {
      this.model = model;
    }

    private static final String[] PATHS = {"/io", "/io/blocking", "/io/pinned", "/io/offloaded"};
    private static final int TIMEOUT_MS = 250;
    private static final int PATIENT_MS = 10_000;

    private UpstreamServer upstream;
    private Running server;

    @BeforeEach
    void start() throws IOException {
      upstream = UpstreamServer.start("127.0.0.1", 0);
      server = start(TIMEOUT_MS);
    }

    private Running start(int timeoutMs) {
      return model.start(
          upstream.url(),
          Map.of("UPSTREAM_TIMEOUT_MS", "" + timeoutMs, "IDLE_TIMEOUT_MS", "30000"));
    }

    @AfterEach
    void stop() {
      server.close();
      upstream.close();
    }

    @ParameterizedTest(name = "{0} is answered with {1} {2}")
    @CsvSource({
      "SLOW, 504, upstream-timeout",
      "DRIP, 504, upstream-timeout",
      "BLACKHOLE, 504, upstream-timeout",
      "HALFOPEN, 504, upstream-timeout",
      "CLOSE, 502, upstream-failed",
      "STATUS500, 502, upstream-failed",
      "RESET, 502, upstream-failed",
      "GARBAGE, 502, upstream-failed",
      "BADJSON, 502, upstream-failed",
      "TRUNCATED, 502, upstream-failed",
      "HUGE, 502, upstream-failed"
    })
    void a_failing_upstream_is_named_and_the_next_call_succeeds(
        Fault fault, int status, String problem) {
      if (status != 504) { // a busy machine may need longer for any answer
        server.close();
        server = start(PATIENT_MS);
      }
      for (String path : PATHS) {
        assertWell(path);
        upstream.misbehave(fault, fault == Fault.SLOW ? 60_000 : 100);
        for (int call = 0; call < 3; call++) {
          Answer answer = server.main().get(path + "?waitMs=0");
          assertThat(answer.status()).as(path + " " + answer).isEqualTo(status);
          assertThat(answer.problem()).isEqualTo(problem);
        }
        upstream.misbehave(Fault.NONE, 0);
        assertWell(path);
      }
    }

    private void assertWell(String path) {
      Await.until(path, () -> server.main().get(path + "?waitMs=1").status() == 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking", "/io/pinned", "/io/offloaded"})
    void an_upstream_that_has_gone_is_a_502(String path) {
      assertWell(path);
      upstream.close();
      for (int call = 0; call < 3; call++) {
        Answer answer = server.main().get(path + "?waitMs=0");
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.problem()).isEqualTo("upstream-failed");
      }
      assertThat(server.main().get("/health/live").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking", "/io/pinned", "/io/offloaded"})
    void a_wait_longer_than_the_timeout_is_a_504_and_the_call_is_given_up(String path) {
      Answer answer = server.main().get(path + "?waitMs=60000");

      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.json().path("detail").asString()).contains(TIMEOUT_MS + " ms");
      Await.until(
          "the upstream sees its client hang up",
          () ->
              upstream.stats().snapshot().active() == 0
                  && upstream.stats().snapshot().aborted() == 1);
    }

    @Test
    void time_is_counted_from_the_start_of_the_call_so_each_of_many_gets_its_504() {
      Await.all(server.main().start("/io?waitMs=60000", 30))
          .forEach(answer -> assertThat(answer.status()).isEqualTo(504));
      assertWell("/io");
      server.awaitInFlight(0);
    }

    /** In one line or in many; what is read of it is bounded by bytes, and not by time alone. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "x: y\r\n"})
    void an_upstream_whose_head_has_no_end_is_a_502(String part) throws IOException {
      try (ServerSocket endless = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
          Running patient =
              model.start(URI.create("http://127.0.0.1:" + endless.getLocalPort()), Map.of())) {
        Thread.ofVirtual().start(() -> answerAll(endless, part.repeat(1000)));
        for (String path : PATHS) {
          Answer answer = patient.main().get(path + "?waitMs=0");
          assertThat(answer.status()).as(path + " " + answer).isEqualTo(502);
          assertThat(answer.problem()).isEqualTo("upstream-failed");
        }
      }
    }

    private static void answerAll(ServerSocket listener, String endless) {
      try {
        while (true) {
          Socket socket = listener.accept();
          Thread.ofVirtual().start(() -> answer(socket, endless));
        }
      } catch (IOException _) {
        // The test is over.
      }
    }

    private static void answer(Socket socket, String endless) {
      try (socket) {
        OutputStream out = socket.getOutputStream();
        out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
        while (true) {
          out.write(endless.getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException _) {
        // The server has had enough.
      }
    }
  }
}
