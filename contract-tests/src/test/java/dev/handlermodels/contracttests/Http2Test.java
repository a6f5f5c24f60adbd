package dev.handlermodels.contracttests;

import static dev.handlermodels.contracttests.RawHttp2.CONTINUATION;
import static dev.handlermodels.contracttests.RawHttp2.DATA;
import static dev.handlermodels.contracttests.RawHttp2.END_HEADERS;
import static dev.handlermodels.contracttests.RawHttp2.END_STREAM;
import static dev.handlermodels.contracttests.RawHttp2.ENHANCE_YOUR_CALM;
import static dev.handlermodels.contracttests.RawHttp2.FRAME_SIZE_ERROR;
import static dev.handlermodels.contracttests.RawHttp2.HEADERS;
import static dev.handlermodels.contracttests.RawHttp2.INITIAL_WINDOW_SIZE;
import static dev.handlermodels.contracttests.RawHttp2.MAX_CONCURRENT_STREAMS;
import static dev.handlermodels.contracttests.RawHttp2.NO_ERROR;
import static dev.handlermodels.contracttests.RawHttp2.PADDED;
import static dev.handlermodels.contracttests.RawHttp2.PING;
import static dev.handlermodels.contracttests.RawHttp2.PRIORITY;
import static dev.handlermodels.contracttests.RawHttp2.PROTOCOL_ERROR;
import static dev.handlermodels.contracttests.RawHttp2.REFUSED_STREAM;
import static dev.handlermodels.contracttests.RawHttp2.RST_STREAM;
import static dev.handlermodels.contracttests.RawHttp2.SETTINGS;
import static dev.handlermodels.contracttests.RawHttp2.WINDOW_UPDATE;
import static dev.handlermodels.contracttests.RawHttp2.bytes;
import static dev.handlermodels.contracttests.RawHttp2.head;
import static dev.handlermodels.contracttests.RawHttp2.number;
import static dev.handlermodels.contracttests.RawHttp2.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.admission.Drainable;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HTTP/2 is off unless asked for. Where it is on it gives the answers of HTTP/1.1, and whoever
 * abuses it loses his connection, while others are served.
 */
@Rules
@Tag("slow")
class Http2Test {
  @Nested
  class Vertx extends Http2 {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Http2 {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Http2 {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class Http2 {
    /** Longer than anybody waits here, so that nothing ends by that. */
    private static final Map<String, String> ON =
        Map.of("HTTP2", "true", "REQUEST_TIMEOUT_MS", "60000");

    final Model model;
    private Gate upstream;
    private Running server;

    Http2(Model model) {
      this.model = model;
    }

    @BeforeAll
    void start() {
      upstream = Gate.opened();
      server = model.start(upstream.url(), ON);
    }

    @AfterAll
    void stop() {
      server.close();
      upstream.close();
    }

    @Test
    void it_is_off_by_default() {
      try (Running plain = model.start(upstream.url(), Map.of());
          Raw client = plain.connect()) {
        client.send(RawHttp2.PREFACE).send(bytes(SETTINGS, 0, 0, new byte[0]));
        Answer refusal = client.readUnlessClosed(false);
        assertThat(refusal == null ? 505 : refusal.status()).isEqualTo(505);
        assertThat(client.isClosedByServer()).isTrue();
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "true"})
    void an_upgrade_is_never_followed(String http2) {
      try (Running either = model.start(upstream.url(), Map.of("HTTP2", http2));
          Raw client = either.connect()) {
        client.send(
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
        assertThat(client.read("GET", "/").status()).isEqualTo(200);
        assertThat(client.get("/").read("GET", "/").status()).isEqualTo(200);
      }
    }

    @Test
    void what_begins_like_the_preface_and_is_not_is_refused() {
      for (String begin :
          List.of("PRI * HTTP/2.0\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")) {
        try (Raw client = server.connect()) {
          Answer refusal = client.send(begin).readUnlessClosed(false);
          assertThat(refusal == null ? 505 : refusal.status()).isEqualTo(505);
        }
      }
    }

    @Test
    void a_preface_that_comes_byte_by_byte_is_one() {
      try (RawHttp2 client = new RawHttp2(server.instance().port())) {
        for (byte one : RawHttp2.PREFACE) {
          client.send(new byte[] {one});
        }
        client.settings(new byte[0]).get(1, "/");
        assertThat(client.answer(1).status()).isEqualTo(200);
      }
    }

    @Test
    void HTTP_1_1_is_spoken_beside_it() {
      try (Raw client = server.connect()) {
        client.send("P");
        client.send("OST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        assertThat(client.read().text()).isEqualTo("hi");
        assertThat(client.get("/").read("GET", "/").status()).isEqualTo(200);
      }
    }

    @Test
    void the_limits_are_announced() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        assertThat(client.serverSettings())
            .containsEntry(MAX_CONCURRENT_STREAMS, Limits.HTTP2_STREAMS)
            .containsEntry(6, Limits.HTTP2_HEADER_LIST_BYTES);
        assertThat(client.serverSettings().getOrDefault(INITIAL_WINDOW_SIZE, 65_535))
            .isEqualTo(Limits.HTTP2_WINDOW_BYTES);
        assertThat(client.serverSettings().getOrDefault(5, 16_384))
            .isEqualTo(Limits.HTTP2_FRAME_BYTES);
      }
    }

