package dev.handlermodels.loadtests.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerLengthTest {
  @ParameterizedTest
  @ValueSource(strings = {"content-length", "Content-Length", "CONTENT-LENGTH"})
  void headAndBodyCountTogether(String name) throws IOException {
    String head = "HTTP/1.1 200 OK\r\nDate: x\r\n" + name + ": 12\r\nA: b\r\n\r\n";

    assertThat(length(head + "abc")).isEqualTo(head.length() + 12);
  }

  @Test
  void anEmptyBodyEndsWithTheHead() throws IOException {
    assertThat(length("HTTP/1.1 204 No\r\ncontent-length: 0\r\n\r\n")).isEqualTo(38);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n"})
  void aHeadThatIsNotWholeIsIncomplete(String start) throws IOException {
    assertThat(length(start)).isEqualTo(AnswerLength.INCOMPLETE);
  }

  @Test
  void whenToComeAgainIsSaidInTheHead() {
    assertThat(retryAfter("HTTP/1.1 503 No\r\na: b\r\nRetry-After: 12\r\nc: d\r\n\r\n"))
        .isEqualTo(12);
    assertThat(retryAfter("HTTP/1.1 503 No\r\n\r\nretry-after: 12\r\n")).isZero();
  }

  private static int retryAfter(String answer) {
    byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
    return AnswerLength.retryAfterSeconds(bytes, bytes.length);
  }

  @Test
  void anAnswerInChunksEndsWithTheLastOfThem() throws IOException {
    String head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    String body = "3\r\nabc\r\n1A\r\n" + "d".repeat(26) + "\r\n0\r\n\r\n";
    String answer = head + body;

    assertThat(length(answer + "HTTP")).isEqualTo(answer.length());
    for (int i = 0; i < answer.length(); i++) {
      assertThat(length(answer.substring(0, i))).isEqualTo(AnswerLength.INCOMPLETE);
    }
  }

  @Test
  void aChunkWithoutASizeIsRefused() {
    assertThatIOException()
        .isThrownBy(() -> length("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"))
        .withMessage("An answer has a chunk whose size is no number.");
  }

  @Test
  void anAnswerWhoseEndCannotBeToldIsRefused() {
    assertThatIOException()
        .isThrownBy(() -> length("HTTP/1.1 200 OK\r\nDate: x\r\n\r\n"))
        .withMessage("An answer has neither Content-Length nor chunks.");
  }

  @Test
  void onlyStatus200IsASuccess() {
    assertThat(AnswerLength.isOk(bytes("HTTP/1.1 200 OK"))).isTrue();
    assertThat(AnswerLength.isOk(bytes("HTTP/1.1 503 No"))).isFalse();
  }

  private static int length(String answer) throws IOException {
    byte[] bytes = bytes(answer);
    return AnswerLength.of(bytes, bytes.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
