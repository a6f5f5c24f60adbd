package dev.handlermodels.contracttests;

import static dev.handlermodels.contracttests.RawHttp2.ACK;
import static dev.handlermodels.contracttests.RawHttp2.COMPRESSION_ERROR;
import static dev.handlermodels.contracttests.RawHttp2.CONTINUATION;
import static dev.handlermodels.contracttests.RawHttp2.DATA;
import static dev.handlermodels.contracttests.RawHttp2.END_HEADERS;
import static dev.handlermodels.contracttests.RawHttp2.END_STREAM;
import static dev.handlermodels.contracttests.RawHttp2.FLOW_CONTROL_ERROR;
import static dev.handlermodels.contracttests.RawHttp2.FRAME_SIZE_ERROR;
import static dev.handlermodels.contracttests.RawHttp2.GOAWAY;
import static dev.handlermodels.contracttests.RawHttp2.HEADERS;
import static dev.handlermodels.contracttests.RawHttp2.PADDED;
import static dev.handlermodels.contracttests.RawHttp2.PING;
import static dev.handlermodels.contracttests.RawHttp2.PRIORITIZED;
import static dev.handlermodels.contracttests.RawHttp2.PRIORITY;
import static dev.handlermodels.contracttests.RawHttp2.PROTOCOL_ERROR;
import static dev.handlermodels.contracttests.RawHttp2.PUSH_PROMISE;
import static dev.handlermodels.contracttests.RawHttp2.RST_STREAM;
import static dev.handlermodels.contracttests.RawHttp2.SETTINGS;
import static dev.handlermodels.contracttests.RawHttp2.STREAM_CLOSED;
import static dev.handlermodels.contracttests.RawHttp2.WINDOW_UPDATE;
import static dev.handlermodels.contracttests.RawHttp2.bytes;
import static dev.handlermodels.contracttests.RawHttp2.head;
import static dev.handlermodels.contracttests.RawHttp2.number;
import static dev.handlermodels.contracttests.RawHttp2.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames that no client may send, and what RFC 9113 says to them. Where it asks for an error of a
 * stream, one of the connection is right, too: 5.4.1.
 */
@Rules
@Tag("slow")
class Http2ErrorsTest {
  @Nested
  class Vertx extends Http2Errors {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Http2Errors {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Http2Errors {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class Http2Errors {
    private static final int WHOLE = END_STREAM | END_HEADERS;

    /** It is not answered to the end while a test runs. */
    private static final String LONG = "/stream?items=2&everyMs=60000";

    private static final byte[] NOTHING = {};

    final Model model;
    private Gate upstream;
    private Running server;

    Http2Errors(Model model) {
      this.model = model;
    }

    @BeforeAll
    void start() {
      upstream = Gate.opened();
      // No heartbeat finds out that a client has gone.
      server = model.start(upstream.url(), Map.of("HTTP2", "true", "STREAM_HEARTBEAT_MS", "60000"));
    }

    @AfterAll
    void stop() {
      server.close();
      upstream.close();
    }

