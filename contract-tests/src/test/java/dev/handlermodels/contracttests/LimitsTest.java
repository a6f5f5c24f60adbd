package dev.handlermodels.contracttests;

import static dev.handlermodels.contracttests.RawHttp2.END_HEADERS;
import static dev.handlermodels.contracttests.RawHttp2.HEADERS;
import static dev.handlermodels.contracttests.RawHttp2.PING;
import static dev.handlermodels.contracttests.RawHttp2.RST_STREAM;
import static dev.handlermodels.contracttests.RawHttp2.SETTINGS;
import static dev.handlermodels.contracttests.RawHttp2.bytes;
import static dev.handlermodels.contracttests.RawHttp2.number;
import static dev.handlermodels.contracttests.RawHttp2.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every limit there is: what becomes of a client that exceeds it, whether its connection goes on,
 * and that it is counted once. A limit that has a counter and no row here fails the last test.
 */
@Rules
class LimitsTest {
  @Nested
  class Vertx extends AllLimits {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends AllLimits {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends AllLimits {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  private static final String POST = "POST /echo HTTP/1.1\r\nHost: x\r\n";

  /** What becomes of the one that is too much. */
  private enum Fate {
    /** An answer, and the connection goes on. */
    ANSWERED,
    /** An answer, and the connection ends. */
    ANSWERED_AND_CLOSED,
    /** No answer. */
    CLOSED,
    /** An answer that does not come to its end. */
    CUT
  }

  private interface Excess {
    /** Exceeds the limit once; what becomes of it is to be seen on the connection returned. */
    Raw by(Scene scene);
  }

