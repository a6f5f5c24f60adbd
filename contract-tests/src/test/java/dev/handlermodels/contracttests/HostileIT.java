package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The short form of {@code ./bench hostile}: clients that are after memory, descriptors and files.
 * Each attack is larger than the heap of its server, so it comes three times: what it leaves behind
 * would end the process by then.
 */
@Rules
class HostileIT {
  @Nested
  class Vertx extends Attacked {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Attacked {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Attacked {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  /** What each of so many clients sends before it holds its connection. */
  enum Attack {
    IDLE(3_000, ""),
    SMALL_BODIES(
        1_200,
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + "x".repeat(65_000)),
    HALF_HEADS(3_000, "GET / HTTP/1.1\r\nHost: x\r\n" + Attack.longField()),
    LARGE_HEADS(1_500, "GET /io HTTP/1.1\r\nHost: x\r\n" + Attack.longField() + "\r\n\r\n"),
    WAITING(3_000, get("/io")),
    PIPELINING(80, get("/io") + get("/docs").repeat(4_000)),
    RACE(80, get("/race?tasks=1000&safe=true")),
    FANOUT(5, get("/fanout?calls=1000&waitMs=3000&concurrency=1000"));

    final int clients;
    final String text;

    Attack(int clients, String text) {
      this.clients = clients;
      this.text = text;
    }

    private static String longField() {
      return "X-Long: " + "x".repeat(7_900);
    }

    static String get(String target) {
      return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }
  }

  @Rules
  @Timeout(120)
  abstract static class Attacked {
    private static final int HEAP_MIB = 64;
    private static final int ROUNDS = 3;

    private final Model model;

    Attacked(Model model) {
      this.model = model;
    }

    private ServerProcess start(Gate upstream, int files, Map<String, String> settings) {
      return ServerProcess.start(model, HEAP_MIB, files, upstream.url(), settings);
    }

    @ParameterizedTest
    @EnumSource(Attack.class)
    void no_attack_on_memory_ends_the_process_nor_keeps_others_from_an_answer(Attack attack) {
      try (Gate upstream = Gate.shut();
          ServerProcess process = start(upstream, 0, Map.of("DRAIN_MS", "5000"));
          Raw kept = new Raw(process.port())) {
        assertThat(kept.get("/").read().status()).isEqualTo(200);
        for (int round = 1; round <= ROUNDS; round++) {
          try (Crowd _ = Crowd.gather(process.port(), attack.clients, 0, attack.text)) {
            // Of a path that needs no thread of the pool: those may all wait for the upstream.
            assertThat(kept.get("/health/live").read().status())
                .as("round %d", round)
                .isEqualTo(200);
          }
          Await.until("newcomers are alive", () -> isAnswered(process, "/health/live"));
        }
        upstream.open();
        Await.until("newcomers are served", () -> isServed(process));
        assertEndsWell(process);
      }
    }

    /** All of them: a request that needs a thread of the pool, too. */
    @Test
    void a_crowd_of_one_address_has_few_connections_and_others_get_their_answers() {
      int places = 100;
      Map<String, String> settings =
          Map.of("MAX_CONNECTIONS_PER_CLIENT", "" + places, "MAX_IN_FLIGHT_PER_CLIENT", "20");
      String counted = "limit=\"connections-per-client\",server=\"" + model + "\"} ";
      try (Gate upstream = Gate.shut();
          ServerProcess process = start(upstream, 0, settings);
          Raw other = Raw.from("127.0.0.2", process.port())) {
        try (Crowd _ =
            Crowd.gather(process.port(), Attack.WAITING.clients, 0, Attack.WAITING.text)) {
          for (int round = 1; round <= ROUNDS; round++) {
            assertThat(other.get("/").read().status()).as("round %d", round).isEqualTo(200);
          }
          String refused = counted + (Attack.WAITING.clients - places) + ".0";
          Await.until("the others are closed", () -> metrics(process).contains(refused));
        }
        upstream.open();
        Await.until("newcomers are served", () -> isServed(process));
        assertEndsWell(process);
      }
    }

