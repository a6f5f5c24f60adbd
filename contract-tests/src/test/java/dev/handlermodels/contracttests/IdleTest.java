package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection on which nothing moves is closed after IDLE_TIMEOUT_MS, and no other. */
@Rules
class IdleTest {
  private static final Map<String, String> SETTINGS =
      Map.of("IDLE_TIMEOUT_MS", "1000", "UPSTREAM_TIMEOUT_MS", "900", "STREAM_HEARTBEAT_MS", "300");

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

  /** Ten items, 300 ms apart, last three times as long as nothing may move. */
  @ParameterizedTest
  @EnumSource
  void a_connection_that_only_the_server_writes_to_stays_open(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), SETTINGS);
        Raw connection = server.connect()) {
      Answer answer = connection.get("/stream?items=10&everyMs=300").read();
      assertThat(answer.text()).contains("event: end").contains("id: 10\n");
    }
  }
}