  private enum Row {
    CONNECTIONS(
        "connections", Map.of("MAX_CONNECTIONS", "2"), Fate.CLOSED, 0, Scene::connectBesideTwo),
    CONNECTIONS_PER_CLIENT(
        "connections-per-client",
        Map.of("MAX_CONNECTIONS_PER_CLIENT", "2"),
        Fate.CLOSED,
        0,
        Scene::connectBesideTwo),
    IDLE_TIME(
        "idle-time",
        Map.of("IDLE_TIMEOUT_MS", "300"),
        Fate.CLOSED,
        0,
        scene -> {
          Raw connection = scene.connect();
          assertThat(connection.get("/").read("GET", "/").status()).isEqualTo(200);
          return connection;
        }),
    REQUEST_LINE(
        "request-line-bytes",
        Map.of(),
        Fate.ANSWERED_AND_CLOSED,
        414,
        scene -> scene.connect().get("/" + "x".repeat(Limits.REQUEST_LINE_BYTES))),
    HEADER_BYTES(
        "header-bytes",
        Map.of(),
        Fate.ANSWERED_AND_CLOSED,
        431,
        scene -> scene.send(POST + "X: " + "x".repeat(Limits.HEADER_BYTES) + "\r\n\r\n")),
    HEADER_FIELDS(
        "header-fields",
        Map.of(),
        Fate.ANSWERED_AND_CLOSED,
        431,
        scene -> scene.send(POST + "X: x\r\n".repeat(Limits.HEADER_FIELDS) + "\r\n")),
    HEADER_TIME(
        "header-time",
        Map.of("HEADER_TIMEOUT_MS", "200"),
        Fate.CLOSED,
        0,
        scene -> scene.send("GET / HT")),
    BODY(
        "body-bytes",
        Map.of(),
        Fate.ANSWERED_AND_CLOSED,
        413,
        scene -> scene.send(POST + "Content-Length: " + (Limits.BODY_BYTES + 1) + "\r\n\r\n")),
    BODY_OF_A_TASK(
        "body-bytes",
        Map.of(),
        Fate.ANSWERED,
        413,
        scene -> scene.submit("x".repeat(Limits.TASK_BYTES))),
    CHUNK_LINE(
        "chunk-line-bytes",
        Map.of(),
        Fate.ANSWERED_AND_CLOSED,
        400,
        scene ->
            scene.send(
                POST + "Transfer-Encoding: chunked\r\n\r\n5;" + "x".repeat(5000) + "\r\nhello")),
    BODY_TIME(
        "body-time",
        Map.of("REQUEST_TIMEOUT_MS", "200"),
        Fate.ANSWERED_AND_CLOSED,
        408,
        scene -> scene.send(POST + "Content-Length: 5\r\n\r\nhell")),
    ANSWER_TIME(
        "answer-time",
        Map.of("ANSWER_TIMEOUT_MS", "200"),
        Fate.CUT,
        0,
        scene -> {
          String file = Endpoint.DOCS_FILE.path("swagger-ui-bundle.js");
          String requests = ("GET " + file + " HTTP/1.1\r\nHost: x\r\n\r\n").repeat(10);
          return scene.unread(requests, "answer-time");
        }),
    STREAM_WRITE_TIME(
        "stream-write-time",
        Map.of("STREAM_WRITE_TIMEOUT_MS", "200"),
        Fate.CUT,
        0,
        scene ->
            scene.unread(
                "GET /stream?items=100000&everyMs=0 HTTP/1.1\r\nHost: x\r\n\r\n",
                "stream-write-time")),
    IN_FLIGHT(
        "in-flight",
        Map.of("MAX_IN_FLIGHT", "1"),
        Fate.ANSWERED,
        503,
        Scene::askWhileAnotherIsInFlight),
    IN_FLIGHT_PER_CLIENT(
        "in-flight-per-client",
        Map.of("MAX_IN_FLIGHT_PER_CLIENT", "1"),
        Fate.ANSWERED,
        429,
        Scene::askWhileAnotherIsInFlight),
    BODIES(
        "bodies-bytes",
        Map.of("MAX_BODIES_BYTES", Integer.toString(Limits.BODY_BYTES)),
        Fate.ANSWERED_AND_CLOSED,
        503,
        scene -> {
          String most = POST + "Content-Length: " + (Limits.BODY_BYTES - 1) + "\r\n\r\n";
          scene.send(most + "x".repeat(600_000));
          Await.until(
              "it counts", () -> scene.server.metric("http_server_requests_body_bytes") > 0);
          return scene.send(most);
        }),
    MEMORY(
        "memory",
        Map.of("CLIENT_MEMORY_BYTES", Integer.toString(1 << 20)),
        Fate.ANSWERED,
        503,
        scene -> scene.connect().get("/fanout?calls=1000&concurrency=1000")),
    QUEUE(
        "queue",
        Map.of("WORKERS", "1", "QUEUE_SIZE", "1"),
        Fate.ANSWERED,
        503,
        scene -> {
          scene.oneWorksOneWaits("/io/offloaded", "executor_queued_tasks{name=\"worker\"", 1);
          return scene.connect().get("/io/offloaded");
        }),
    QUEUE_TIME(
        "queue-time",
        Map.of("WORKERS", "1", "MAX_QUEUE_MS", "300"),
        Fate.ANSWERED,
        503,
        scene -> {
          scene.oneWorksOneWaits("/io/offloaded", "executor_queued_tasks{name=\"worker\"", 1);
          long sinceNanos = System.nanoTime();
          Await.until("that is long", () -> System.nanoTime() - sinceNanos > 300_000_000L);
          return scene.connect().get("/io/offloaded");
        }),
    UPSTREAM_CONNECTIONS(
        "upstream-connections",
        Map.of("UPSTREAM_MAX_CONNECTIONS", "1", "QUEUE_SIZE", "1"),
        Fate.ANSWERED,
        503,
        scene -> {
          scene.oneWorksOneWaits("/io", "upstream_calls_total{", 2);
          return scene.connect().get("/io");
        }),
    DATABASE_QUEUE(
        "database-queue",
        Map.of("DATABASE_POOL_SIZE", "1", "DATABASE_QUEUE_SIZE", "1"),
        Fate.ANSWERED,
        503,
        scene -> {
          scene.holdsConnection();
          scene.connect().get("/db");
          Await.until("one waits", () -> scene.server.metric("database_pool_waiting") == 1);
          return scene.connect().get("/db");
        }),
    DATABASE_ACQUIRE_TIME(
        "database-acquire-time",
        Map.of("DATABASE_POOL_SIZE", "1", "DATABASE_ACQUIRE_TIMEOUT_MS", "250"),
        Fate.ANSWERED,
        503,
        scene -> {
          scene.holdsConnection();
          return scene.connect().get("/db");
        }),
    DATABASE_STATEMENT_TIME(
        "database-statement-time",
        Map.of("DATABASE_STATEMENT_TIMEOUT_MS", "100"),
        Fate.ANSWERED,
        504,
        scene -> scene.connect().get("/db?holdMs=10000")),
    TASK_QUEUE(
        "task-queue",
        Map.of("TASK_WORKERS", "1", "TASK_QUEUE_SIZE", "1"),
        Fate.ANSWERED,
        503,
        scene -> {
          assertThat(scene.submit("x").read().status()).isEqualTo(202);
          scene.gate.awaitWaiting(1);
          assertThat(scene.submit("x").read().status()).isEqualTo(202);
          return scene.submit("x");
        }),
    TASK_QUEUE_BYTES(
        "task-queue-bytes",
        Map.of("TASK_QUEUE_BYTES", Integer.toString(Limits.TASK_BYTES)),
        Fate.ANSWERED,
        503,
        scene -> {
          assertThat(scene.submit("x".repeat(40_000)).read().status()).isEqualTo(202);
          return scene.submit("x".repeat(40_000));
        }),
    CHAT_ROOMS(
        "chat-rooms",
        Map.of("CHAT_MAX_ROOMS", "1"),
        Fate.ANSWERED,
        503,
        scene -> {
          scene.chat("/chat/one");
          return scene.send(RawWebSocket.request("/chat/two"));
        }),
    CHAT_MEMBERS(
        "chat-members",
        Map.of("CHAT_MAX_MEMBERS", "1"),
        Fate.ANSWERED,
        503,
        scene -> {
          scene.chat("/chat/one");
          return scene.send(RawWebSocket.request("/chat/one"));
        }),
    CHAT_MESSAGE_BYTES(
        "chat-message-bytes",
        Map.of(),
        Fate.CUT,
        0,
        scene ->
            scene
                .chat("/chat/r")
                .send(RawWebSocket.frame(0x81, new byte[Limits.CHAT_MESSAGE_BYTES + 1]))),
    CHAT_FRAGMENTS(
        "chat-fragments",
        Map.of(),
        Fate.CUT,
        0,
        scene ->
            scene
                .chat("/chat/r")
                .send(RawWebSocket.frame(0x01, new byte[1]))
                .send(repeated(Limits.CHAT_FRAGMENTS, RawWebSocket.frame(0x00, new byte[1])))),
    CHAT_MESSAGE_TIME(
        "chat-message-time",
        Map.of("REQUEST_TIMEOUT_MS", "200"),
        Fate.CUT,
        0,
        scene -> scene.chat("/chat/r").send(RawWebSocket.frame(0x01, new byte[1]))),
    CHAT_CONTROL_FRAMES(
        "chat-control-frames",
        Map.of(),
        Fate.CUT,
        0,
        scene ->
            scene
                .chat("/chat/r")
                .send(
                    repeated(
                        Limits.CHAT_CONTROL_FRAMES + 1, RawWebSocket.frame(0x89, new byte[0])))),
    CHAT_RATE(
        "chat-rate",
        Map.of("CHAT_MESSAGES_PER_SECOND", "3"),
        Fate.CUT,
        0,
        scene -> scene.chat("/chat/r").send(repeated(20, RawWebSocket.frame(0x81, new byte[1])))),
    CHAT_QUEUE(
        "chat-queue",
        Map.of("CHAT_QUEUE_SIZE", "1", "CHAT_MESSAGES_PER_SECOND", "1000000"),
        Fate.CUT,
        0,
        scene -> {
          byte[] message = RawWebSocket.frame(0x81, new byte[Limits.CHAT_MESSAGE_BYTES]);
          Raw connection = scene.chat("/chat/r").sendWhileReading(repeated(200, message));
          Await.until("it is closed", () -> scene.exceeded().get("chat-queue") == 1);
          return connection;
        }),
    CHAT_PONG_TIME(
        "chat-pong-time",
        Map.of("CHAT_PING_MS", "100", "CHAT_PONG_TIMEOUT_MS", "100"),
        Fate.CUT,
        0,
        scene -> scene.chat("/chat/r")),
    CHAT_IDLE_TIME(
        "chat-idle-time",
        Map.of("CHAT_IDLE_TIMEOUT_MS", "200"),
        Fate.CUT,
        0,
        scene -> scene.chat("/chat/r")),
    RATE(
        "rate",
        Map.of("RATE_LIMIT_PER_CLIENT", "1", "RATE_LIMIT_WINDOW_SECONDS", "3600"),
        Fate.ANSWERED,
        429,
        scene -> {
          assertThat(scene.connect().get("/").read("GET", "/").status()).isEqualTo(200);
          return scene.connect().get("/");
        }),
    HTTP2_STREAMS(
        "http2-streams",
        Map.of("HTTP2", "true"),
        Fate.CUT,
        0,
        scene -> scene.http2(Limits.HTTP2_STREAMS + 1, Row::openStream)),
    HTTP2_RESETS(
        "http2-resets",
        Map.of("HTTP2", "true"),
        Fate.CUT,
        0,
        scene ->
            scene.http2(
                2 * (Limits.HTTP2_RESETS + 1),
                i -> i % 2 == 0 ? openStream(i) : bytes(RST_STREAM, 0, 2 * i - 1, number(8)))),
    HTTP2_CONTROL_FRAMES(
        "http2-control-frames",
        Map.of("HTTP2", "true"),
        Fate.CUT,
        0,
        scene -> scene.http2(Limits.HTTP2_CONTROL_FRAMES, _ -> bytes(PING, 0, 0, new byte[8])));

