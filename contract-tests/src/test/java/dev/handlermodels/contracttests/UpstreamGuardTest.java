package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.upstream.Fault;
import dev.handlermodels.upstream.UpstreamServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An upstream that goes on failing is left alone for a while, and one that hiccups is asked twice.
 */
@Rules
class UpstreamGuardTest {
  @Nested
  class Vertx extends Guarded {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Guarded {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Guarded {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Guarded {
    final Model model;

    Guarded(Model model) {
      this.model = model;
    }

    private static final String IMMEDIATELY = "profileMs=0&postsMs=0&ordersMs=0";

    private UpstreamServer upstream;

    @BeforeEach
    void startUpstream() throws IOException {
      upstream = UpstreamServer.start("127.0.0.1", 0);
    }

    @AfterEach
    void stopUpstream() {
      upstream.close();
    }

    private Running start(Map<String, String> settings) {
      return model.start(upstream.url(), settings);
    }

    private static Map<String, String> breaker(int openMs) {
      return Map.of(
          "UPSTREAM_BREAKER_PERCENT", "50",
          "UPSTREAM_BREAKER_CALLS", "10",
          "UPSTREAM_BREAKER_OPEN_MS", "" + openMs);
    }

    private static void ask(Running server, String target, int times, int status) {
      for (int i = 0; i < times; i++) {
        Answer answer = server.main().get(target);
        assertThat(answer.status()).as("%s, number %d: %s", target, i, answer).isEqualTo(status);
      }
    }