    static Stream<Arguments> errorsOfTheConnection() {
      return Stream.of(
          // 5.1 and 5.1.1: streams
          row("HEADERS, half-closed", STREAM_CLOSED, c -> whole(whole(c, 1, LONG), 1, "/")),
          row("HEADERS, closed", STREAM_CLOSED, c -> whole(answered(c, 1), 1, "/")),
          row("HEADERS, reset", STREAM_CLOSED, c -> whole(whole(c, 1, LONG).reset(1), 1, "/")),
          row(
              "HEADERS behind a body",
              STREAM_CLOSED,
              c -> whole(c.postHead(1, "/echo").frame(DATA, END_STREAM, 1, new byte[1]), 1, "/")),
          row("HEADERS, left out", PROTOCOL_ERROR, c -> whole(whole(c, 5, LONG), 3, "/")),
          row("HEADERS, left out long ago", PROTOCOL_ERROR, c -> whole(answered(c, 5), 1, "/")),
          row("HEADERS, a server's", PROTOCOL_ERROR, c -> whole(c, 2, "/")),
          row("HEADERS, of the connection", PROTOCOL_ERROR, c -> whole(c, 0, "/")),
          row("DATA, half-closed", STREAM_CLOSED, c -> data(whole(c, 1, LONG), 1)),
          row("DATA, closed", STREAM_CLOSED, c -> data(answered(c, 1), 1)),
          row("DATA, reset", STREAM_CLOSED, c -> data(c.postHead(1, "/echo").reset(1), 1)),
          row("DATA, left out", STREAM_CLOSED, c -> data(whole(c, 5, LONG), 3)),
          row("DATA, idle", PROTOCOL_ERROR, c -> data(c, 1)),
          row("DATA, a server's", PROTOCOL_ERROR, c -> data(c, 2)),
          row("DATA, of the connection", PROTOCOL_ERROR, c -> data(c, 0)),
          row("WINDOW_UPDATE, idle", PROTOCOL_ERROR, c -> c.frame(WINDOW_UPDATE, 0, 1, number(1))),
          row("WINDOW_UPDATE, a server's", PROTOCOL_ERROR, c -> update(c, 2, 1)),
          row("WINDOW_UPDATE, idle later", PROTOCOL_ERROR, c -> update(answered(c, 5), 7, 1)),
          row("RST_STREAM, idle", PROTOCOL_ERROR, c -> c.reset(1)),
          row("RST_STREAM, a server's", PROTOCOL_ERROR, c -> c.reset(2)),
          row("RST_STREAM, of the connection", PROTOCOL_ERROR, c -> c.reset(0)),
          // 6.2 and 6.10: heads
          row(
              "CONTINUATION of nothing",
              PROTOCOL_ERROR,
              c -> c.frame(CONTINUATION, END_HEADERS, 1, request("GET", "/"))),
          row(
              "CONTINUATION of a whole head",
              PROTOCOL_ERROR,
              c -> whole(c, 1, LONG).frame(CONTINUATION, END_HEADERS, 1, head("a", "b"))),
          row(
              "CONTINUATION of another stream",
              PROTOCOL_ERROR,
              c -> half(c).frame(CONTINUATION, END_HEADERS, 3, head("a", "b"))),
          row("PING in a head", PROTOCOL_ERROR, c -> half(c).frame(PING, 0, 0, new byte[8])),
          row("DATA in a head", PROTOCOL_ERROR, c -> data(half(c), 1)),
          row("HEADERS in a head", PROTOCOL_ERROR, c -> whole(half(c), 3, "/")),
          row("an unknown frame in a head", PROTOCOL_ERROR, c -> half(c).frame(99, 0, 0, NOTHING)),
          row(
              "padding that is longer than the head",
              PROTOCOL_ERROR,
              c -> c.frame(HEADERS, WHOLE | PADDED, 1, padded(255))),
          row(
              "padding that is longer than the body",
              PROTOCOL_ERROR,
              c -> c.postHead(1, "/echo").frame(DATA, PADDED, 1, new byte[] {100, 0})),
          row("fields that are none", COMPRESSION_ERROR, c -> fields(c, 0xff, 0xff, 0xff, 0xff)),
          row("a field without number", COMPRESSION_ERROR, c -> fields(c, 0x80)),
          // 6.3 to 6.9: the other frames
          row("PRIORITY of nothing", PROTOCOL_ERROR, c -> c.frame(PRIORITY, 0, 0, new byte[5])),
          row("RST_STREAM of 3 bytes", FRAME_SIZE_ERROR, c -> three(whole(c, 1, LONG), 1)),
          row("SETTINGS of a stream", PROTOCOL_ERROR, c -> c.frame(SETTINGS, 0, 1, NOTHING)),
          row("SETTINGS of 3 bytes", FRAME_SIZE_ERROR, c -> c.frame(SETTINGS, 0, 0, new byte[3])),
          row(
              "an acknowledgement with content",
              FRAME_SIZE_ERROR,
              c -> c.frame(SETTINGS, ACK, 0, setting(1, 0))),
          row("ENABLE_PUSH=2", PROTOCOL_ERROR, c -> c.frame(SETTINGS, 0, 0, setting(2, 2))),
          row("a window of 2^31", FLOW_CONTROL_ERROR, c -> c.settings(setting(4, 1 << 31))),
          row("frames of 1 byte", PROTOCOL_ERROR, c -> c.frame(SETTINGS, 0, 0, setting(5, 1))),
          row("frames of 2^24", PROTOCOL_ERROR, c -> c.settings(setting(5, 1 << 24))),
          row("PUSH_PROMISE", PROTOCOL_ERROR, Http2Errors::push),
          row("PING of a stream", PROTOCOL_ERROR, c -> c.frame(PING, 0, 1, new byte[8])),
          row("PING of 7 bytes", FRAME_SIZE_ERROR, c -> c.frame(PING, 0, 0, new byte[7])),
          row("GOAWAY of a stream", PROTOCOL_ERROR, c -> c.frame(GOAWAY, 0, 1, new byte[8])),
          row("WINDOW_UPDATE by 0", PROTOCOL_ERROR, c -> update(c, 0, 0)),
          row("WINDOW_UPDATE by too much", FLOW_CONTROL_ERROR, c -> update(c, 0, MOST)),
          row("WINDOW_UPDATE of 3 bytes", FRAME_SIZE_ERROR, c -> threeBytes(c)));
    }