    private static byte[] repeated(int times, byte[] bytes) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < times; i++) {
        all.writeBytes(bytes);
      }
      return all.toByteArray();
    }

    private static byte[] openStream(int i) {
      return bytes(
          HEADERS, END_HEADERS, 2 * i + 1, request("POST", "/echo", "content-length", "9"));
    }

    private final String limit;
    private final Map<String, String> settings;
    private final Fate fate;
    private final int status;
    private final Excess excess;

    Row(String limit, Map<String, String> settings, Fate fate, int status, Excess excess) {
      this.limit = limit;
      this.settings = settings;
      this.fate = fate;
      this.status = status;
      this.excess = excess;
    }
  }

  /** A server and the clients of one row. */
  private static final class Scene implements AutoCloseable {
    private final Gate gate = Gate.shut();
    private final Running server;
    private final List<Raw> connections = new ArrayList<>();

    Scene(Model model, Map<String, String> settings) {
      boolean asksDatabase = settings.keySet().stream().anyMatch(s -> s.startsWith("DATABASE_"));
      server = model.start(gate.url(), asksDatabase ? TestDatabase.settings(settings) : settings);
    }

    /** One request has the only connection to the database, for longer than the test takes. */
    void holdsConnection() {
      Await.until("no query of the test before", () -> TestDatabase.running() == 0);
      connect().get("/db?holdMs=10000");
      Await.until("it is held", () -> server.metric("database_pool_active") == 1);
      Await.until("and in use", () -> TestDatabase.running() == 1);
    }

