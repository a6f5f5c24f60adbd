package dev.handlermodels.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.settings.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule and each limit, in whatever pieces the bytes come. */
class WebSocketFramesTest {
  private static final int TEXT = 0x81;
  private static final int FIRST = 0x01;
  private static final int MIDDLE = 0x00;
  private static final int LAST = 0x80;
  private static final int CLOSE = 0x88;
  private static final int PING = 0x89;
  private static final int PONG = 0x8A;

  private final Limit.Counts counts = new Limit.Counts(new SimpleMeterRegistry());
  private final Held memory = new Held();
  private final ConnectionReaper reaper =
      new ConnectionReaper(Settings.fromEnvironment(Map.of()), counts, memory);
  private final Heard heard = new Heard();
  private final WebSocketFrames frames =
      new WebSocketFrames(reaper.connected(() -> null, () -> true, () -> {}, () -> {}), heard);

  @AfterEach
  void close() {
    reaper.close();
  }

  @Test
  void a_text_message_is_handed_on_as_one_frame_masked_by_zeros() {
    assertThat(hex(received(frame(TEXT, "hello")))).isEqualTo("8185" + "00000000" + hexOf("hello"));
    assertThat(heard.told).isEmpty();
  }

  @Test
  void fragments_become_one_frame_also_where_they_split_a_character_or_are_empty() {
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    byte[] all =
        joined(
            frame(FIRST, new byte[0]),
            frame(MIDDLE, new byte[] {euro[0]}),
            frame(PING, "p"),
            frame(MIDDLE, new byte[] {euro[1]}),
            frame(LAST, new byte[] {euro[2]}));
    assertThat(hex(received(all)))
        .isEqualTo("8981" + "00000000" + hexOf("p") + "8183" + "00000000" + hexOf("€"));
  }

