package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * How often clients may ask. The windows of these tests last an hour, so that no bucket fills up
 * while they run.
 */
@Rules
class RateLimitTest {
  @Nested
  class Vertx extends RateLimits {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends RateLimits {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends RateLimits {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class RateLimits {
    private final Model model;

    RateLimits(Model model) {
      this.model = model;
    }

    @Test
    void without_a_limit_nothing_is_said_of_one() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        Answer answer = server.main().get("/");
        assertThat(answer.header("ratelimit")).isNull();
        assertThat(answer.header("ratelimit-policy")).isNull();
      }
    }

    @Test
    void a_client_over_its_share_is_refused_while_its_connection_and_health_go_on() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), hourly(Map.of("RATE_LIMIT_PER_CLIENT", "3")));
          Raw connection = server.connect()) {
        Answer first = connection.get("/io?waitMs=1").read("GET", "/io?waitMs=1");
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.header("ratelimit-policy")).isEqualTo("\"client\";q=3;w=3600");
        assertThat(first.header("ratelimit")).isEqualTo("\"client\";r=2");
        Answer unknown = connection.get("/nothing").read("GET", "/nothing");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.header("ratelimit")).as("as it counts").isNull();
        Answer wrong = connection.get("/io?waitMs=x").read("GET", "/io?waitMs=x");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.header("ratelimit")).isEqualTo("\"client\";r=0");

        for (int i = 0; i < 3; i++) {
          Answer refused = connection.get("/io?waitMs=1").read("GET", "/io?waitMs=1");
          assertThat(refused.status()).isEqualTo(429);
          assertThat(refused.problem()).isEqualTo("rate-limited");
          int seconds = Integer.parseInt(refused.header("retry-after"));
          assertThat(seconds).isBetween(1, 1200);
          assertThat(refused.header("ratelimit")).isEqualTo("\"client\";r=0;t=" + seconds);
          assertThat(refused.header("ratelimit-policy")).isEqualTo("\"client\";q=3;w=3600");
        }
        assertThat(connection.get("/health/live").read("GET", "/health/live").status())
            .isEqualTo(200);
        assertThat(connection.get("/health/ready").read("GET", "/health/ready").status())
            .isEqualTo(200);
        assertThat(gate.seen()).hasSize(1);
        JsonNode threads = server.threads();
        assertThat(threads.at("/requests/rejected").intValue()).as("503s").isZero();
        assertThat(server.management().get("/metrics").text())
            .contains("rate_limit_refused_total{policy=\"client\",server=\"" + model + "\"} 3.0");
      }
    }

    @Test
    void all_clients_together_have_a_limit_too() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), hourly(Map.of("RATE_LIMIT", "2")))) {
        assertThat(server.main().get("/").header("ratelimit")).isEqualTo("\"all\";r=1");
        try (Raw other = server.connect()) {
          assertThat(other.get("/").read("GET", "/").status()).isEqualTo(200);
          assertThat(other.get("/").read("GET", "/").status()).isEqualTo(429);
        }
        assertThat(server.main().get("/").status()).isEqualTo(429);
      }
    }

    @Test
    void a_refused_body_is_not_taken_for_the_next_request() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), hourly(Map.of("RATE_LIMIT_PER_CLIENT", "1")));
          Raw connection = server.connect()) {
        String post =
            "POST /echo HTTP/1.1\r\n"
                + "Host: x\r\n"
                + "Content-Type: text/plain\r\n"
                + "Content-Length: 2\r\n\r\n"
                + "42";
        assertThat(connection.send(post).read().status()).isEqualTo(200);
        assertThat(connection.send(post).read().status()).isEqualTo(429);
        assertThat(connection.send(post).read().status()).isEqualTo(429);
        assertThat(connection.get("/health/live").read("GET", "/health/live").status())
            .isEqualTo(200);
      }
    }

    @Test
    void what_a_stranger_says_of_itself_is_not_believed() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), hourly(Map.of("RATE_LIMIT_PER_CLIENT", "1")))) {
        assertThat(ask(server, "X-Forwarded-For: 192.0.2.1\r\n")).isEqualTo(200);
        assertThat(ask(server, "X-Forwarded-For: 192.0.2.2\r\n")).isEqualTo(429);
      }
    }

    @Test
    void behind_trusted_proxies_a_client_is_the_address_that_they_vouch_for() {
      Map<String, String> settings =
          hourly(Map.of("RATE_LIMIT_PER_CLIENT", "1", "TRUSTED_PROXIES", "2"));
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), settings)) {
        assertThat(ask(server, "X-Forwarded-For: 192.0.2.1, 10.0.0.1\r\n")).isEqualTo(200);
        assertThat(ask(server, "X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.0.0.1\r\n")).isEqualTo(429);
        assertThat(ask(server, "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 10.0.0.1\r\n"))
            .isEqualTo(429);
        assertThat(ask(server, "X-Forwarded-For: 192.0.2.2, 10.0.0.1\r\n")).isEqualTo(200);
        assertThat(ask(server, "")).as("the peer, which is no client's address").isEqualTo(200);
        assertThat(ask(server, "")).isEqualTo(429);
      }
    }

    private static Map<String, String> hourly(Map<String, String> limits) {
      Map<String, String> settings = new HashMap<>(limits);
      settings.put("RATE_LIMIT_WINDOW_SECONDS", "3600");
      return settings;
    }

    private static int ask(Running server, String fields) {
      try (Raw connection = server.connect()) {
        return connection
            .send("GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n")
            .read("GET", "/")
            .status();
      }
    }
  }
}
