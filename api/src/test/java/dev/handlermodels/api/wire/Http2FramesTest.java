package dev.handlermodels.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.wire.Http2Frames.Begins;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http2FramesTest {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private static final ConnectionMemory ROOM =
      new ConnectionMemory() {
        @Override
        public boolean connects() {
          return true;
        }

        @Override
        public void disconnects() {
          // There is always room here.
        }

        @Override
        public boolean holds(long bytes, long total) {
          return true;
        }

        @Override
        public void releases(long bytes) {
          // Likewise.
        }
      };

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Limit.Counts counts = new Limit.Counts(registry);
  private final ConnectionReaper slowPeers =
      new ConnectionReaper(Settings.fromEnvironment(Map.of()), counts, ROOM);
  private final Http2Frames frames =
      new Http2Frames(slowPeers.connected(() -> null, () -> true, () -> {}, () -> {}), counts);

  @AfterEach
  void close() {
    slowPeers.close();
  }

  @Test
  void a_preface_is_told_from_HTTP_1_1_by_the_first_byte_that_differs() {
    assertThat(begins("")).isEqualTo(Begins.UNKNOWN);
    assertThat(begins("G")).isEqualTo(Begins.HTTP1);
    assertThat(begins("P")).isEqualTo(Begins.UNKNOWN);
    assertThat(begins("PO")).isEqualTo(Begins.HTTP1);
    assertThat(begins("PRI * HTTP/2.0\r\n\r\nSM\r\n\r")).isEqualTo(Begins.UNKNOWN);
    assertThat(begins("PRI * HTTP/2.0\r\n\r\nSM\r\n\rx")).isEqualTo(Begins.HTTP1);
    assertThat(begins("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n and more")).isEqualTo(Begins.HTTP2);
  }

  private static Begins begins(String text) {
    return Http2Frames.begins(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void each_limit_holds_to_the_last_frame_and_no_further() {
    assertThat(begins()).isTrue();
    for (int i = 0; i < Limits.HTTP2_CONTROL_FRAMES - 1; i++) { // one are SETTINGS
      assertThat(receives(frame(PING, 0, 0, 8))).isTrue();
    }
    assertThat(receives(frame(PING, 0, 0, 8))).isFalse();
    assertThat(receives(frame(HEADERS, END_HEADERS, 1, 9))).as("for good").isFalse();
    assertThat(frames.error()).isEqualTo(11);
    assertThat(exceeded("http2-control-frames")).isEqualTo(1);
  }

  @Test
  void answers_allow_for_window_updates() {
    begins();
    for (int i = 0; i < Limits.HTTP2_CONTROL_FRAMES; i++) {
      frames.sent(ByteBuffer.wrap(frame(DATA, 0, 1, 100)));
      assertThat(receives(frame(WINDOW_UPDATE, 0, 0, 4))).isTrue();
      assertThat(receives(frame(WINDOW_UPDATE, 0, 1, 4))).isTrue();
    }
  }

  @Test
  void frames_are_counted_however_they_come() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(PREFACE);
    all.writeBytes(frame(SETTINGS, 0, 0, 0));
    for (int i = 0; i < Limits.HTTP2_RESETS + 1; i++) {
      all.writeBytes(frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, 20));
      all.writeBytes(frame(RST_STREAM, 0, 2 * i + 1, 4));
    }
    byte[] bytes = all.toByteArray();
    for (int i = 0; i < bytes.length - 13; i++) {
      assertThat(frames.received(ByteBuffer.wrap(bytes, i, 1))).as("byte " + i).isTrue();
    }
    assertThat(frames.received(ByteBuffer.wrap(bytes, bytes.length - 13, 13))).isFalse();
    assertThat(exceeded("http2-resets")).isEqualTo(1);
  }

  @Test
  void streams_that_the_server_is_made_to_reset_count_as_well() {
    begins();
    for (int i = 0; i <= Limits.HTTP2_RESETS; i++) {
      assertThat(receives(frame(HEADERS, END_HEADERS, 2 * i + 1, 20))).isTrue();
      frames.sent(ByteBuffer.wrap(frame(RST_STREAM, 0, 2 * i + 1, 4)));
    }
    assertThat(receives(frame(HEADERS, END_HEADERS, 9999, 20))).isFalse();
    assertThat(exceeded("http2-resets")).isEqualTo(1);
  }

  @Test
  void a_stream_is_over_with_its_answer_and_not_with_its_request() {
    begins();
    for (int i = 0; i < Limits.HTTP2_STREAMS; i++) {
      assertThat(receives(frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, 20))).isTrue();
    }
    frames.sent(ByteBuffer.wrap(frame(HEADERS, END_HEADERS, 1, 20)));
    frames.sent(ByteBuffer.wrap(frame(DATA, END_STREAM, 1, 20)));
    assertThat(receives(frame(HEADERS, END_HEADERS, 1001, 20))).isTrue();
    assertThat(receives(frame(HEADERS, END_HEADERS | END_STREAM, 1001, 20)))
        .as("a trailer")
        .isTrue();
    assertThat(receives(frame(HEADERS, END_HEADERS, 1003, 20))).isFalse();
    assertThat(exceeded("http2-streams")).isEqualTo(1);
  }

  @Test
  void a_head_has_so_many_frames_and_bytes() {
    begins();
    receives(frame(HEADERS, 0, 1, 0));
    for (int i = 1; i < Limits.HTTP2_FRAMES_OF_HEAD; i++) {
      assertThat(receives(frame(CONTINUATION, 0, 1, 0))).isTrue();
    }
    assertThat(receives(frame(CONTINUATION, 0, 1, 0))).isFalse();
    assertThat(exceeded("header-bytes")).isEqualTo(1);
  }

  @Test
  void a_reset_of_what_has_ended_does_not_count() {
    begins();
    for (int i = 0; i <= Limits.HTTP2_RESETS; i++) {
      receives(frame(HEADERS, END_HEADERS, 2 * i + 1, 20));
      frames.sent(ByteBuffer.wrap(frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, 20)));
      frames.sent(ByteBuffer.wrap(frame(RST_STREAM, 0, 2 * i + 1, 4)));
    }
    assertThat(receives(frame(HEADERS, END_HEADERS, 9999, 20))).isTrue();
  }

  @Test
  void the_last_word_names_the_last_request_once_all_are_answered() {
    begins();
    receives(frame(HEADERS, END_HEADERS | END_STREAM, 5, 20));
    assertThat(frames.goAwayIfAnswered()).as("5 waits").isNull();
    frames.sent(ByteBuffer.wrap(frame(HEADERS, END_HEADERS | END_STREAM, 5, 20)));
    ByteBuffer said = ByteBuffer.wrap(frames.goAwayIfAnswered());
    assertThat(said.getInt(9)).isEqualTo(5);
    assertThat(said.getInt(13)).isZero();
    assertThat(frames.goAwayIfAnswered()).as("said already").isNull();
    assertThat(ByteBuffer.wrap(frames.goAway()).getInt(9)).isEqualTo(5);
  }

  @Test
  void a_last_word_that_names_no_request_is_mended() {
    begins();
    receives(frame(HEADERS, END_HEADERS | END_STREAM, 5, 20));
    byte[] goAway = frame(GOAWAY, 0, 0, 8);
    frames.nameLastStream(goAway);
    assertThat(ByteBuffer.wrap(goAway).getInt(9)).isEqualTo(5);
    byte[] data = frame(DATA, 0, 5, 8);
    frames.nameLastStream(data);
    assertThat(data).isEqualTo(frame(DATA, 0, 5, 8));
  }

  private boolean begins() {
    return receives(PREFACE) && receives(frame(SETTINGS, 0, 0, 0));
  }

  private boolean receives(byte[] bytes) {
    return frames.received(ByteBuffer.wrap(bytes));
  }

  private double exceeded(String limit) {
    return registry
        .get("http.server.limits.exceeded")
        .tag("limit", limit)
        .functionCounter()
        .count();
  }

  private static byte[] frame(int type, int flags, int stream, int length) {
    return ByteBuffer.allocate(9 + length)
        .putInt(length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .array();
  }
}