  @Test
  void it_makes_no_difference_how_the_bytes_come() {
    String text = "x".repeat(300) + "ä€😀".repeat(100);
    byte[] all = joined(frame(FIRST, "a"), frame(PING, ""), frame(LAST, text), frame(TEXT, ""));
    String whole = hex(received(all));
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      StringBuilder inPieces = new StringBuilder();
      for (int at = 0; at < all.length; ) {
        int length = Math.min(1 + random.nextInt(7), all.length - at);
        inPieces.append(hex(frames.received(ByteBuffer.wrap(all, at, length))));
        at += length;
      }
      assertThat(inPieces.toString()).as("seed %s", seed).isEqualTo(whole);
    }
    assertThat(heard.told).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 125, 126, 65_535, 65_536})
  void a_message_of_any_length_up_to_the_limit_is_taken(int length) {
    ByteBuffer out = received(frame(TEXT, "x".repeat(length)));
    assertThat(out.remaining()).isEqualTo(length + (length < 126 ? 6 : length < 65_536 ? 8 : 14));
    assertThat(memory.held).as("nothing is held for it any more").isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "810568656c6c6f, 1002, not masked (5.1)",
    "c180aaaaaaaa, 1002, reserved bit 1 (5.2)",
    "a180aaaaaaaa, 1002, reserved bit 2 (5.2)",
    "9180aaaaaaaa, 1002, reserved bit 3 (5.2)",
    "8380aaaaaaaa, 1002, reserved opcode 3 (5.2)",
    "8780aaaaaaaa, 1002, reserved opcode 7 (5.2)",
    "8b80aaaaaaaa, 1002, reserved opcode B (5.2)",
    "8f80aaaaaaaa, 1002, reserved opcode F (5.2)",
    "0980aaaaaaaa, 1002, a ping in fragments (5.5)",
    "0880aaaaaaaa, 1002, a Close in fragments (5.5)",
    "89fe007eaaaaaaaa, 1002, a ping of 126 bytes (5.5)",
    "8080aaaaaaaa, 1002, a continuation of nothing (5.4)",
    "0180aaaaaaaa8180aaaaaaaa, 1002, a message within a message (5.4)",
    "8280aaaaaaaa, 1003, binary (7.4.1)",
    "81fe0005aaaaaaaa, 1002, 5 in 16 bits (5.2)",
    "81ff0000000000000005aaaaaaaa, 1002, 5 in 64 bits (5.2)",
    "81ff8000000000000000aaaaaaaa, 1002, the highest bit of 64 (5.2)",
    "81ff0000000000010001aaaaaaaa, 1009, a byte too many in 64 bits",
    "81ff7fffffffffffffffaaaaaaaa, 1009, the greatest length",
    "818100000000ff, 1007, no UTF-8 (8.1)",
    "818200000000c080, 1007, overlong (8.1)",
    "818300000000eda080, 1007, a surrogate (8.1)",
    "818400000000f4908080, 1007, beyond Unicode (8.1)",
    "818200000000e282, 1007, cut within a character (8.1)",
    "018200000000e282, 0, but a fragment may end there (5.6)",
    "888100000000aa, 1002, a Close of one byte (5.5.1)",
    "88820000000003ed, 1002, Close 1005 (7.4.1)",
    "88820000000003ee, 1002, Close 1006 (7.4.1)",
    "88820000000003ec, 1002, Close 1004 (7.4.1)",
    "88820000000003f7, 1002, Close 1015 (7.4.1)",
    "88820000000003e7, 1002, Close 999 (7.4.2)",
    "8882000000000bb7, 1002, Close 2999 (7.4.2)",
    "8882000000001388, 1002, Close 5000 (7.4.2)",
    "88830000000003e8ff, 1007, a reason that is no UTF-8 (5.5.1)"
  })
  void what_breaks_a_rule_is_refused_at_once(String hex, int code, String why) {
    received(HexFormat.of().parseHex(hex));
    assertThat(heard.told).as(why).isEqualTo(code == 0 ? List.of() : List.of("refused " + code));
    if (code != 0) {
      assertThat(received(frame(TEXT, "more")).hasRemaining()).as("what follows").isFalse();
      assertThat(heard.told).hasSize(1);
    }
  }

  @Test
  void a_close_is_told_with_its_code_and_nothing_behind_it_is_read() {
    received(joined(frame(CLOSE, new byte[] {0x0F, (byte) 0xA0}), frame(TEXT, "more")));
    assertThat(heard.told).containsExactly("closed 4000");
  }

  @Test
  void a_close_may_be_empty() {
    received(frame(CLOSE, ""));
    assertThat(heard.told).containsExactly("closed 1005");
  }

  @Test
  void a_pong_is_told_and_not_handed_on() {
    assertThat(received(frame(PONG, "p")).hasRemaining()).isFalse();
    assertThat(heard.told).containsExactly("pong p");
  }

  @Test
  void fragments_together_have_the_limit_of_a_message() {
    received(frame(FIRST, "x".repeat(Limits.CHAT_MESSAGE_BYTES)));
    assertThat(heard.told).isEmpty();
    received(frame(LAST, "x"));
    assertThat(heard.told).containsExactly("refused 1009");
    assertThat(heard.exceeded).containsExactly(Limit.CHAT_MESSAGE_BYTES);
    assertThat(memory.held).isZero();
  }

  @Test
  void there_are_so_many_fragments_and_no_more() {
    received(frame(FIRST, ""));
    for (int i = 1; i < Limits.CHAT_FRAGMENTS; i++) {
      received(frame(MIDDLE, ""));
    }
    assertThat(heard.told).isEmpty();
    received(frame(LAST, ""));
    assertThat(heard.exceeded).containsExactly(Limit.CHAT_FRAGMENTS);
  }

  @Test
  void there_are_so_many_control_frames_and_no_more() {
    for (int i = 0; i < Limits.CHAT_CONTROL_FRAMES; i++) {
      received(frame(PING, ""));
    }
    assertThat(heard.told).isEmpty();
    received(frame(PONG, ""));
    assertThat(heard.exceeded).containsExactly(Limit.CHAT_CONTROL_FRAMES);
  }

  @Test
  void memory_is_held_for_what_has_come_and_not_for_what_is_promised() {
    byte[] most = frame(TEXT, "x".repeat(Limits.CHAT_MESSAGE_BYTES));
    frames.received(ByteBuffer.wrap(most, 0, 20));
    assertThat(memory.held).isZero();
    frames.received(ByteBuffer.wrap(most, 20, 10_000));
    assertThat(memory.held).isBetween(10_000L, 6 * 10_020L);
  }

  @Test
  void without_memory_the_message_is_refused() {
    memory.room = false;
    received(frame(TEXT, "x".repeat(2000)));
    assertThat(heard.told).containsExactly("refused 1013");
  }

  @Test
  void a_message_that_does_not_come_to_its_end_is_known_to_be_slow() {
    assertThat(frames.isSlow(System.nanoTime(), 0)).isFalse();
    received(frame(FIRST, "x"));
    assertThat(frames.isSlow(System.nanoTime() + 1000, 0)).isTrue();
    received(frame(LAST, "x"));
    assertThat(frames.isSlow(System.nanoTime() + 1000, 0)).isFalse();
  }

  private ByteBuffer received(byte[] bytes) {
    return frames.received(ByteBuffer.wrap(bytes));
  }

  private static byte[] frame(int first, String text) {
    return frame(first, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] frame(int first, byte[] payload) {
    byte[] mask = {1, 2, 3, (byte) 0xFF};
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65_536) {
      frame.put((byte) 0xFE).putShort((short) payload.length);
    } else {
      frame.put((byte) 0xFF).putLong(payload.length);
    }
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i % 4]));
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static String hexOf(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hex(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return HexFormat.of().formatHex(copy);
  }

  private static final class Heard implements WebSocketFrames.Receiver {
    private final List<String> told = new ArrayList<>();
    private final List<Limit> exceeded = new ArrayList<>();

    @Override
    public void pong(byte[] payload) {
      told.add("pong " + new String(payload, StandardCharsets.UTF_8));
    }

    @Override
    public void closed(int code) {
      told.add("closed " + code);
    }

    @Override
    public void refused(Limit limit, int code, String why) {
      told.add("refused " + code);
      if (limit != null) {
        exceeded.add(limit);
      }
    }
  }

  private static final class Held implements ConnectionMemory {
    private long held;
    private boolean room = true;

    @Override
    public boolean connects() {
      return true;
    }

    @Override
    public void disconnects() {}

    @Override
    public boolean holds(long bytes, long total) {
      if (room) {
        held += bytes;
      }
      return room;
    }

    @Override
    public void releases(long bytes) {
      held -= bytes;
    }
  }
}
