package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The database: who waits for it, what bounds the wait, and what becomes of a query nobody wants.
 */
@Rules
class DatabaseTest {
  @Nested
  class Vertx extends Database {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Database {
    Nima() {
      super(Model.NIMA);
    }

    @Test
    void a_client_that_hangs_up_ends_a_query_on_the_requests_own_thread() {
      assertCancelled("/db/blocking");
    }
  }

  @Nested
  class Blocking extends Database {
    Blocking() {
      super(Model.BLOCKING);
    }

    @Test
    void a_client_that_hangs_up_ends_a_query_on_the_requests_own_thread() {
      assertCancelled("/db/blocking");
    }
  }

  @Rules
  abstract static class Database {
    private static final String LONG = "?holdMs=10000";

    /** One connection, so that it has to be given back before anybody else is served. */
    private static final Map<String, String> ONE = Map.of("DATABASE_POOL_SIZE", "1");

    final Model model;
    private Gate upstream;
    private Running server;

    Database(Model model) {
      this.model = model;
    }

    @BeforeAll
    void start() {
      upstream = Gate.opened();
      server = start(Map.of());
    }

    @AfterAll
    void stop() {
      server.close();
      upstream.close();
    }

    private Running start(Map<String, String> settings) {
      Await.until("no query of the test before", () -> TestDatabase.running() == 0);
      return model.start(upstream.url(), TestDatabase.settings(settings));
    }

    @ParameterizedTest
    @CsvSource({
      "/db, event-loop, NONE, virtual, virtual, platform, platform",
      "/db/blocking, event-loop, event-loop, virtual, virtual, platform, platform",
      "/db/offloaded, event-loop, platform, virtual, platform, platform, platform"
    })
    void rows_come_with_the_thread_that_ran_the_handler_and_the_one_that_waited(
        String path, String v, String vWaited, String n, String nWaited, String b, String bWaited)
        throws Exception {
      JsonNode result = server.main().get(path + "?queries=5&holdMs=3").json();

      assertThat(result.path("endpoint").asString()).isEqualTo(path);
      assertThat(result.path("threadKind").asString()).isEqualTo(pick(v, n, b));
      String waited = pick(vWaited, nWaited, bWaited);
      assertThat(waited.equals("NONE") ? result.path("waitedIn").isNull() : true).isTrue();
      if (!waited.equals("NONE")) {
        assertThat(result.at("/waitedIn/kind").asString()).isEqualTo(waited);
      }
      assertThat(result.path("rows")).hasSize(5);
      for (JsonNode row : result.path("rows")) {
        assertThat(row.path("content").asString()).isEqualTo(md5(row.path("id").asString()));
      }
      assertThat(result.path("queryMs").doubleValue()).isGreaterThanOrEqualTo(15);
      assertThat(result.path("tookMs").doubleValue())
          .isGreaterThanOrEqualTo(
              result.path("acquireMs").doubleValue() + result.path("queryMs").doubleValue());
    }

    private static String md5(String text) throws Exception {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private String pick(String vertx, String nima, String blocking) {
      return switch (model) {
        case VERTX -> vertx;
        case NIMA -> nima;
        case BLOCKING -> blocking;
      };
    }

    @Test
    void one_row_at_once_is_the_default() {
      JsonNode result = server.main().get("/db").json();
      assertThat(result.path("queries").intValue()).isEqualTo(1);
      assertThat(result.path("holdMs").intValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"queries=0", "queries=21", "holdMs=10001", "holdMs=-1", "limit=1"})
    void what_is_out_of_bounds_is_refused(String query) {
      Answer answer = server.main().get("/db?" + query);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.problem()).isEqualTo("bad-parameter");
    }

    @Test
    void of_a_thousand_increments_at_once_none_is_lost() {
      try (Running patient = start(Map.of("DATABASE_ACQUIRE_TIMEOUT_MS", "20000"))) {
        long before = TestDatabase.counter();
        List<CompletableFuture<Answer>> all =
            IntStream.range(0, 1000)
                .mapToObj(_ -> patient.main().start("POST", "/db/increment"))
                .toList();
        Set<Long> values = new HashSet<>();
        for (Answer answer : Await.all(all)) {
          assertThat(answer.status()).as("%s", answer).isEqualTo(200);
          values.add(answer.json().path("value").longValue());
        }
        assertThat(values).as("each saw a value of its own").hasSize(1000);
        assertThat(TestDatabase.counter()).isEqualTo(before + 1000);
      }
    }

    /** The time-out ends with the body, and the wait for the only connection is longer. */
    @Test
    void the_time_out_of_a_body_does_not_end_its_handler() {
      try (Running one = start(Map.of("DATABASE_POOL_SIZE", "1", "REQUEST_TIMEOUT_MS", "300"))) {
        var held = one.main().start("GET", "/db?holdMs=1500");
        Await.until("the connection is in use", () -> TestDatabase.running() == 1);
        assertThat(Await.result(one.main().start("POST", "/db/increment")).status()).isEqualTo(200);
        assertThat(Await.result(held).status()).isEqualTo(200);
      }
    }

