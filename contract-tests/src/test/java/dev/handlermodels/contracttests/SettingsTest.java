package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A comparison is fair only where the servers differ in nothing but their handler model. */
@Rules
class SettingsTest {
  private static final Set<String> THE_MODEL = Set.of("name", "ioThreads", "handlerThreads");

  /** All unlike their defaults, so that a server that ignores one is found out. */
  private static final Map<String, String> UNUSUAL =
      Map.of(
          "MAX_CONNECTIONS", "1234",
          "IDLE_TIMEOUT_MS", "70000",
          "POOL_SIZE", "7",
          "QUEUE_SIZE", "77",
          "TASK_WORKERS", "9",
          "CPU_WORKERS", "3");

  @Test
  void the_servers_differ_in_nothing_but_their_handler_model() {
    try (Gate gate = Gate.opened()) {
      ObjectNode vertx = comparable(settings(Model.VERTX, gate, UNUSUAL));

      assertThat(comparable(settings(Model.NIMA, gate, UNUSUAL))).isEqualTo(vertx);
      assertThat(comparable(settings(Model.BLOCKING, gate, UNUSUAL))).isEqualTo(vertx);
    }
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void what_the_environment_says_reaches_the_framework(Model model) {
    try (Gate gate = Gate.opened()) {
      JsonNode settings = settings(model, gate, UNUSUAL);

      assertThat(settings.path("server").asString()).isEqualTo(model.toString());
      assertThat(settings.at("/settings/poolSize").intValue()).isEqualTo(7);
      assertThat(settings.at("/settings/queueSize").intValue()).isEqualTo(77);
      assertThat(settings.at("/settings/tasks/workers").intValue()).isEqualTo(9);
      assertThat(settings.at("/settings/cpuWorkers").intValue()).isEqualTo(3);
      assertThat(settings.at("/framework/maxConnections").intValue()).isEqualTo(1234);
      assertThat(settings.at("/framework/idleTimeoutMs").intValue()).isEqualTo(70_000);
      assertThat(settings.at("/framework/tcpNoDelay").booleanValue()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void system_properties_are_not_told_because_they_may_hold_secrets(Model model) {
    try (Gate gate = Gate.opened()) {
      settings(model, gate, Map.of())
          .at("/jvm/flags")
          .forEach(flag -> assertThat(flag.asString()).doesNotStartWith("-D"));
    }
  }

  private static JsonNode settings(Model model, Gate gate, Map<String, String> environment) {
    try (Running server = model.start(gate.url(), environment)) {
      return server.management().get("/settings").json();
    }
  }

  private static ObjectNode comparable(JsonNode settings) {
    ObjectNode all = (ObjectNode) settings;
    all.remove(Set.of("server", "model"));
    ((ObjectNode) all.path("framework")).remove(THE_MODEL);
    ((ObjectNode) all.path("memory")).remove(Set.of("costs", "roomForConnections"));
    return all;
  }
}
