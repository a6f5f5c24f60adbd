package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection without a request on it is closed after IDLE_TIMEOUT_MS, and no other. */
@Rules
@Tag("slow")
class IdleTest {
  private static final int IDLE_MS = 600;
  private static final Map<String, String> SETTINGS =
      Map.of("IDLE_TIMEOUT_MS", "" + IDLE_MS, "STREAM_HEARTBEAT_MS", "300");

  @ParameterizedTest
  @EnumSource
  void a_connection_that_has_had_its_answer_is_closed_when_nothing_more_comes(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), SETTINGS);
        Raw connection = server.connect()) {
      assertThat(connection.get("/").read("GET", "/").status()).isEqualTo(200);
      assertThat(connection.isClosedByServer()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_connection_that_never_asks_is_closed(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), SETTINGS);
        Raw connection = server.connect()) {
      assertThat(connection.isClosedByServer()).isTrue();
    }
  }

  /** Six items, 300 ms apart, last three times as long as a connection may be idle. */
  @ParameterizedTest
  @EnumSource
  void a_connection_that_only_the_server_writes_to_stays_open(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), SETTINGS);
        Raw connection = server.connect()) {
      Answer answer = connection.get("/stream?items=6&everyMs=300").read();
      assertThat(answer.text()).contains("event: end").contains("id: 6\n");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_request_may_take_longer_alone_or_behind_another_on_its_connection(Model model) {
    try (Gate upstream = Gate.shut();
        Running server = model.start(upstream.url(), SETTINGS);
        Raw alone = server.connect();
        Raw pipelined = server.connect()) {
      alone.get("/io");
      pipelined.get("/").get("/io");
      assertThat(pipelined.read("GET", "/").status()).isEqualTo(200);
      upstream.awaitWaiting(2);
      long sinceNanos = System.nanoTime();
      Await.until("that is long", () -> System.nanoTime() - sinceNanos > 2 * IDLE_MS * 1_000_000L);
      upstream.open();
      assertThat(alone.read("GET", "/io").status()).isEqualTo(200);
      assertThat(pipelined.read("GET", "/io").status()).isEqualTo(200);
      assertThat(alone.isClosedByServer()).as("once it is idle").isTrue();
      assertThat(pipelined.isClosedByServer()).as("once it is idle").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_head_that_takes_longer_to_arrive_is_not_idle(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), SETTINGS);
        Raw connection = server.connect()) {
      connection.send("GET / HTTP/1.1\r\nHo");
      long sinceNanos = System.nanoTime();
      Await.until("that is long", () -> System.nanoTime() - sinceNanos > 2 * IDLE_MS * 1_000_000L);
      assertThat(connection.send("st: x\r\n\r\n").read("GET", "/").status()).isEqualTo(200);
    }
  }

  /** The answer has gone out; what HTTP says of the body's rest is that it still comes. */
  @ParameterizedTest
  @EnumSource
  void a_body_that_nobody_asked_for_is_not_waited_for_without_end(Model model) {
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.put("REQUEST_TIMEOUT_MS", "400");
    settings.put("ANSWER_TIMEOUT_MS", "400");
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), settings);
        Raw silent = server.connect();
        Raw dripping = server.connect()) {
      String head = "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n";
      assertThat(silent.send(head).read().status()).isEqualTo(200);
      assertThat(dripping.send(head).drip(Duration.ofMillis(5)).read().status()).isEqualTo(200);
      assertThat(silent.isCutByServer()).isTrue();
      assertThat(dripping.isCutByServer()).isTrue();
      server.awaitInFlight(0);
    }
  }
}
