package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The servers as processes: how they start, how they refuse to, and how they end. */
@Rules
class ProcessIT {
  @Nested
  class Vertx extends ServerProcesses {
    Vertx() {
      super(Model.VERTX, Set.of("vertx-core-", "netty-"));
    }
  }

  @Nested
  class Nima extends ServerProcesses {
    Nima() {
      super(Model.NIMA, Set.of("helidon-webserver-"));
    }
  }

  @Nested
  class Blocking extends ServerProcesses {
    Blocking() {
      super(Model.BLOCKING, Set.of("undertow-core-", "xnio-"));
    }
  }

  abstract static class ServerProcesses {
    private static final Set<String> FRAMEWORKS =
        Set.of("vertx-", "netty-", "helidon-", "undertow-", "xnio-", "jboss-", "server-");

    private final Model model;
    private final Set<String> needed;

    ServerProcesses(Model model, Set<String> needed) {
      this.model = model;
      this.needed = needed;
    }

    /** {@code -DdrainRounds=20} asks for more, see CONTRIBUTING.md. */
    static IntStream rounds() {
      return IntStream.rangeClosed(1, Integer.getInteger("drainRounds", 1));
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void SIGTERM_loses_none_of_20_requests_in_flight_and_the_exit_code_is_0(int round) {
      try (Gate gate = Gate.shut();
          ServerProcess process = start(gate, "DRAIN_DELAY_MS", "50");
          Client main = process.main();
          Client management = process.management()) {
        List<CompletableFuture<Answer>> inFlight = main.start("/io", 20);
        gate.awaitWaiting(20);

        process.signal("TERM");
        Await.until("readiness is off", () -> management.get("/health/ready").status() == 503);
        Await.until("connections are refused", process::refusesConnections);
        assertThat(inFlight).noneMatch(CompletableFuture::isDone);

        gate.open();
        assertThat(Await.all(inFlight))
            .as("round %d", round)
            .allSatisfy(
                answer -> {
                  assertThat(answer.status()).isEqualTo(200);
                  assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
                });
        assertThat(process.exitCode()).isZero();
        assertThat(process.out()).contains("stopped");
        assertThat(process.err()).isEmpty();
      }
    }

    @Test
    void SIGTERM_loses_none_of_10_accepted_tasks_and_the_exit_code_is_0() {
      try (Gate gate = Gate.shut();
          ServerProcess process =
              ServerProcess.start(
                  model, Map.of("UPSTREAM_URL", gate.url().toString(), "TASK_WORKERS", "2"));
          Client main = process.main();
          Client management = process.management()) {
        TasksTest.submit(main, 10);
        gate.awaitWaiting(2);

        process.signal("TERM");
        Await.until("readiness is off", () -> management.get("/health/ready").status() == 503);
        gate.open();
        assertThat(process.exitCode()).isZero();
        assertThat(gate.seen()).hasSize(10);
        assertThat(process.out()).doesNotContain("abandoned").contains("stopped");
      }
    }

    @Test
    void tasks_not_finished_within_DRAIN_MS_are_each_named_as_abandoned_with_exit_code_1() {
      try (Gate gate = Gate.shut();
          ServerProcess process =
              ServerProcess.start(
                  model,
                  Map.of(
                      "UPSTREAM_URL", gate.url().toString(),
                      "TASK_WORKERS", "1",
                      "DRAIN_MS", "100"));
          Client main = process.main()) {
        List<String> locations = TasksTest.submit(main, 3);
        gate.awaitWaiting(1);

        process.signal("TERM");
        assertThat(process.exitCode()).isEqualTo(1);
        String running = locations.getFirst().substring("/tasks/".length());
        assertThat(process.out())
            .contains("task " + running + " is abandoned, it was running")
            .contains("3 tasks were not finished within 100 ms")
            .contains("3 accepted tasks are abandoned", "stopped");
        for (String queued : locations.subList(1, 3)) {
          assertThat(process.out())
              .contains(
                  "task " + queued.substring("/tasks/".length()) + " is abandoned, it was queued");
        }
      }
    }

    @Test
    void a_second_signal_ends_it_now_with_the_exit_code_of_that_signal() {
      for (String second : List.of("TERM", "INT")) {
        try (Gate gate = Gate.shut();
            ServerProcess process = start(gate, "DRAIN_DELAY_MS", "3600000");
            Client main = process.main();
            Client management = process.management()) {
          CompletableFuture<Answer> inFlight = main.start("/io");
          gate.awaitWaiting(1);

          process.signal("TERM");
          Await.until("readiness is off", () -> management.get("/health/ready").status() == 503);
          assertThat(inFlight).isNotDone();

          process.signal(second);
          assertThat(process.exitCode()).isEqualTo(second.equals("TERM") ? 143 : 130);
        }
      }
    }

    @Test
    void requests_that_outlast_DRAIN_MS_are_counted_and_the_exit_code_is_1() {
      try (Gate gate = Gate.shut();
          ServerProcess process = start(gate, "DRAIN_MS", "1");
          Client main = process.main()) {
        var _ = main.start("/io", 2);
        gate.awaitWaiting(2);
        process.signal("TERM");
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(process.out()).contains("2 requests were not finished within 1 ms");
      }
    }

    private ServerProcess start(Gate gate, String setting, String value) {
      return ServerProcess.start(
          model, Map.of("UPSTREAM_URL", gate.url().toString(), setting, value));
    }

    @Test
    void without_an_upstream_it_brings_its_own_and_SIGTERM_ends_it_at_once() {
      try (ServerProcess process = ServerProcess.start(model, Map.of());
          Client main = process.main()) {
        Answer answer = main.get("/io?waitMs=5");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/upstream/waitedMs").doubleValue()).isGreaterThanOrEqualTo(5);
        for (String path : List.of("/io/blocking?waitMs=1", "/io/offloaded?waitMs=1", "/file")) {
          assertThat(main.get(path).status()).isEqualTo(200);
        }
        process.signal("TERM");
        assertThat(process.exitCode()).isZero();
        assertThat(process.err()).isEmpty();
      }
    }

    @Test
    void Ctrl_C_ends_it_as_SIGTERM_does() {
      try (ServerProcess process = ServerProcess.start(model, Map.of());
          Client main = process.main()) {
        assertThat(main.get("/health/ready").status()).isEqualTo(200);
        process.signal("INT");
        assertThat(process.exitCode()).isZero();
        assertThat(process.out()).contains("stopped");
      }
    }

    @Test
    void a_wrong_setting_is_refused_with_one_sentence_and_exit_code_2() {
      try (ServerProcess process = ServerProcess.start(model, Map.of("POOL_SIZE", "abc"))) {
        assertThat(process.exitCode()).isEqualTo(2);
        assertThat(process.err().strip())
            .isEqualTo("POOL_SIZE is 'abc' but has to be a whole number from 1 to 10000");
        assertThat(process.out()).doesNotContain("ready");
      }
    }

    @Test
    void a_misspelt_setting_is_refused_with_one_sentence_and_exit_code_2() {
      try (ServerProcess process = ServerProcess.start(model, Map.of("POOLSIZE", "3"))) {
        assertThat(process.exitCode()).isEqualTo(2);
        assertThat(process.err().strip())
            .isEqualTo("POOLSIZE is not a setting; did you mean POOL_SIZE?");
      }
    }

    @Test
    void a_port_in_use_is_told_in_one_sentence_that_names_its_setting_with_exit_code_1()
        throws IOException {
      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        for (String port : List.of("PORT", "MANAGEMENT_PORT")) {
          try (ServerProcess process =
              ServerProcess.start(model, Map.of(port, "" + taken.getLocalPort()))) {
            assertThat(process.exitCode()).isEqualTo(1);
            assertThat(process.err().strip().lines()).hasSize(1);
            assertThat(process.err())
                .startsWith("the " + (port.equals("PORT") ? "main" : "management") + " listener")
                .contains("127.0.0.1:" + taken.getLocalPort())
                .contains("in use")
                .endsWith("; set " + port + " to a free port\n");
            assertThat(process.out()).as("the sentence is enough").isEmpty();
          }
        }
      }
    }

