package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Frames that no client may send, each with its section of RFC 6455: on all three servers the same
 * Close, the end of the connection, and no harm to the others in the room. {@code
 * WebSocketFramesTest} has more of them, byte by byte.
 */
@Rules
@AtOnce
class ChatFramesTest {
  @Nested
  class Vertx extends Frames {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Frames {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Frames {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  private enum Wrong {
    NO_MASK("5.1", 1002, "810568656c6c6f"),
    RESERVED_BIT_1("5.2", 1002, "c180aaaaaaaa"),
    RESERVED_BIT_3("5.2", 1002, "9180aaaaaaaa"),
    RESERVED_OPCODE_OF_DATA("5.2", 1002, "8380aaaaaaaa"),
    RESERVED_OPCODE_OF_CONTROL("5.2", 1002, "8b80aaaaaaaa"),
    LENGTH_IN_16_BITS_TOO_LONG("5.2", 1002, "81fe007d00000000"),
    LENGTH_IN_64_BITS_TOO_LONG("5.2", 1002, "81ff000000000000ffff00000000"),
    LENGTH_WITH_THE_HIGHEST_BIT("5.2", 1002, "81ff800000000000000000000000"),
    MESSAGE_OF_MORE_THAN_64_KIB("10.4", 1009, "81ff000000000001000100000000"),
    MESSAGE_OF_THE_GREATEST_LENGTH("10.4", 1009, "81ff7fffffffffffffff00000000"),
    CONTINUATION_OF_NOTHING("5.4", 1002, "8080aaaaaaaa"),
    MESSAGE_WITHIN_A_MESSAGE("5.4", 1002, "0180aaaaaaaa8180aaaaaaaa"),
    PING_IN_FRAGMENTS("5.5", 1002, "0980aaaaaaaa"),
    PING_OF_126_BYTES("5.5", 1002, "89fe007e00000000"),
    CLOSE_OF_126_BYTES("5.5", 1002, "88fe007e00000000"),
    CLOSE_OF_ONE_BYTE("5.5.1", 1002, "888100000000" + "03"),
    CLOSE_WITH_1005("7.4.1", 1002, "88820000000003ed"),
    CLOSE_WITH_1006("7.4.1", 1002, "88820000000003ee"),
    CLOSE_WITH_1015("7.4.1", 1002, "88820000000003f7"),
    CLOSE_WITH_999("7.4.2", 1002, "88820000000003e7"),
    CLOSE_WITH_5000("7.4.2", 1002, "8882000000001388"),
    CLOSE_WITH_A_REASON_THAT_IS_NO_UTF_8("5.5.1", 1007, "88830000000003e8ff"),
    BINARY("7.4.1", 1003, "828100000000aa"),
    NO_UTF_8("8.1", 1007, "818100000000ff"),
    NO_UTF_8_IN_A_FRAGMENT("8.1", 1007, "018100000000" + "61" + "808100000000ff"),
    A_CHARACTER_CUT_AT_THE_END("8.1", 1007, "818200000000e282"),
    A_SURROGATE("8.1", 1007, "818300000000eda080"),
    OVERLONG("8.1", 1007, "818200000000c0af"),
    /** What a proxy would take for the next request is no frame. */
    A_REQUEST(
        "5.1",
        1002,
        HexFormat.of().formatHex("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

    private final String section;
    private final int code;
    private final byte[] bytes;

    Wrong(String section, int code, String hex) {
      this.section = section;
      this.code = code;
      this.bytes = HexFormat.of().parseHex(hex);
    }
  }

  abstract static class Frames extends ServerRules {
    Frames(Model model) {
      super(model);
    }

    /** The server gives the client a second to close, too. */
    @AtOnce
    @ParameterizedTest
    @EnumSource
    void is_closed_with_its_code_and_harms_nobody(Wrong wrong) {
      int port = server.instance().port();
      String room = "/chat/" + wrong.name();
      try (RawWebSocket good = RawWebSocket.open(port, room + "?name=good");
          RawWebSocket bad = RawWebSocket.open(port, room + "?name=bad")) {
        bad.say("before").send(wrong.bytes).say("behind");
        assertThat(bad.message().path("text").asString()).isEqualTo("before");
        RawWebSocket.Frame close = bad.read(RawWebSocket.CLOSE);
        assertThat(close.code()).as("RFC 6455, %s", wrong.section).isEqualTo(wrong.code);
        assertThat(bad.readToEnd()).as("nothing follows").isEmpty();
        assertThat(good.message().path("text").asString()).isEqualTo("before");
        assertThat(good.say("goes on").message().path("text").asString()).isEqualTo("goes on");
      }
    }

    /** In one piece with the request, as a smuggler would send it. */
    @Test
    void a_request_behind_the_upgrade_is_no_request() {
      try (RawWebSocket raw = RawWebSocket.connect(server.instance().port(), 0)) {
        raw.send(
            (RawWebSocket.request("/chat/r") + "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        assertThat(raw.head()).startsWith("HTTP/1.1 101 ");
        assertThat(raw.read(RawWebSocket.CLOSE).code()).isEqualTo(1002);
        assertThat(raw.readToEnd()).isEmpty();
      }
    }

    @Test
    void frames_in_one_piece_with_the_request_are_read() {
      try (RawWebSocket raw = RawWebSocket.connect(server.instance().port(), 0)) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(RawWebSocket.request("/chat/early").getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(RawWebSocket.frame(0x81, "at once".getBytes(StandardCharsets.UTF_8)));
        raw.send(all.toByteArray());
        assertThat(raw.head()).startsWith("HTTP/1.1 101 ");
        assertThat(raw.message().path("text").asString()).isEqualTo("at once");
      }
    }

    @Test
    void frames_may_come_byte_by_byte() {
      try (RawWebSocket raw = RawWebSocket.open(server.instance().port(), "/chat/slowly")) {
        for (byte one : RawWebSocket.frame(0x81, "€".getBytes(StandardCharsets.UTF_8))) {
          raw.send(new byte[] {one});
        }
        assertThat(raw.message().path("text").asString()).isEqualTo("€");
      }
    }

    /** RFC 6455, 5.5.1: nothing is sent behind Close, so nothing is read there. */
    @Test
    void data_behind_a_close_is_ignored() {
      try (RawWebSocket good = RawWebSocket.open(server.instance().port(), "/chat/after");
          RawWebSocket raw = RawWebSocket.open(server.instance().port(), "/chat/after")) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(RawWebSocket.close(4000));
        all.writeBytes(RawWebSocket.frame(0x81, "late".getBytes(StandardCharsets.UTF_8)));
        raw.send(all.toByteArray());
        assertThat(raw.read(RawWebSocket.CLOSE).code()).isEqualTo(4000);
        assertThat(raw.readToEnd()).isEmpty();
        assertThat(good.say("mine").message().path("text").asString()).isEqualTo("mine");
      }
    }

    @Test
    void a_ping_is_answered_with_its_payload_and_a_pong_that_nobody_asked_for_is_ignored() {
      try (RawWebSocket raw = RawWebSocket.open(server.instance().port(), "/chat/ping")) {
        raw.send(RawWebSocket.frame(0x8A, "nobody asked".getBytes(StandardCharsets.UTF_8)));
        for (String payload : List.of("", "x", "y".repeat(125))) {
          raw.send(RawWebSocket.frame(0x89, payload.getBytes(StandardCharsets.UTF_8)));
          assertThat(raw.read(RawWebSocket.PONG).text()).isEqualTo(payload);
        }
      }
    }
  }
}