    static Stream<Arguments> errorsOfTheStream() {
      return Stream.of(
          row("WINDOW_UPDATE by 0", PROTOCOL_ERROR, c -> update(whole(c, 1, LONG), 1, 0)),
          row(
              "WINDOW_UPDATE by too much",
              FLOW_CONTROL_ERROR,
              c -> update(whole(c, 1, LONG), 1, MOST)),
          row(
              "a trailer that is not the end",
              PROTOCOL_ERROR,
              c -> data(c.postHead(1, "/echo"), 1).frame(HEADERS, END_HEADERS, 1, head("a", "b"))),
          row(
              "a body that is too short",
              PROTOCOL_ERROR,
              c ->
                  c.postHead(1, "/echo", "content-length", "5")
                      .frame(DATA, END_STREAM, 1, new byte[1])),
          row(
              "a body that is too long",
              PROTOCOL_ERROR,
              c ->
                  c.postHead(1, "/echo", "content-length", "1")
                      .frame(DATA, END_STREAM, 1, new byte[5])),
          row("PRIORITY of 4 bytes", FRAME_SIZE_ERROR, c -> c.frame(PRIORITY, 0, 1, number(3))));
    }

    static Stream<Arguments> noErrors() {
      return Stream.of(
          row("WINDOW_UPDATE, half-closed", 0, c -> update(whole(c, 1, LONG), 1, 1)),
          row("WINDOW_UPDATE, closed", 0, c -> update(answered(c, 1), 1, 1)),
          row("RST_STREAM, closed", 0, c -> answered(c, 1).reset(1)),
          row("PRIORITY, idle", 0, c -> c.frame(PRIORITY, 0, 9, new byte[5])),
          row("PRIORITY, closed", 0, c -> answered(c, 1).frame(PRIORITY, 0, 1, new byte[5])),
          row("an unknown frame", 0, c -> c.frame(99, 255, 1, new byte[2])),
          row("an unknown setting", 0, c -> c.frame(SETTINGS, 0, 0, setting(0x99, 1))),
          row("streams that are left out", 0, c -> answered(c, 77)),
          row(
              "a trailer",
              0,
              c -> data(c.postHead(1, "/echo"), 1).frame(HEADERS, WHOLE, 1, head("a", "b"))),
          row("a body that comes after its answer", 0, c -> lateBody(c)));
    }

    private static final int MOST = Integer.MAX_VALUE;

    private static Arguments row(String what, int error, Consumer<RawHttp2> sends) {
      return Arguments.argumentSet(what, error, sends);
    }

    private static RawHttp2 whole(RawHttp2 client, int stream, String target) {
      return client.frame(HEADERS, WHOLE, stream, request("GET", target));
    }

    private static RawHttp2 half(RawHttp2 client) {
      return client.frame(HEADERS, END_STREAM, 1, request("GET", LONG));
    }

    private static RawHttp2 answered(RawHttp2 client, int stream) {
      assertThat(whole(client, stream, "/").answer(stream).status()).isEqualTo(200);
      return client;
    }

    private static RawHttp2 data(RawHttp2 client, int stream) {
      return client.frame(DATA, 0, stream, new byte[1]);
    }

    private static RawHttp2 update(RawHttp2 client, int stream, int by) {
      return client.frame(WINDOW_UPDATE, 0, stream, number(by));
    }