    static Stream<Arguments> requests() {
      return Stream.of(
          Arguments.of("GET", "/"),
          Arguments.of("GET", "/io?waitMs=1"),
          Arguments.of("GET", "/io/offloaded?waitMs=1"),
          Arguments.of("GET", "/file"),
          Arguments.of("GET", "/fanout?calls=3"),
          Arguments.of("GET", "/openapi.yaml"),
          Arguments.of("GET", "/docs"),
          Arguments.of("GET", "/health/live"),
          Arguments.of("GET", "/nothing"),
          Arguments.of("GET", "/%69o"),
          Arguments.of("GET", "/io?waitMs=-1"),
          Arguments.of("GET", "/io?waitMs=5&waitMs=5"),
          Arguments.of("GET", "/io?waitms=5"),
          Arguments.of("DELETE", "/io"),
          Arguments.of("PUT", "/tasks"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void an_answer_is_that_of_HTTP_1_1(String method, String target) {
      Answer http1 = server.main().send(method, target);
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.frame(HEADERS, END_STREAM | END_HEADERS, 1, request(method, target));
        assertSame(method, target, client.answer(1), http1);
      }
    }

    /** But for values that are each request's own. */
    private static void assertSame(String method, String target, Answer http2, Answer http1) {
      Contract.check(method, target, null, new byte[0], http2);
      assertThat(http2.status()).isEqualTo(http1.status());
      assertThat(http2.headers().keySet()).doesNotContain("connection", "transfer-encoding");
      for (String name : http1.headers().keySet()) {
        if (!List.of("date", "connection", "content-length", "transfer-encoding").contains(name)) {
          assertThat(http2.header(name)).as(name).isEqualTo(http1.header(name));
        }
      }
      if ("application/json".equals(http1.header("content-type"))) {
        assertThat(http2.json().propertyNames()).containsAll(http1.json().propertyNames());
      } else {
        assertThat(http2.text()).isEqualTo(http1.text());
      }
    }

    @Test
    void a_body_comes_back() {
      byte[] body = "x".repeat(Limits.BODY_BYTES).getBytes(StandardCharsets.US_ASCII);
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.post(1, "/echo", "text/plain", body);
        Answer answer = client.answer(1);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(body);
        client.post(3, "/echo", "text/plain", new byte[0]);
        assertThat(client.answer(3).body()).isEmpty();
      }
    }

    @Test
    void what_is_too_much_is_refused_with_a_document_and_the_connection_goes_on() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.postHead(1, "/echo", "content-length", Integer.toString(Limits.BODY_BYTES + 1));
        assertRefused(client.answer(1), 413, "body-too-large");
        client.postHead(3, "/echo");
        client.upload(3, new byte[Limits.BODY_BYTES + 1]);
        assertRefused(client.answer(3), 413, "body-too-large");
        client.get(5, "/io?x=" + "y".repeat(Limits.REQUEST_LINE_BYTES));
        assertRefused(client.answer(5), 414, "request-line-too-long");
        client.frame(
            HEADERS,
            END_STREAM | END_HEADERS,
            7,
            request("GET", "/", "x", "y".repeat(Limits.HEADER_BYTES)));
        assertRefused(client.answer(7), 431, "headers-too-large");
        String[] many = new String[2 * (Limits.HEADER_FIELDS + 1)];
        for (int i = 0; i < many.length; i++) {
          many[i] = "x" + i;
        }
        client.frame(HEADERS, END_STREAM | END_HEADERS, 9, request("GET", "/", many));
        assertRefused(client.answer(9), 431, "headers-too-large");
        client.get(11, "/");
        assertThat(client.answer(11).status()).isEqualTo(200);
      }
      server.awaitInFlight(0);
    }