    Raw connect() {
      Raw connection = server.connect();
      connections.add(connection);
      return connection;
    }

    Raw connectBesideTwo() {
      for (int i = 0; i < 2; i++) {
        assertThat(connect().get("/").read("GET", "/").status()).isEqualTo(200);
      }
      return connect();
    }

    Raw askWhileAnotherIsInFlight() {
      connect().get("/io");
      gate.awaitWaiting(1);
      return connect().get("/");
    }

    /** A server that has not noticed yet that another has ended closes this one. */
    Raw connectWhenThereIsRoom() {
      AtomicReference<Raw> let = new AtomicReference<>();
      Await.until(
          "there is room",
          () -> {
            Raw connection = connect();
            try {
              let.set(connection.get("/health/live"));
              return connection.readUnlessClosed(false) != null;
            } catch (UncheckedIOException _) {
              return false;
            }
          });
      return let.get();
    }

    Raw send(String request) {
      return connect().send(request);
    }

    /** So many frames behind what an HTTP/2 connection begins with. */
    Raw http2(int count, IntFunction<byte[]> frame) {
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      frames.writeBytes(RawHttp2.PREFACE);
      frames.writeBytes(bytes(SETTINGS, 0, 0, new byte[0]));
      for (int i = 0; i < count; i++) {
        frames.writeBytes(frame.apply(i));
      }
      return connect().send(frames.toByteArray());
    }

    /** A member of a chat room, behind its 101. */
    Raw chat(String target) {
      Raw connection = send(RawWebSocket.request(target));
      assertThat(connection.head()).startsWith("HTTP/1.1 101 ");
      return connection;
    }