    @Test
    void a_body_is_read_and_ignored_and_the_connection_goes_on() {
      try (Raw connection = server.connect()) {
        for (int i = 0; i < 3; i++) {
          connection.send(
              "POST /db/increment HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
          assertThat(connection.read().status()).isEqualTo(200);
        }
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/db", "/db/offloaded"})
    void a_client_that_hangs_up_ends_its_query_at_the_database(String path) {
      assertCancelled(path);
    }

    void assertCancelled(String path) {
      try (Running small = start(ONE)) {
        for (int i = 0; i < 3; i++) {
          Raw connection = small.connect();
          connection.get(path + LONG);
          Await.until("it runs", () -> TestDatabase.running() == 1);
          connection.close();
          Await.until("it is cancelled", () -> TestDatabase.running() == 0);
          small.awaitInFlight(0);
        }
        assertThat(small.main().get(path).status()).as("the connection is free").isEqualTo(200);
        small.awaitNobodyBusy();
        assertThat(small.metric("database_pool_active")).isZero();
      }
    }

    @Test
    void a_client_that_hangs_up_leaves_the_line() {
      try (Running small = start(ONE);
          Raw holds = small.connect()) {
        holds.get("/db" + LONG);
        Await.until("it runs", () -> TestDatabase.running() == 1);
        Raw waits = small.connect();
        waits.get("/db" + LONG);
        Await.until("one waits", () -> small.metric("database_pool_waiting") == 1);
        waits.close();
        Await.until("nobody waits", () -> small.metric("database_pool_waiting") == 0);
        small.awaitInFlight(1);
        assertThat(TestDatabase.running()).as("the other one still runs").isEqualTo(1);
      }
      Await.until("the server that closed has ended its query", () -> TestDatabase.running() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/db", "/db/offloaded"})
    void a_statement_that_takes_too_long_ends_and_its_connection_serves_others(String path) {
      Map<String, String> settings =
          Map.of("DATABASE_POOL_SIZE", "1", "DATABASE_STATEMENT_TIMEOUT_MS", "100");
      try (Running small = start(settings)) {
        for (int i = 0; i < 3; i++) {
          Answer answer = small.main().get(path + LONG);
          assertThat(answer.status()).isEqualTo(504);
          assertThat(answer.problem()).isEqualTo("database-timeout");
          Await.until("the database has ended it", () -> TestDatabase.running() == 0);
          assertThat(small.main().get(path).status()).isEqualTo(200);
        }
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void a_caller_that_gets_no_connection_in_time_is_told_so_and_counted(String gate) {
      Map<String, String> settings =
          Map.of(
              "DATABASE_POOL_SIZE", "1",
              "DATABASE_ACQUIRE_TIMEOUT_MS", "250",
              "DATABASE_GATE", gate);
      try (Running small = start(settings);
          Raw holds = small.connect()) {
        holds.get("/db" + LONG);
        Await.until("it runs", () -> TestDatabase.running() == 1);
        Answer answer = small.main().get("/db");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.problem()).isEqualTo("database-unavailable");
        assertThat(answer.header("retry-after")).isEqualTo("1");
        assertThat(small.metric("database_pool_timeouts_total")).isEqualTo(1);
        assertThat(small.exceeded("database-acquire-time")).isEqualTo(1);
      }
    }

    @Test
    void without_a_gate_the_line_inside_the_pool_is_bounded_too() {
      Map<String, String> settings =
          Map.of("DATABASE_POOL_SIZE", "1", "DATABASE_QUEUE_SIZE", "1", "DATABASE_GATE", "false");
      try (Running small = start(settings);
          Raw holds = small.connect();
          Raw waits = small.connect()) {
        holds.get("/db" + LONG);
        Await.until("it runs", () -> TestDatabase.running() == 1);
        waits.get("/db");
        Await.until("one waits", () -> small.metric("database_pool_waiting") == 1);
        assertThat(small.main().get("/db").status()).isEqualTo(503);
        assertThat(small.exceeded("database-queue")).isEqualTo(1);
      }
    }

    @Test
    void a_database_that_is_killed_and_comes_back_needs_no_restart_of_the_server()
        throws IOException {
      try (Running other = start(Map.of("DATABASE_ACQUIRE_TIMEOUT_MS", "1000"))) {
        List<String> paths = List.of("/db", "/db/offloaded");
        assertThat(Await.all(other.main().start("/db?holdMs=20", 20)))
            .allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
        TestDatabase.server().kill();
        try {
          for (String path : paths) {
            Answer answer = other.main().get(path);
            assertThat(answer.status()).as("%s", answer).isEqualTo(503);
            assertThat(answer.problem()).isEqualTo("database-unavailable");
            assertThat(answer.header("retry-after")).isEqualTo("1");
          }
          assertThat(other.main().get("/health/ready").status()).isEqualTo(200);
        } finally {
          TestDatabase.server().restart();
        }
        for (String path : paths) {
          Await.until("it answers again", () -> other.main().get(path).status() == 200);
        }
        assertThat(Await.all(other.main().start("/db?holdMs=20", 20)))
            .allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
      }
    }

    /** More callers than connections, who never pause. */
    @ParameterizedTest
    @ValueSource(strings = {"/db", "/db/offloaded"})
    void a_database_that_is_killed_under_load_leaves_nobody_waiting(String path)
        throws IOException {
      Map<String, String> settings =
          Map.of("DATABASE_POOL_SIZE", "4", "DATABASE_ACQUIRE_TIMEOUT_MS", "60000");
      Map<Integer, AtomicLong> statuses = new ConcurrentHashMap<>();
      AtomicBoolean enough = new AtomicBoolean();
      try (Running other = start(settings)) {
        List<CompletableFuture<Void>> users =
            IntStream.range(0, 20)
                .mapToObj(_ -> askAgainAndAgain(other, path + "?holdMs=5", statuses, enough))
                .toList();
        awaitMore(statuses, 200, 50);
        TestDatabase.server().kill();
        try {
          awaitMore(statuses, 503, 50); // long before the time-out of those who wait for one
        } finally {
          TestDatabase.server().restart();
        }
        awaitMore(statuses, 200, 50);
        enough.set(true);
        Await.all(users);
        assertThat(statuses.keySet()).isSubsetOf(200, 503);
        other.awaitInFlight(0);
        other.awaitNobodyBusy();
        assertThat(other.metric("database_pool_active")).isZero();
        assertThat(other.metric("database_pool_waiting")).isZero();
      } finally {
        enough.set(true);
      }
    }

    private static CompletableFuture<Void> askAgainAndAgain(
        Running server, String target, Map<Integer, AtomicLong> statuses, AtomicBoolean enough) {
      return server
          .main()
          .start(target)
          .thenCompose(
              answer -> {
                statuses.computeIfAbsent(answer.status(), _ -> new AtomicLong()).incrementAndGet();
                return enough.get()
                    ? CompletableFuture.completedFuture(null)
                    : askAgainAndAgain(server, target, statuses, enough);
              });
    }

    private static void awaitMore(Map<Integer, AtomicLong> statuses, int status, int more) {
      AtomicLong count = statuses.computeIfAbsent(status, _ -> new AtomicLong());
      long before = count.get();
      Await.until(more + " more with " + status, () -> count.get() >= before + more);
    }

    @Test
    void readiness_follows_the_database_where_a_setting_says_so() throws IOException {
      try (Running other = start(Map.of("DATABASE_READINESS", "true"))) {
        Await.until("ready", () -> other.main().get("/health/ready").status() == 200);
        TestDatabase.server().kill();
        try {
          Await.until("not ready", () -> other.main().get("/health/ready").status() == 503);
          assertThat(other.main().get("/health/live").status()).isEqualTo(200);
        } finally {
          TestDatabase.server().restart();
        }
        Await.until("ready again", () -> other.main().get("/health/ready").status() == 200);
      }
    }

    @Test
    void a_password_is_told_to_nobody() {
      String url = TestDatabase.url().replaceFirst("//(\\w+):\\w+@", "//$1:s3cret-w0rd@");
      try (LogCapture log = new LogCapture();
          Running locked = model.start(upstream.url(), Map.of("DATABASE_URL", url))) {
        for (String path : List.of("/db", "/db/offloaded")) {
          Answer answer = locked.main().get(path);
          assertThat(answer.status()).isEqualTo(503);
          assertThat(answer.text()).doesNotContain("s3cret", "handler_models", "127.0.0.1");
        }
        assertThat(locked.management().get("/settings").text()).doesNotContain("s3cret");
        assertThat(locked.instance().service().settings().toString()).doesNotContain("s3cret");
        assertThat(String.join("\n", log.lines()))
            .contains("the database cannot be used")
            .doesNotContain("s3cret");
      }
    }

    @Test
    void the_pools_metrics_have_the_same_names_on_all_servers() {
      server.main().get("/db");
      String metrics = server.management().get("/metrics").text();
      for (String name :
          List.of(
              "active",
              "idle",
              "waiting",
              "acquire_seconds_bucket",
              "usage_seconds_sum",
              "timeouts_total")) {
        assertThat(metrics).contains("database_pool_" + name + "{driver=\"");
      }
    }
  }
}