    private static void assertRefused(Answer answer, int status, String problem) {
      assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
      assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
      assertThat(answer.problem()).isEqualTo(problem);
      assertThat(answer.header("connection")).isNull();
    }

    /** RFC 9113, 8.1.1, 8.2.2, 8.3.1: an error of the stream or of the connection, or a 400. */
    @ParameterizedTest
    @MethodSource("malformed")
    void a_malformed_request_is_not_served(String what, byte[] head) {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.leavingAtGoAway().frame(HEADERS, END_STREAM | END_HEADERS, 1, head);
        Answer answer = client.answerIfAny(1);
        assertThat(answer == null ? 400 : answer.status()).isEqualTo(400);
      }
      assertThat(server.main().get("/").status()).isEqualTo(200);
      server.awaitInFlight(0);
    }

    static Stream<Arguments> malformed() {
      return Stream.of(
          Arguments.of("chunked", request("GET", "/", "transfer-encoding", "chunked")),
          Arguments.of("a connection field", request("GET", "/", "connection", "close")),
          Arguments.of("another", request("GET", "/", "keep-alive", "timeout=5")),
          Arguments.of("an upgrade", request("GET", "/", "upgrade", "h2c")),
          Arguments.of("of a proxy", request("GET", "/", "proxy-connection", "close")),
          Arguments.of("a name with a colon", request("GET", "/", "a:b", "c")),
          Arguments.of("no length", request("GET", "/", "content-length", "five")),
          Arguments.of("+5", request("GET", "/", "content-length", "+5")),
          Arguments.of("a body that is missing", request("POST", "/echo", "content-length", "5")),
          Arguments.of("no path", head(":method", "GET", ":scheme", "http", ":authority", "x")),
          Arguments.of("no method", head(":path", "/", ":scheme", "http", ":authority", "x")),
          Arguments.of("no authority", head(":method", "GET", ":scheme", "http", ":path", "/")),
          Arguments.of("a path that is a URL", request("GET", "http://x/")),
          Arguments.of("a path with a space", request("GET", "/ HTTP/1.1")),
          Arguments.of("a path with a line end", request("GET", "/\r\nx: y")),
          Arguments.of("a capital letter", request("GET", "/", "Name", "x")),
          Arguments.of("a line end in a value", request("GET", "/", "name", "x\r\nhost: y")),
          Arguments.of("a made-up pseudo-header", request("GET", "/", ":made", "up")),
          Arguments.of("two paths", request("GET", "/", ":path", "/io")));
    }

    @Test
    void the_answer_to_HEAD_has_no_body() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.frame(HEADERS, END_STREAM | END_HEADERS, 1, request("HEAD", "/"));
        assertThat(client.answer(1).status()).isEqualTo(200);
        assertThat(client.answer(1).body()).isEmpty();
        client.frame(HEADERS, END_STREAM | END_HEADERS, 3, request("HEAD", "/nothing"));
        assertThat(client.answer(3).status()).isEqualTo(404);
        assertThat(client.answer(3).header("content-length")).isNotEqualTo("0");
        client.frame(
            HEADERS,
            END_STREAM | END_HEADERS,
            5,
            request("HEAD", "/stream?items=10&everyMs=60000"));
        assertThat(client.answer(5).status()).isEqualTo(200);
        client.frame(HEADERS, END_STREAM | END_HEADERS, 7, request("OPTIONS", "/"));
        assertThat(client.answer(7).status()).isEqualTo(204);
      }
    }