    /** A task of so long a text, which calls the upstream. */
    Raw submit(String text) {
      String body = "{\"waitMs\":1,\"text\":\"" + text + "\"}";
      return send(
          "POST /tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
    }

    /** One call stands before the gate, and another waits for what the first one holds. */
    void oneWorksOneWaits(String path, String metric, int once) {
      connect().get(path);
      gate.awaitWaiting(1);
      connect().get(path);
      Await.until("one waits", () -> server.metric(metric) == once);
    }

    /** Requests whose answers nobody reads until the server has had enough. */
    Raw unread(String requests, String limit) {
      Raw connection = send(requests);
      Await.until("it is cut", () -> exceeded().get(limit) == 1);
      return connection;
    }

    /** How often each limit has been exceeded. */
    Map<String, Integer> exceeded() {
      return server
          .management()
          .get("/metrics")
          .text()
          .lines()
          .map(EXCEEDED::matcher)
          .filter(Matcher::matches)
          .collect(
              Collectors.toMap(
                  sample -> sample.group(1), sample -> (int) Double.parseDouble(sample.group(2))));
    }

    @Override
    public void close() {
      connections.forEach(Raw::close);
      gate.close();
      server.close();
    }
  }

  private static final Pattern EXCEEDED =
      Pattern.compile("http_server_limits_exceeded_total\\{limit=\"([a-z0-9-]+)\".*} (\\S+)");

  abstract static class AllLimits {
    private final Model model;

    AllLimits(Model model) {
      this.model = model;
    }

    @ParameterizedTest
    @EnumSource
    void is_refused_as_documented_and_counted_once(Row row) {
      try (Scene scene = new Scene(model, row.settings)) {
        Raw connection = row.excess.by(scene);
        switch (row.fate) {
          case ANSWERED -> {
            assertRefusal(row, connection.read());
            assertThat(connection.get("/health/live").read("GET", "/health/live").status())
                .as("the connection goes on")
                .isEqualTo(200);
          }
          case ANSWERED_AND_CLOSED -> {
            Answer answer = connection.read();
            assertRefusal(row, answer);
            assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
            assertThat(connection.isClosedByServer()).isTrue();
          }
          case CLOSED -> assertThat(connection.isClosedByServer()).isTrue();
          case CUT -> assertThat(connection.isCutByServer()).isTrue();
        }
        assertThat(onlyNonZero(scene.exceeded())).isEqualTo(Map.of(row.limit, 1));
      }
    }

    private static void assertRefusal(Row row, Answer answer) {
      assertThat(answer.status()).as("%s", answer).isEqualTo(row.status);
      Contract.checkAnswer("GET", "/", answer);
      if (row.status == 503 || row.status == 429) {
        assertThat(Integer.parseInt(answer.header("retry-after"))).isPositive();
      }
    }

    private static Map<String, Integer> onlyNonZero(Map<String, Integer> counts) {
      Map<String, Integer> exceeded = new HashMap<>(counts);
      exceeded.values().removeIf(count -> count == 0);
      return exceeded;
    }

    /** However it ends: by its client, politely or not, by the server, or before it has asked. */
    @ParameterizedTest
    @CsvSource({
      "MAX_CONNECTIONS, false",
      "MAX_CONNECTIONS, true",
      "MAX_CONNECTIONS_PER_CLIENT, false",
      "MAX_CONNECTIONS_PER_CLIENT, true"
    })
    void a_connection_that_has_ended_makes_room_for_the_next(String limit, String http2) {
      Map<String, String> settings = Map.of(limit, "1", "HEADER_TIMEOUT_MS", "100", "HTTP2", http2);
      try (Scene scene = new Scene(model, settings)) {
        for (int i = 0; i < 10; i++) {
          Raw connection = scene.connectWhenThereIsRoom();
          switch (i % 5) {
            case 0 -> connection.close();
            case 1 -> connection.reset();
            case 2 -> assertThat(connection.send("x\r\n\r\n").isCutByServer()).isTrue();
            case 3 -> connection.send("GET / HT").close();
            default -> assertThat(connection.send("GET / HT").isClosedByServer()).isTrue();
          }
        }
        Raw last = scene.connectWhenThereIsRoom();
        assertThat(scene.connect().isClosedByServer()).isTrue();
        assertThat(last.get("/").read("GET", "/").status()).isEqualTo(200);
      }
    }

