package dev.handlermodels.loadtests.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventParserTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nid: 9\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n";
  private static final String ANSWER =
      HEAD
          + chunk("id: 1\nevent: item\ndata: {\"server\":\"" + "x".repeat(200) + "\"}\n\n")
          + chunk(": heartbeat\n\n")
          + chunk("id: 2\nevent: item\ndata: {}\n\n")
          + chunk("event: end\ndata: {}\n\n")
          + "0\r\n\r\n";

  private final List<String> told = new ArrayList<>();
  private final EventParser parser =
      new EventParser(
          new EventParser.Listener() {
            @Override
            public void status(int code) {
              told.add("status " + code);
            }

            @Override
            public void item(long id) {
              told.add("item " + id);
            }

            @Override
            public void end() {
              told.add("end");
            }
          });

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 10_000})
  void itemsAreToldHoweverTheAnswerIsCut(int partLength) throws IOException {
    for (int from = 0; from < ANSWER.length(); from += partLength) {
      parser.read(bytes(ANSWER.substring(from, Math.min(ANSWER.length(), from + partLength))));
    }
    assertThat(told).containsExactly("status 200", "item 1", "item 2", "end");
  }

  @Test
  void anotherStatusIsTold() throws IOException {
    parser.read(bytes("HTTP/1.1 503 Service Unavailable\r\n"));
    assertThat(told).containsExactly("status 503");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\n\r\nhello\n"})
  void whatIsNoSuchAnswerIsRefused(String text) {
    assertThatThrownBy(() -> parser.read(bytes(text))).isInstanceOf(IOException.class);
  }
}