    @Test
    void an_address_of_another_machine_is_told_with_the_setting_that_names_it() {
      for (String host : List.of("HOST", "MANAGEMENT_HOST")) {
        try (ServerProcess process =
            ServerProcess.start(model, Map.of(host, "192.0.2.1"))) { // RFC 5737: nobody's
          assertThat(process.exitCode()).isEqualTo(1);
          assertThat(process.err())
              .startsWith("the " + (host.equals("HOST") ? "main" : "management") + " listener")
              .contains("192.0.2.1:0")
              .endsWith("; set " + host + " to an address of this machine\n");
          assertThat(process.err().strip().lines()).hasSize(1);
        }
      }
    }

    @Test
    void help_lists_the_settings_with_exit_code_0_and_any_other_argument_is_refused() {
      try (ServerProcess process = ServerProcess.start(model, Map.of(), "--help")) {
        assertThat(process.exitCode()).isZero();
        assertThat(process.out()).contains("POOL_SIZE (40)", "UPSTREAM_URL (unset)");
      }
      try (ServerProcess process = ServerProcess.start(model, Map.of(), "--port=1")) {
        assertThat(process.exitCode()).isEqualTo(2);
        assertThat(process.err().strip().lines()).hasSize(1);
      }
    }

    @Test
    void its_libraries_are_its_own_framework_and_no_other() throws IOException {
      Path lib = Path.of("..", "server-" + model, "target", "lib");
      try (Stream<Path> files = Files.list(lib)) {
        Set<String> jars =
            files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        assertThat(needed).allSatisfy(own -> assertThat(jars).anyMatch(jar -> jar.startsWith(own)));
        assertThat(jars)
            .filteredOn(jar -> FRAMEWORKS.stream().anyMatch(jar::startsWith))
            .allMatch(jar -> belongs(jar));
      }
    }

    private boolean belongs(String jar) {
      return switch (model) {
        case VERTX -> jar.startsWith("vertx-") || jar.startsWith("netty-");
        case NIMA -> jar.startsWith("helidon-");
        case BLOCKING ->
            jar.startsWith("undertow-") || jar.startsWith("xnio-") || jar.startsWith("jboss-");
      };
    }
  }
}