    @Test
    void an_idle_connection_holds_nothing_of_the_head_before() {
      int clients = 500;
      List<Raw> idle = new ArrayList<>();
      try (Gate upstream = Gate.opened();
          ServerProcess process = start(upstream, 0, Map.of())) {
        for (int i = 0; i < clients; i++) {
          idle.add(new Raw(process.port()));
        }
        long after = liveHeapBytes(process, idle, Attack.get("/health/live"));
        long afterLong =
            liveHeapBytes(
                process,
                idle,
                "GET /health/live HTTP/1.1\r\nHost: x\r\n" + Attack.longField() + "\r\n\r\n");
        // The head has 8 KiB; stacks and the collector's own objects vary.
        assertThat((afterLong - after) / clients).isLessThan(6000);
      } finally {
        idle.forEach(Raw::close);
      }
    }

    /** When each of these has its answer. */
    private static long liveHeapBytes(ServerProcess process, List<Raw> clients, String request) {
      for (Raw client : clients) {
        assertThat(client.send(request).read().status()).isEqualTo(200);
      }
      return process.liveHeapBytes();
    }

    @Test
    void connections_beyond_the_descriptors_leave_a_listener_that_accepts_again() {
      try (Gate upstream = Gate.opened();
          ServerProcess process = start(upstream, 256, Map.of());
          Raw kept = new Raw(process.port())) {
        assertThat(kept.get("/").read().status()).isEqualTo(200);
        for (int round = 1; round <= ROUNDS; round++) {
          try (Crowd _ = Crowd.gather(process.port(), 400, 0, "")) {
            assertThat(kept.get("/io").read().status()).as("round %d", round).isEqualTo(200);
          }
          Await.until("newcomers are served", () -> isServed(process));
        }
        assertEndsWell(process);
      }
    }

    @Test
    void an_answer_in_the_kernel_that_nobody_reads_ends_at_ANSWER_TIMEOUT_MS() {
      int clients = 40;
      String counted = "limit=\"answer-time\",server=\"" + model + "\"} " + clients + ".0";
      try (Gate upstream = Gate.opened();
          ServerProcess process = start(upstream, 0, Map.of("ANSWER_TIMEOUT_MS", "500"));
          Crowd _ =
              Crowd.gather(
                  process.port(), clients, 2048, Attack.get("/docs/swagger-ui-bundle.js"))) {
        Await.until("all are cut off and counted", () -> metrics(process).contains(counted));
        assertThat(isServed(process)).isTrue();
        assertEndsWell(process);
      }
    }

    @Test
    void a_data_file_that_becomes_too_large_or_no_file_at_all_is_refused(@TempDir Path dir)
        throws IOException, InterruptedException {
      Path file = Files.writeString(dir.resolve("data.json"), "{}");
      try (Gate upstream = Gate.opened();
          ServerProcess process = start(upstream, 0, Map.of("DATA_FILE", file.toString()))) {
        assertIsAnswered(process, 200);

        Files.delete(file);
        try (RandomAccessFile holes = new RandomAccessFile(file.toFile(), "rw")) {
          holes.setLength(300_000_000);
        }
        assertIsAnswered(process, 500);

        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
        assertIsAnswered(process, 500);

        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
        for (int i = 0; i < 5; i++) {
          assertIsAnswered(process, 500);
        }

        Files.delete(file);
        Files.writeString(file, "{}");
        assertIsAnswered(process, 200);
        assertEndsWell(process);
      }
    }

    /**
     * By a connection of its own: a {@link Client} would say each time that it cannot check them.
     */
    private static String metrics(ServerProcess process) {
      try (Raw management = new Raw(process.managementPort())) {
        return management.get("/metrics").read().text();
      }
    }

    private static void assertIsAnswered(ServerProcess process, int status) {
      for (String target : new String[] {"/file", "/file/blocking"}) {
        try (Raw client = new Raw(process.port())) {
          assertThat(client.get(target).read().status()).as(target).isEqualTo(status);
        }
      }
      assertThat(isServed(process)).isTrue();
    }

    /** Whether a new connection gets its answer. */
    private static boolean isServed(ServerProcess process) {
      return isAnswered(process, "/");
    }

    private static boolean isAnswered(ServerProcess process, String target) {
      assertThat(process.isAlive()).as("the process is alive").isTrue();
      try (Raw newcomer = new Raw(process.port())) {
        Answer answer = newcomer.get(target).readUnlessClosed(false);
        return answer != null && answer.status() == 200;
      }
    }

    /** Nothing stays in flight: the exit code would say so. */
    private static void assertEndsWell(ServerProcess process) {
      process.signal("TERM");
      assertThat(process.exitCode()).isZero();
      assertThat(process.out()).contains("stopped").doesNotContain("OutOfMemoryError");
    }
  }
}