    private static double metric(Running server, String name, String of) {
      String metrics = server.management().get("/metrics").text();
      Matcher line =
          Pattern.compile("(?m)^" + name + "\\{.*upstream=\"" + of + "\".*} (\\S+)$")
              .matcher(metrics);
      assertThat(line.find()).as(name).isTrue();
      return Double.parseDouble(line.group(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking", "/io/offloaded"})
    void an_upstream_that_goes_on_failing_is_not_asked_and_other_routes_go_on(String path) {
      try (Running server = start(breaker(3_600_000))) {
        upstream.misbehave(Fault.STATUS500, 0);
        ask(server, path + "?waitMs=0", 10, 502);
        long asked = upstream.stats().snapshot().received();

        Answer refused = server.main().get(path + "?waitMs=0");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("upstream-unavailable");
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(upstream.stats().snapshot().received()).isEqualTo(asked);
        assertThat(metric(server, "upstream_breaker_state", "wait")).isEqualTo(2);
        assertThat(metric(server, "upstream_not_asked_total", "wait")).isEqualTo(1);

        ask(server, "/", 1, 200);
        ask(server, "/health/live", 1, 200);
        ask(server, "/aggregate/ada?strict=true&" + IMMEDIATELY, 1, 502);
        upstream.misbehave(Fault.NONE, 0);
        ask(server, "/aggregate/ada?strict=true&" + IMMEDIATELY, 1, 200);
      }
    }

    @Test
    void when_it_is_well_again_a_few_calls_on_trial_show_it() {
      try (Running server = start(breaker(1))) {
        upstream.misbehave(Fault.RESET, 0);
        ask(server, "/io?waitMs=0", 10, 502);
        upstream.misbehave(Fault.NONE, 0);
        Await.until(
            "the breaker is closed",
            () -> {
              server.main().get("/io?waitMs=0");
              return metric(server, "upstream_breaker_state", "wait") == 0;
            });
        ask(server, "/io?waitMs=0", 10, 200);
      }
    }

    /** The others are cancelled, each time, as the whole has failed. */
    @Test
    void a_broken_service_is_not_held_against_those_that_were_asked_with_it() {
      try (Running server = start(breaker(3_600_000))) {
        String slowly = "profileMs=60000&postsMs=60000&ordersMs=0&strict=true";
        ask(server, "/aggregate/ada?broken=orders&" + slowly, 10, 502);
        assertThat(metric(server, "upstream_breaker_state", "orders")).isEqualTo(2);
        assertThat(metric(server, "upstream_breaker_state", "posts")).isZero();
        assertThat(metric(server, "upstream_breaker_state", "profile")).isZero();
      }
    }

    @Test
    void one_service_behind_the_gateway_is_left_alone_and_the_others_answer() {
      try (Running server = start(breaker(3_600_000))) {
        ask(server, "/aggregate/ada?broken=orders&" + IMMEDIATELY, 10, 200);
        Answer answer = server.main().get("/aggregate/ada?" + IMMEDIATELY);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/services/orders/status").asString()).isEqualTo("broken");
        assertThat(answer.json().at("/services/orders/detail").asString())
            .contains("no calls for a while");
        assertThat(answer.json().at("/services/posts/status").asString()).isEqualTo("ok");
        assertThat(metric(server, "upstream_breaker_state", "orders")).isEqualTo(2);
        assertThat(metric(server, "upstream_breaker_state", "wait")).isZero();
        ask(server, "/io?waitMs=0", 1, 200);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking", "/io/offloaded"})
    void a_call_lost_before_its_answer_began_is_made_again_and_nobody_notices(String path) {
      try (Running server = start(Map.of())) {
        ask(server, path + "?waitMs=0", 40, 200);
        for (Fault fault : new Fault[] {Fault.CLOSE, Fault.RESET}) {
          upstream.misbehave(fault, 0, 11);
          ask(server, path + "?waitMs=0", 20, 200);
        }
        // Each fault struck the 11th call of its 21.
        assertThat(metric(server, "upstream_retries_total", "wait")).isEqualTo(2);
        assertThat(metric(server, "upstream_calls_total", "wait")).isEqualTo(80);
        assertThat(upstream.stats().snapshot().received()).isEqualTo(82);
      }
    }

    @Test
    void an_upstream_that_breaks_every_call_is_asked_a_tenth_more_and_no_oftener() {
      try (Running server = start(Map.of())) {
        upstream.misbehave(Fault.CLOSE, 0);
        ask(server, "/io?waitMs=0", 50, 502);
        assertThat(metric(server, "upstream_retries_total", "wait")).isEqualTo(5);
        assertThat(upstream.stats().snapshot().received()).isEqualTo(55);
      }
    }

    @Test
    void an_answer_that_has_begun_is_not_asked_for_again() {
      try (Running server = start(Map.of("UPSTREAM_RETRY_PERCENT", "100"))) {
        upstream.misbehave(Fault.TRUNCATED, 0);
        ask(server, "/io?waitMs=0", 5, 502);
        assertThat(upstream.stats().snapshot().received()).isEqualTo(5);
      }
    }

    /**
     * By a reset as well, which to a client looks like that of a stale connection. What came before
     * it the kernel still hands over.
     */
    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking", "/io/offloaded"})
    void an_answer_that_is_reset_midway_is_not_asked_for_again(String path) throws IOException {
      AtomicInteger asked = new AtomicInteger();
      try (ServerSocket resetting = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
          Running server =
              model.start(
                  URI.create("http://127.0.0.1:" + resetting.getLocalPort()),
                  Map.of("UPSTREAM_RETRY_PERCENT", "100"))) {
        Thread.ofVirtual().start(() -> resetAll(resetting, asked));
        ask(server, path + "?waitMs=0", 3, 502);
        assertThat(asked).hasValue(3);
      }
    }

    private static void resetAll(ServerSocket listener, AtomicInteger asked) {
      try {
        while (true) {
          Socket socket = listener.accept();
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
          if (in.readLine() != null) {
            asked.incrementAndGet();
            while (!in.readLine().isEmpty()) {
              // The rest of the request.
            }
            socket
                .getOutputStream()
                .write(
                    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"
                        .getBytes(StandardCharsets.US_ASCII));
          }
          socket.setSoLinger(true, 0);
          socket.close();
        }
      } catch (IOException _) {
        // The test is over.
      }
    }
  }
}