    private static RawHttp2 fields(RawHttp2 client, int... block) {
      byte[] bytes = new byte[block.length];
      for (int i = 0; i < block.length; i++) {
        bytes[i] = (byte) block[i];
      }
      return client.frame(HEADERS, WHOLE, 1, bytes);
    }

    private static RawHttp2 three(RawHttp2 client, int stream) {
      return client.frame(RST_STREAM, 0, stream, new byte[3]);
    }

    private static RawHttp2 threeBytes(RawHttp2 client) {
      return client.frame(WINDOW_UPDATE, 0, 0, new byte[3]);
    }

    private static RawHttp2 push(RawHttp2 client) {
      return whole(client, 1, LONG).frame(PUSH_PROMISE, END_HEADERS, 1, number(2));
    }

    private static RawHttp2 lateBody(RawHttp2 client) {
      assertThat(client.postHead(1, "/none").answer(1).status()).isEqualTo(404);
      return client.frame(DATA, 0, 1, new byte[1]).frame(DATA, END_STREAM, 1, new byte[1]);
    }

    private static byte[] padded(int by) {
      byte[] head = request("GET", "/");
      return ByteBuffer.allocate(1 + head.length).put((byte) by).put(head).array();
    }

    private static byte[] setting(int name, int value) {
      return ByteBuffer.allocate(6).putShort((short) name).putInt(value).array();
    }

    @ParameterizedTest
    @MethodSource("errorsOfTheConnection")
    void an_error_of_the_connection_ends_it(int error, Consumer<RawHttp2> sends) {
      try (RawHttp2 client = RawHttp2.to(server)) {
        sends.accept(client);
        assertThat(client.goAway()).isEqualTo(error);
      }
      server.awaitInFlight(0);
    }

    @ParameterizedTest
    @MethodSource("errorsOfTheStream")
    void an_error_of_a_stream_ends_the_stream_or_all(int error, Consumer<RawHttp2> sends) {
      try (RawHttp2 client = RawHttp2.to(server)) {
        sends.accept(client);
        assertThat(client.awaitResetOrGoAway(1)).isEqualTo(error);
      }
      server.awaitInFlight(0);
    }

    @ParameterizedTest
    @MethodSource("noErrors")
    void what_is_allowed_ends_nothing(int none, Consumer<RawHttp2> sends) {
      try (RawHttp2 client = RawHttp2.to(server)) {
        sends.accept(client);
        whole(client, 101, "/");
        assertThat(client.answer(101).status()).isEqualTo(200);
      }
      server.awaitInFlight(none);
    }

    @Test
    void a_connection_begins_with_SETTINGS() {
      try (RawHttp2 client = new RawHttp2(server.instance().port())) {
        client.send(RawHttp2.PREFACE).send(bytes(PING, 0, 0, new byte[8]));
        assertThat(client.goAway()).isEqualTo(PROTOCOL_ERROR);
      }
    }

    /** RFC 7540, 5.3.1: an error for which RFC 9113 does not ask any more. */
    @Test
    void a_stream_that_depends_on_itself_does_no_harm() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        byte[] head = request("GET", "/");
        byte[] prioritized = ByteBuffer.allocate(5 + head.length).putInt(1).put(5, head).array();
        client.frame(HEADERS, WHOLE | PRIORITIZED, 1, prioritized);
        Answer answer = client.answerIfAny(1);
        assertThat(answer == null ? 200 : answer.status()).isEqualTo(200);
      }
      assertThat(server.main().get("/").status()).isEqualTo(200);
    }

    /**
     * RFC 9113, 8.1: malformed. Helidon and Undertow read no trailers and show them to nobody, so
     * nothing of ours can be misled by them.
     */
    @Test
    void a_trailer_that_names_another_target_is_refused_or_ignored() {
      try (RawHttp2 client = RawHttp2.to(server)) {
        client
            .postHead(1, "/echo")
            .frame(DATA, 0, 1, new byte[] {'x'})
            .frame(HEADERS, WHOLE, 1, request("GET", "/"));
        if (model == Model.VERTX) {
          assertThat(client.awaitReset(1)).isEqualTo(PROTOCOL_ERROR);
        } else {
          assertThat(client.answer(1).text()).isEqualTo("x");
        }
      }
      server.awaitInFlight(0);
    }
  }
}