    @Test
    void a_client_with_all_its_connections_leaves_room_for_others() {
      try (Scene scene = new Scene(model, Map.of("MAX_CONNECTIONS_PER_CLIENT", "1"));
          Raw other = scene.server.connectFrom("127.0.0.2")) {
        Raw first = scene.connectWhenThereIsRoom();
        assertThat(scene.connect().isClosedByServer()).isTrue();
        assertThat(other.get("/").read("GET", "/").status()).isEqualTo(200);
        assertThat(first.get("/").read("GET", "/").status()).isEqualTo(200);
      }
    }

    /**
     * Counted as ended when they end, and not when somebody looks, four times a second: then 19 in
     * 20 would be refused. A few may be, as Undertow waits for the client's end, too, and a thread
     * that has to notice it may not get a processor at once.
     */
    @ParameterizedTest
    @ValueSource(strings = {"false", "true"})
    void connections_that_come_and_go_do_not_add_up(String http2) {
      try (Scene scene = new Scene(model, Map.of("MAX_CONNECTIONS", "5", "HTTP2", http2))) {
        for (int i = 0; i < 100; i++) {
          Raw connection = scene.connectWhenThereIsRoom();
          connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
          assertThat(connection.read("GET", "/").status()).isEqualTo(200);
          assertThat(connection.isClosedByServer()).isTrue();
          connection.close();
        }
        assertThat(scene.exceeded().get("connections")).isLessThan(20);
      }
    }

    @Test
    void a_request_line_of_exactly_4096_bytes_is_taken() {
      String longest = "/" + "x".repeat(Limits.REQUEST_LINE_BYTES - "GET / HTTP/1.1".length());
      try (Scene scene = new Scene(model, Map.of())) {
        assertThat(scene.connect().get(longest).read().status()).isEqualTo(404);
        assertThat(scene.connect().get(longest + "x").read().status()).isEqualTo(414);
      }
    }

    @Test
    void none_is_forgotten_here() {
      try (Scene scene = new Scene(model, Map.of())) {
        assertThat(Stream.of(Row.values()).map(row -> row.limit))
            .containsAll(scene.exceeded().keySet());
      }
    }
  }

  /** Settings that are no limits. */
  private static final Set<String> NO_LIMITS =
      Set.of(
          "HOST",
          "PORT",
          "MANAGEMENT_HOST",
          "MANAGEMENT_PORT",
          "UPSTREAM_URL",
          "EVENT_LOOPS",
          "TRUSTED_PROXIES",
          "TASK_STORE",
          "DATABASE_URL",
          "DATABASE_USER",
          "DATABASE_PASSWORD",
          "DATABASE_PASSWORD_FILE",
          "DATABASE_GATE",
          "DATABASE_READINESS",
          "DATA_FILE",
          "ANTI_PATTERNS",
          "ALLOWED_ORIGINS",
          "CHAT_THREAD_PER_CONNECTION",
          "HTTP2",
          "LOG_FORMAT",
          "ACCESS_LOG",
          "COUNT_PINNED",
          "PLAY_ORIGINS",
          "OTEL_TRACES_EXPORTER");

  /** docs/security.md has each of them in its table. */
  @Test
  void the_page_on_security_names_each_limit_and_each_setting_that_is_one() throws IOException {
    String table =
        Files.readAllLines(Path.of("..", "docs", "security.md")).stream()
            .filter(line -> line.startsWith("|"))
            .collect(Collectors.joining("\n"));
    List<String> settings =
        Pattern.compile("(?m)^ {2}([A-Z_]+) \\(")
            .matcher(Settings.HELP)
            .results()
            .map(setting -> setting.group(1))
            .filter(name -> !NO_LIMITS.contains(name))
            .toList();
    assertThat(settings).hasSizeGreaterThan(30);
    assertThat(settings)
        .allSatisfy(name -> assertThat(table).containsPattern("\\b" + name + "\\b"));
    assertThat(Limit.values())
        .allSatisfy(
            limit ->
                assertThat(table)
                    .contains("`" + limit.name().toLowerCase(Locale.ROOT).replace('_', '-') + "`"));
  }
}