    @Test
    void a_body_is_asked_for_where_its_client_expects_that() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.postHead(1, "/echo", "expect", "100-continue");
        Await.until("it is asked for", () -> client.continues(1) > 0);
        client.frame(DATA, END_STREAM, 1, new byte[3]);
        assertThat(client.answer(1).status()).isEqualTo(200);
        assertThat(client.continues(1)).isEqualTo(1);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /none", "GET /", "GET /io?waitMs=0"})
    void one_that_nobody_reads_is_not_asked_for(String target) {
      String[] methodAndPath = target.split(" ");
      String[] fields = {"expect", "100-continue", "content-length", "5"};
      byte[] head = request(methodAndPath[0], methodAndPath[1], fields);
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.frame(HEADERS, END_HEADERS, 1, head);
        client.awaitHead(1);
        assertThat(client.continues(1)).isZero();
      }
      server.awaitInFlight(0);
    }

    @Test
    void a_body_that_comes_after_its_refusal_leaves_nothing_behind() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.postHead(1, "/echo", "expect", "x", "content-length", "5").awaitHead(1);
        client.frame(DATA, END_STREAM, 1, new byte[5]);
        server.awaitInFlight(0);
        client.get(3, "/");
        assertThat(client.answer(3).status()).isEqualTo(200);
      }
    }

    @Test
    void streams_are_answered_side_by_side() {
      try (Gate gate = Gate.shut();
          Running here = model.start(gate.url(), Map.of("HTTP2", "true", "POOL_SIZE", "60"));
          RawHttp2 client = RawHttp2.to(here)) {
        for (int i = 0; i < 50; i++) {
          client.get(2 * i + 1, "/io");
        }
        gate.awaitWaiting(50);
        client.get(101, "/");
        assertThat(client.answer(101).status()).isEqualTo(200);
        gate.open();
        for (int i = 0; i < 50; i++) {
          assertThat(client.answer(2 * i + 1).status()).isEqualTo(200);
        }
        here.awaitInFlight(0);
      }
    }

    @Test
    void beyond_MAX_IN_FLIGHT_a_stream_is_refused_and_the_connection_goes_on() {
      try (Gate gate = Gate.shut();
          Running here = model.start(gate.url(), Map.of("HTTP2", "true", "MAX_IN_FLIGHT", "2"));
          RawHttp2 client = RawHttp2.to(here)) {
        client.get(1, "/io").get(3, "/io");
        gate.awaitWaiting(2);
        client.get(5, "/");
        assertRefused(client.answer(5), 503, "overloaded");
        assertThat(client.answer(5).header("retry-after")).isEqualTo("1");
        gate.open();
        assertThat(client.answer(1).status()).isEqualTo(200);
        here.awaitInFlight(0);
        client.get(7, "/");
        assertThat(client.answer(7).status()).isEqualTo(200);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/offloaded"})
    void a_stream_that_its_client_resets_ends_its_call_and_no_other(String target) {
      try (Gate gate = Gate.shut();
          Running here = model.start(gate.url(), ON);
          RawHttp2 client = RawHttp2.to(here)) {
        client.get(1, target).get(3, target);
        gate.awaitWaiting(2);
        client.reset(1);
        here.awaitInFlight(1);
        gate.open();
        assertThat(client.answer(3).status()).isEqualTo(200);
        assertThat(client.hasAnswered(1)).isFalse();
        here.awaitInFlight(0);
      }
    }

    @Test
    void a_client_that_hangs_up_ends_all_its_calls() {
      try (Gate gate = Gate.shut();
          Running here = model.start(gate.url(), ON)) {
        try (RawHttp2 client = RawHttp2.to(here)) {
          client.get(1, "/io").get(3, "/io");
          gate.awaitWaiting(2);
        }
        here.awaitInFlight(0);
      }
    }

    @Test
    void a_stream_of_events_is_one() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.get(1, "/stream?items=3&everyMs=1");
        Answer answer = client.answer(1);
        assertThat(answer.header("content-type")).isEqualTo("text/event-stream");
        assertThat(answer.text()).contains("id: 3\n").contains("event: end");
      }
    }

    @Test
    void a_stream_of_events_that_its_client_resets_ends_and_no_other() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.get(1, "/stream?items=10000&everyMs=5").get(3, "/stream?items=50&everyMs=5");
        server.awaitInFlight(2);
        client.reset(1);
        server.awaitInFlight(1);
        assertThat(client.answer(3).text()).contains("id: 50\n").contains("event: end");
        server.awaitInFlight(0);
      }
    }

    @Test
    void shutting_down_says_GOAWAY_and_answers_what_is_in_flight() {
      try (Gate gate = Gate.shut();
          Running here = model.start(gate.url(), ON);
          RawHttp2 client = RawHttp2.to(here)) {
        client.get(1, "/io").get(3, "/io");
        gate.awaitWaiting(2);
        CompletableFuture<List<Drainable.Left>> drained =
            CompletableFuture.supplyAsync(
                here.instance()::drain, task -> Thread.ofVirtual().start(task));
        Await.until("connections are refused", () -> Raw.refuses(here.instance().port()));
        gate.open();
        assertThat(client.answer(1).status()).isEqualTo(200);
        assertThat(client.answer(3).status()).isEqualTo(200);
        assertThat(client.goAway()).isEqualTo(NO_ERROR);
        assertThat(client.awaitEnd()).isEqualTo(NO_ERROR);
        assertThat(Await.result(drained)).isEmpty();
      }
    }

    @Test
    void one_that_is_not_accepting_any_more_ends_a_connection_that_is_still_used() {
      try (Running here =
              model.start(upstream.url(), Map.of("HTTP2", "true", "DRAIN_DELAY_MS", "3600000"));
          RawHttp2 client = RawHttp2.to(here)) {
        Thread.ofVirtual().start(here.instance()::drain);
        Await.until(
            "readiness is off", () -> here.management().get("/health/ready").status() == 503);
        client.get(1, "/io");
        assertThat(client.answer(1).status()).isEqualTo(200);
        assertThat(client.awaitEnd()).isEqualTo(NO_ERROR);
      }
    }

    /** What is sent, over and over, by one who wants no answer. */
    private interface Attack {
      void on(RawHttp2 client);
    }

    /** The last word of a server that closes a connection with something unread. */
    private static final int LOST = -1;

    /** What the client has sent before: SETTINGS, their acknowledgement and WINDOW_UPDATE. */
    private static final int SENT_BEFORE = 3;

    /** One frame too many, so that the server leaves nothing unread and its last word arrives. */
    private static final int TOO_MANY = Limits.HTTP2_CONTROL_FRAMES + 1 - SENT_BEFORE;

    static Stream<Arguments> floods() {
      return Stream.of(
          attack("rapid reset", http2 -> reset(http2)),
          attack("the server made to reset", http2 -> madeYouReset(http2)),
          attack("PING", http2 -> http2.flood(TOO_MANY, bytes(PING, 0, 0, new byte[8]))),
          attack("SETTINGS", http2 -> http2.flood(TOO_MANY, bytes(SETTINGS, 0, 0, new byte[0]))),
          attack(
              "WINDOW_UPDATE",
              http2 -> http2.flood(TOO_MANY, bytes(WINDOW_UPDATE, 0, 0, number(1)))),
          attack(
              "PRIORITY",
              http2 -> http2.flood(TOO_MANY, bytes(PRIORITY, 0, 1, new byte[] {0, 0, 0, 0, 1}))),
          attack("unknown frames", http2 -> http2.flood(TOO_MANY, bytes(99, 0, 0, new byte[0]))),
          attack(
              "empty CONTINUATION",
              http2 ->
                  http2
                      .frame(HEADERS, END_STREAM, 1, request("GET", "/"))
                      .flood(Limits.HTTP2_FRAMES_OF_HEAD, bytes(CONTINUATION, 0, 1, new byte[0]))),
          attack(
              "a head without end",
              http2 ->
                  http2
                      .frame(HEADERS, END_STREAM, 1, request("GET", "/"))
                      .flood(5, bytes(CONTINUATION, 0, 1, head("x", "y".repeat(4000))))),
          attack(
              "empty DATA",
              http2 -> http2.postHead(1, "/echo").flood(TOO_MANY, bytes(DATA, 0, 1, new byte[0]))),
          attack(
              "DATA of nothing but padding",
              http2 ->
                  http2.postHead(1, "/echo").flood(TOO_MANY, bytes(DATA, PADDED, 1, new byte[1]))),
          attack(
              "more streams than allowed",
              http2 -> {
                for (int i = 0; i <= Limits.HTTP2_STREAMS && !http2.hasEnded(); i++) {
                  byte[] head = request("POST", "/echo", "content-length", "9");
                  http2.flood(1, bytes(HEADERS, END_HEADERS, 2 * i + 1, head));
                }
              }));
    }

    private static Arguments attack(String what, Attack attack) {
      return Arguments.argumentSet(what, attack);
    }

    private static void reset(RawHttp2 http2) {
      for (int stream = 1; stream <= 2 * Limits.HTTP2_RESETS + 1; stream += 2) {
        http2.flood(
            1,
            concat(
                bytes(HEADERS, END_STREAM | END_HEADERS, stream, request("GET", "/io")),
                bytes(RST_STREAM, 0, stream, number(8))));
      }
    }

    /** CVE-2025-8671: a window update of nothing is an error of the stream. */
    private static void madeYouReset(RawHttp2 http2) {
      for (int stream = 1; stream <= 2 * Limits.HTTP2_RESETS + 1; stream += 2) {
        http2.flood(
            1,
            concat(
                bytes(HEADERS, END_STREAM | END_HEADERS, stream, request("GET", "/io")),
                bytes(WINDOW_UPDATE, 0, stream, number(0))));
      }
    }

    private static byte[] concat(byte[] first, byte[] second) {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.writeBytes(first);
      both.writeBytes(second);
      return both.toByteArray();
    }

    /**
     * Helidon counts streams that it has reset until their threads have ended, 100 at most;
     * Undertow answers a head whose CONTINUATION has not come, and then takes offence at it.
     */
    private List<Integer> lastWords() {
      return switch (model) {
        case VERTX -> List.of(ENHANCE_YOUR_CALM);
        case NIMA -> List.of(ENHANCE_YOUR_CALM, REFUSED_STREAM);
        case BLOCKING -> List.of(ENHANCE_YOUR_CALM, PROTOCOL_ERROR);
      };
    }

    @ParameterizedTest
    @MethodSource("floods")
    void a_flood_ends_in_GOAWAY(Attack attack) {
      try (RawHttp2 good = RawHttp2.to(server);
          RawHttp2 bad = RawHttp2.to(server)) {
        attack.on(bad);
        good.get(1, "/");
        assertThat(good.answer(1).status()).isEqualTo(200);
        assertThat(bad.goAway()).isIn(lastWords());
        assertThat(bad.awaitEnd()).isIn(lastWords());
        good.get(3, "/io");
        assertThat(good.answer(3).status()).isEqualTo(200);
      }
      server.awaitInFlight(0);
    }

    @Test
    void a_last_word_does_not_invite_to_send_again_what_has_been_answered() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.get(1, "/").get(3, "/");
        assertThat(client.answer(1).status()).isEqualTo(200);
        assertThat(client.answer(3).status()).isEqualTo(200);
        client.flood(TOO_MANY, bytes(PING, 0, 0, new byte[8]));
        client.flood(50, bytes(PING, 0, 0, new byte[8])); // as answers allow for some
        assertThat(client.lastStream()).isGreaterThanOrEqualTo(3);
      }
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.get(1, "/");
        assertThat(client.answer(1).status()).isEqualTo(200);
        client.frame(DATA, 0, 0, new byte[1]); // of no stream
        assertThat(client.goAway()).isEqualTo(PROTOCOL_ERROR);
        assertThat(client.lastStream()).isGreaterThanOrEqualTo(1);
      }
    }

    @Test
    void one_that_does_not_stop_is_cut_off_while_others_are_served() {
      try (RawHttp2 good = RawHttp2.to(server);
          RawHttp2 bad = RawHttp2.to(server)) {
        Thread.ofVirtual().start(() -> bad.flood(1_000_000, bytes(PING, 0, 0, new byte[8])));
        int stream = 1;
        while (!bad.hasEnded()) {
          good.get(stream, "/");
          assertThat(good.answer(stream).status()).isEqualTo(200);
          stream += 2;
        }
        assertThat(bad.awaitEnd()).isIn(ENHANCE_YOUR_CALM, LOST);
      }
    }

    @Test
    void what_a_good_client_sends_is_no_flood() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        for (int i = 0; i < 2000; i++) { // with a PING and two window updates for each
          client
              .frame(PING, 0, 0, new byte[8])
              .frame(WINDOW_UPDATE, 0, 0, number(1))
              .get(2 * i + 1, "/")
              .frame(WINDOW_UPDATE, 0, 2 * i + 1, number(1));
          assertThat(client.answer(2 * i + 1).status()).isEqualTo(200);
        }
        for (int i = 2000; i < 2000 + Limits.HTTP2_RESETS / 2; i++) {
          client.get(2 * i + 1, "/io").reset(2 * i + 1);
        }
        client.get(10_001, "/");
        assertThat(client.answer(10_001).status()).isEqualTo(200);
      }
    }

    @Test
    void a_header_list_that_grows_by_references_is_not_served() {
      // One field of 4000 bytes into the dynamic table, and then one byte for each more of it.
      ByteArrayOutputStream bomb = new ByteArrayOutputStream();
      bomb.writeBytes(request("GET", "/"));
      bomb.write(0x40);
      RawHttp2.string(bomb, "x");
      RawHttp2.string(bomb, "y".repeat(4000));
      bomb.writeBytes("\u00be".repeat(10_000).getBytes(StandardCharsets.ISO_8859_1));
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.frame(HEADERS, END_STREAM | END_HEADERS, 1, bomb.toByteArray());
        if (model == Model.BLOCKING) {
          assertThat(client.goAway()).isNotEqualTo(NO_ERROR);
        } else {
          assertThat(client.answer(1).status()).isEqualTo(431);
        }
      }
      server.awaitInFlight(0);
    }

    @Test
    void a_frame_that_is_too_large_ends_in_GOAWAY() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client.frame(PING, 0, 0, new byte[Limits.HTTP2_FRAME_BYTES + 1]);
        assertThat(client.goAway()).isEqualTo(FRAME_SIZE_ERROR);
        client.awaitEnd();
      }
    }

    private Running start(String timeout) {
      return start(timeout, "200");
    }

    private Running start(String timeout, String ms) {
      return model.start(upstream.url(), Map.of("HTTP2", "true", timeout, ms));
    }

    @Test
    void what_stalls_before_a_request_is_whole_ends_at_HEADER_TIMEOUT_MS() {
      // Longer than a busy machine needs for what precedes the stall.
      try (Running here = start("HEADER_TIMEOUT_MS", "1500");
          RawHttp2 good = RawHttp2.to(here)) {
        good.get(1, "/");
        assertThat(good.answer(1).status()).isEqualTo(200);
        List<RawHttp2> stalled =
            List.of(
                new RawHttp2(here.instance().port()).send(Arrays.copyOf(RawHttp2.PREFACE, 3)),
                new RawHttp2(here.instance().port()).send(Arrays.copyOf(RawHttp2.PREFACE, 20)),
                RawHttp2.to(here).send(new byte[] {0, 0}),
                RawHttp2.to(here).frame(HEADERS, END_STREAM, 1, request("GET", "/")),
                RawHttp2.to(here)
                    .send(Arrays.copyOf(bytes(HEADERS, 4, 1, request("GET", "/")), 30)),
                RawHttp2.to(here).send(Arrays.copyOf(bytes(PING, 0, 0, new byte[8]), 12)));
        List<Integer> ends = stalled.stream().map(RawHttp2::awaitEnd).toList();
        stalled.forEach(RawHttp2::close);
        // Undertow answers a head whose CONTINUATION has not come, and then takes offence.
        assertThat(here.exceeded("header-time"))
            .as("%s", ends)
            .isEqualTo(model == Model.BLOCKING ? stalled.size() - 1 : stalled.size());
        good.get(3, "/");
        assertThat(good.answer(3).status()).as("idle is not slow").isEqualTo(200);
      }
    }

    @Test
    void a_body_that_stalls_gets_408_and_the_connection_goes_on() {
      try (Running here = start("REQUEST_TIMEOUT_MS");
          RawHttp2 client = RawHttp2.to(here)) {
        client.postHead(1, "/echo", "content-length", "9");
        client.postHead(3, "/echo");
        client.frame(DATA, 0, 3, new byte[3]);
        assertRefused(client.answer(1), 408, "request-timeout");
        assertRefused(client.answer(3), 408, "request-timeout");
        client.get(5, "/");
        assertThat(client.answer(5).status()).isEqualTo(200);
        here.awaitInFlight(0);
        assertThat(here.exceeded("body-time")).isEqualTo(2);
      }
    }

    @Test
    void bodies_that_no_head_announces_count_against_MAX_BODIES_BYTES() {
      Map<String, String> room =
          Map.of("HTTP2", "true", "MAX_BODIES_BYTES", Integer.toString(Limits.BODY_BYTES));
      try (Running here = model.start(upstream.url(), room);
          RawHttp2 client = RawHttp2.to(here)) {
        client.postHead(1, "/echo").uploadPart(1, new byte[700_000]);
        Await.until("it counts", () -> here.metric("http_server_requests_body_bytes") == 700_000);
        client.postHead(3, "/echo").uploadPart(3, new byte[700_000]);
        assertRefused(client.answer(3), 503, "overloaded");
        client.get(5, "/");
        assertThat(client.answer(5).status()).isEqualTo(200);
        client.upload(1, new byte[3]);
        assertThat(client.answer(1).status()).isEqualTo(200);
        here.awaitInFlight(0); // the room is given back a moment after the answer
        client.post(7, "/echo", "text/plain", new byte[3]);
        assertThat(client.answer(7).status()).as("there is room again").isEqualTo(200);
        assertThat(here.exceeded("bodies-bytes")).isEqualTo(1);
      }
    }

    @Test
    void tiny_windows_end_in_GOAWAY_at_ANSWER_TIMEOUT_MS() {
      try (Running here = start("ANSWER_TIMEOUT_MS");
          RawHttp2 good = RawHttp2.to(here);
          RawHttp2 none = new RawHttp2(here.instance().port()).begin(INITIAL_WINDOW_SIZE, 0);
          RawHttp2 tiny = new RawHttp2(here.instance().port()).begin(INITIAL_WINDOW_SIZE, 1)) {
        none.get(1, "/openapi.yaml");
        tiny.get(1, "/openapi.yaml");
        // Others that get on do not cover for the one that does not.
        int stream = 3;
        while (!none.hasEnded()) {
          none.flood(1, bytes(HEADERS, END_STREAM | END_HEADERS, stream, request("PUT", "/io")));
          none.flood(1, bytes(WINDOW_UPDATE, 0, stream, number(1000)));
          tiny.flood(1, bytes(WINDOW_UPDATE, 0, 1, number(1)));
          Answer answer = none.answerIfAny(stream);
          assertThat(answer == null ? 405 : answer.status()).isEqualTo(405);
          stream += 2;
        }
        assertThat(none.awaitEnd()).isIn(ENHANCE_YOUR_CALM, LOST);
        assertThat(tiny.awaitEnd()).isIn(ENHANCE_YOUR_CALM, LOST);
        // And once more for each other answer with which a busy machine is late just then.
        int others = (stream - 3) / 2;
        assertThat(here.exceeded("answer-time")).isBetween(2, 2 + others);
        good.get(1, "/openapi.yaml");
        assertThat(good.answer(1).status()).isEqualTo(200);
        here.awaitInFlight(0);
      }
    }

    @Test
    void a_stream_of_events_that_nobody_takes_is_cut() {
      try (Running here = start("STREAM_WRITE_TIMEOUT_MS");
          RawHttp2 client = new RawHttp2(here.instance().port()).begin(INITIAL_WINDOW_SIZE, 10)) {
        client.get(1, "/stream?items=1000&everyMs=0");
        Await.until("it is cut", () -> here.exceeded("stream-write-time") == 1);
        here.awaitInFlight(0);
      }
    }

    @Test
    void an_idle_connection_is_closed_and_a_waiting_one_is_not() {
      Map<String, String> settings =
          Map.of(
              "HTTP2", "true",
              "IDLE_TIMEOUT_MS", "1000",
              "UPSTREAM_TIMEOUT_MS", "900",
              "STREAM_HEARTBEAT_MS", "300");
      try (Running here = model.start(upstream.url(), settings);
          RawHttp2 silent = new RawHttp2(here.instance().port());
          RawHttp2 idle = RawHttp2.to(here);
          RawHttp2 asked = RawHttp2.to(here);
          RawHttp2 pinging = RawHttp2.to(here);
          RawHttp2 streaming = RawHttp2.to(here)) {
        asked.get(1, "/");
        assertThat(asked.answer(1).status()).isEqualTo(200);
        streaming.get(1, "/stream?items=10&everyMs=300");
        Await.until(
            "a PING does not make it young again",
            () -> {
              pinging.flood(1, bytes(PING, 0, 0, new byte[8]));
              return pinging.hasEnded();
            });
        silent.awaitEnd();
        idle.awaitEnd();
        asked.awaitEnd();
        assertThat(here.exceeded("idle-time")).isEqualTo(4);
        assertThat(here.exceeded("http2-control-frames")).isZero();
        assertThat(streaming.answer(1).text()).contains("id: 10\n");
      }
    }

    @Test
    void its_connections_count_until_they_end() {
      Map<String, String> settings = Map.of("HTTP2", "true", "MAX_CONNECTIONS", "1");
      try (Running here = model.start(upstream.url(), settings)) {
        for (int i = 0; i < 3; i++) {
          try (RawHttp2 one = whenThereIsRoom(here);
              Raw other = here.connect()) {
            assertThat(other.isClosedByServer()).isTrue();
            one.get(3, "/");
            assertThat(one.answer(3).status()).isEqualTo(200);
            if (i == 1) {
              one.flood(TOO_MANY + 100, bytes(PING, 0, 0, new byte[8])).awaitEnd();
            }
          }
        }
      }
    }

    private static RawHttp2 whenThereIsRoom(Running here) {
      AtomicReference<RawHttp2> let = new AtomicReference<>();
      Await.until(
          "there is room",
          () -> {
            RawHttp2 client = new RawHttp2(here.instance().port());
            try {
              let.set(client.begin(INITIAL_WINDOW_SIZE, 60_000).get(1, "/health/live"));
              return client.answerIfAny(1) != null;
            } catch (UncheckedIOException _) {
              return false;
            }
          });
      return let.get();
    }
  }
}
