package dev.handlermodels.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkedBodyTest {
  private static final String NEXT = "GET / HTTP/1.1\r\n";

  @ParameterizedTest
  @CsvSource({
    "'0\r\n\r\n', ''",
    "'5\r\nhello\r\n0\r\n\r\n', hello",
    "'5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n', 'hello, world'",
    "'5;a=b\r\nhello\r\n0;last\r\n\r\n', hello",
    "'5 \t;a\r\nhello\r\n0\r\n\r\n', hello",
    "'00005\r\nhello\r\n000\r\n\r\n', hello",
    "'A\r\n0123456789\r\n0\r\nX: y\r\nDigest:\r\n\r\n', 0123456789",
    "'a\r\n0123456789\r\n0\r\n\r\n', 0123456789"
  })
  void a_body_is_read_to_its_end_and_no_further(String chunks, String body) {
    ByteBuffer in = bytes(chunks + NEXT);
    ByteBuffer out = ByteBuffer.allocate(100);
    ChunkedBody decoder = new ChunkedBody();

    decoder.decode(in, out);

    assertThat(decoder.isOver()).isTrue();
    assertThat(text(out.flip())).isEqualTo(body);
    assertThat(text(in)).isEqualTo(NEXT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        "zz\r\n",
        "5g\r\n",
        "-5\r\n",
        "+5\r\n",
        "0x5\r\n",
        " 5\r\n",
        ";a\r\n",
        "5 5\r\n",
        "5\nhello",
        "5;\nhello",
        "5;\rx",
        "5;a=\0",
        "5\rx",
        "5\r\nhelloXX",
        "5\r\nhello\n",
        "5\r\nhello0",
        "0\r\n\n",
        "0\r\nGET / HTTP/1.1\r\n",
        "0\r\n: x\r\n",
        "0\r\nX: y\n",
        "0\r\nX: \0\r\n",
        "0\r\nX : y\r\n",
        "0\r\n\rx"
      })
  void what_is_no_chunked_body_is_refused(String chunks) {
    ChunkedBody decoder = new ChunkedBody();
    ByteBuffer in = bytes(chunks);
    assertThatThrownBy(() -> decoder.decode(in, ByteBuffer.allocate(100)))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().status()).isEqualTo(400));
    assertThat(decoder.isOver()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "100001\r\n",
        "7fffffff\r\n",
        "80000000\r\n",
        "100000005\r\n",
        "10000000000000005\r\n",
        "4000000000000000\r\n"
      })
  void a_chunk_that_is_too_long_is_refused_by_its_size(String chunks) {
    assertThatThrownBy(() -> new ChunkedBody().decode(bytes(chunks), null))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().status()).isEqualTo(413));
  }

  @Test
  void chunks_that_are_too_long_together_are_refused() {
    ChunkedBody decoder = new ChunkedBody();
    decoder.decode(bytes("100000\r\n" + "x".repeat(Limits.BODY_BYTES) + "\r\n"), null);
    assertThatThrownBy(() -> decoder.decode(bytes("1"), null))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().status()).isEqualTo(413));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5;", "0", "0\r\nX: ", "0\r\nX", "5 "})
  void no_line_goes_on_for_ever(String begin) {
    ChunkedBody decoder = new ChunkedBody();
    decoder.decode(bytes(begin), null);
    byte[] more = new byte[2 * Limits.HEADER_BYTES];
    Arrays.fill(more, (byte) (begin.equals("5 ") ? ' ' : '0'));
    assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(more), null))
        .isInstanceOf(ProblemException.class);
  }

  /** The same bytes in whatever pieces, into whatever room, with or without a place to go. */
  @Test
  void pieces_do_not_matter() {
    Random random = new Random(6);
    for (int round = 0; round < 2000; round++) {
      byte[] body = new byte[random.nextInt(300)];
      random.nextBytes(body);
      byte[] sent = chunked(body, random);
      ByteBuffer out = ByteBuffer.allocate(body.length + 1);
      ChunkedBody decoder = new ChunkedBody();
      ChunkedBody checker = new ChunkedBody();
      for (int from = 0; from < sent.length; ) {
        int to = Math.min(sent.length, from + 1 + random.nextInt(40));
        checker.decode(ByteBuffer.wrap(sent, from, to - from), null);
        ByteBuffer piece = ByteBuffer.wrap(sent, from, to - from);
        while (piece.hasRemaining()) {
          ByteBuffer room = ByteBuffer.allocate(1 + random.nextInt(20));
          decoder.decode(piece, room);
          out.put(room.flip());
        }
        from = to;
      }
      assertThat(decoder.isOver()).isTrue();
      assertThat(checker.isOver()).isTrue();
      assertThat(Arrays.copyOf(out.array(), out.position())).isEqualTo(body);
    }
  }

  private static byte[] chunked(byte[] body, Random random) {
    ByteBuffer sent = ByteBuffer.allocate(body.length * 20 + 20);
    for (int from = 0; from < body.length; ) {
      int to = Math.min(body.length, from + 1 + random.nextInt(50));
      sent.put(bytes(Integer.toHexString(to - from) + (random.nextBoolean() ? ";x" : "") + "\r\n"));
      sent.put(body, from, to - from).put(bytes("\r\n"));
      from = to;
    }
    sent.put(bytes("0\r\n" + (random.nextBoolean() ? "X: y\r\n" : "") + "\r\n"));
    return Arrays.copyOf(sent.array(), sent.position());
  }

  /** Whatever comes, it ends in a body, in a refusal, or in waiting for more. */
  @Test
  void bytes_at_random_harm_nobody() {
    Random random = new Random(7);
    byte[] letters =
        "0123456789abcdefABCDEF;: \t\r\n\0x\u007f\u00ff".getBytes(StandardCharsets.ISO_8859_1);
    for (int round = 0; round < 20_000; round++) {
      byte[] sent = new byte[random.nextInt(60)];
      for (int i = 0; i < sent.length; i++) {
        sent[i] = letters[random.nextInt(letters.length)];
      }
      ByteBuffer in = ByteBuffer.wrap(sent);
      ChunkedBody decoder = new ChunkedBody();
      try {
        decoder.decode(in, null);
        assertThat(decoder.isOver() || !in.hasRemaining()).isTrue();
      } catch (ProblemException e) {
        assertThat(e.problem().status()).isIn(400, 413);
      }
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.ISO_8859_1.decode(bytes).toString();
  }
}
