package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The table of all raw requests by the answers of the three servers: {@code corpus/requests.txt}.
 * They have to be the same, unless the corpus says why not.
 */
@Rules
class SameReadingsTest {
  static final List<RawRequest> ALL = RawRequest.all();

  private static final byte[] BEHIND =
      "GET /behind HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Map<Model, Running> servers = new EnumMap<>(Model.class);
  private final Gate upstream = Gate.opened();

  @BeforeAll
  void start() {
    for (Model model : Model.values()) {
      servers.put(model, model.start(upstream.url(), Map.of()));
    }
  }

  @AfterAll
  void stop() {
    servers.values().forEach(Running::close);
    upstream.close();
  }

  @ParameterizedTest(name = "{0}")
  @FieldSource("ALL")
  void all_three_answer_alike_or_the_corpus_says_why_not(RawRequest request) {
    Map<Model, String> row = new EnumMap<>(Model.class);
    for (Model model : Model.values()) {
      row.put(model, answers(servers.get(model), request));
    }
    assertThat(new TreeSet<>(row.values()).size() > 1)
        .as("%s: %s, which is explained by: %s", request, row, request.difference())
        .isEqualTo(request.difference() != null);
  }

  /** The status of each answer, then whether the connection goes on. */
  private static String answers(Running server, RawRequest request) {
    try (Raw connection = server.connect()) {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.writeBytes(request.bytes());
      both.writeBytes(BEHIND);
      connection.sendWhileReading(both.toByteArray());
      List<String> seen = new ArrayList<>();
      Answer answer = connection.readUnlessClosed(false);
      while (answer != null && !answer.text().contains("there is nothing at /behind\"")) {
        seen.add(Integer.toString(answer.status()));
        answer = connection.readUnlessClosed(false);
      }
      return String.join(" ", seen) + (answer == null ? ", closed" : ", goes on");
    }
  }
}
