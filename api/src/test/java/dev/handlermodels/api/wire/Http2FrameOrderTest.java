package dev.handlermodels.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Http2FrameOrderTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PUSH_PROMISE = 5;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;

  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int WHOLE = END_STREAM | END_HEADERS;

  private static final int NO_ERROR = 0;
  private static final int PROTOCOL_ERROR = 1;
  private static final int STREAM_CLOSED = 5;
  private static final int FRAME_SIZE_ERROR = 6;

  private final Http2FrameOrder order = new Http2FrameOrder();

  @BeforeEach
  void begin() {
    assertThat(error(SETTINGS, 0, 0)).isEqualTo(NO_ERROR);
  }

  private int error(int type, int flags, int stream) {
    return order.error(type, flags, stream, 0);
  }

  @Test
  void the_first_frame_is_SETTINGS() {
    assertThat(new Http2FrameOrder().error(PING, 0, 0, 8)).isEqualTo(PROTOCOL_ERROR);
    assertThat(new Http2FrameOrder().error(SETTINGS, ACK, 0, 0)).isEqualTo(PROTOCOL_ERROR);
  }

  @Test
  void nothing_comes_on_a_stream_that_its_client_has_ended() {
    assertThat(error(HEADERS, WHOLE, 1)).isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, WHOLE, 1)).isEqualTo(STREAM_CLOSED);
    assertThat(error(DATA, 0, 1)).isEqualTo(STREAM_CLOSED);
    assertThat(error(RST_STREAM, 0, 1)).isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, END_HEADERS, 3)).isEqualTo(NO_ERROR);
    assertThat(error(DATA, END_STREAM, 3)).isEqualTo(NO_ERROR);
    assertThat(error(DATA, 0, 3)).isEqualTo(STREAM_CLOSED);
    assertThat(error(HEADERS, END_HEADERS, 5)).isEqualTo(NO_ERROR);
    assertThat(error(RST_STREAM, 0, 5)).isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, WHOLE, 5)).isEqualTo(STREAM_CLOSED);
  }

  @Test
  void a_trailer_and_a_body_come_on_one_that_is_open() {
    assertThat(error(HEADERS, END_HEADERS, 1)).isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, END_HEADERS, 3)).isEqualTo(NO_ERROR);
    assertThat(error(DATA, 0, 1)).isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, END_STREAM, 1)).isEqualTo(NO_ERROR);
    assertThat(error(CONTINUATION, END_HEADERS, 1)).isEqualTo(NO_ERROR);
    assertThat(error(DATA, 0, 3)).isEqualTo(NO_ERROR);
  }

  @Test
  void a_stream_that_was_left_out_stays_closed() {
    assertThat(error(HEADERS, WHOLE, 5)).isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, WHOLE, 1)).isEqualTo(PROTOCOL_ERROR);
    assertThat(error(HEADERS, WHOLE, 3)).isEqualTo(PROTOCOL_ERROR);
    assertThat(error(DATA, 0, 3)).isEqualTo(STREAM_CLOSED);
  }

  @Test
  void no_client_opens_what_is_a_servers() {
    assertThat(error(HEADERS, WHOLE, 0)).isEqualTo(PROTOCOL_ERROR);
    assertThat(error(HEADERS, WHOLE, 2)).isEqualTo(PROTOCOL_ERROR);
    assertThat(error(PUSH_PROMISE, END_HEADERS, 1)).isEqualTo(PROTOCOL_ERROR);
  }

  @Test
  void a_head_comes_in_one_piece() {
    assertThat(error(CONTINUATION, END_HEADERS, 1)).isEqualTo(PROTOCOL_ERROR);
    assertThat(error(HEADERS, END_STREAM, 1)).isEqualTo(NO_ERROR);
    assertThat(error(PING, 0, 0)).isEqualTo(PROTOCOL_ERROR);
    assertThat(error(CONTINUATION, END_HEADERS, 1)).isEqualTo(NO_ERROR);
    assertThat(error(PING, 0, 0)).isEqualTo(NO_ERROR);
  }

  @Test
  void frames_of_a_connection_have_no_stream_and_acknowledgements_no_content() {
    assertThat(error(GOAWAY, 0, 0)).isEqualTo(NO_ERROR);
    assertThat(error(GOAWAY, 0, 1)).isEqualTo(PROTOCOL_ERROR);
    assertThat(error(SETTINGS, ACK, 0)).isEqualTo(NO_ERROR);
    assertThat(order.error(SETTINGS, ACK, 0, 6)).isEqualTo(FRAME_SIZE_ERROR);
  }

  @Test
  void the_latest_streams_are_remembered_and_no_others() {
    error(HEADERS, WHOLE, 1);
    error(HEADERS, WHOLE, 5);
    int last = 5 + 2 * (Http2FrameOrder.REMEMBERED - 1);
    assertThat(error(HEADERS, WHOLE, last)).isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, WHOLE, 5)).isEqualTo(STREAM_CLOSED);
    assertThat(error(HEADERS, WHOLE, 7)).isEqualTo(PROTOCOL_ERROR);
    assertThat(error(HEADERS, WHOLE, 3)).as("forgotten").isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, WHOLE, Integer.MAX_VALUE)).isEqualTo(NO_ERROR);
    assertThat(error(HEADERS, WHOLE, Integer.MAX_VALUE)).isEqualTo(STREAM_CLOSED);
    assertThat(error(HEADERS, WHOLE, Integer.MAX_VALUE - 2)).isEqualTo(PROTOCOL_ERROR);
  }

  @Test
  void a_place_that_is_used_again_knows_nothing_of_the_stream_before() {
    for (int stream = 1; stream < 6 * Http2FrameOrder.REMEMBERED; stream += 2) {
      assertThat(error(HEADERS, END_HEADERS, stream)).isEqualTo(NO_ERROR);
      assertThat(error(DATA, 0, stream)).isEqualTo(NO_ERROR);
      assertThat(error(DATA, END_STREAM, stream)).isEqualTo(NO_ERROR);
    }
  }
}
