package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for each page that a server brings along: its files, and nothing beside them. */
abstract class PageRules extends ServerRules {
  PageRules(Model model) {
    super(model);
  }

  /** Paths that are near to those of the page, where there is no file. */
  abstract List<String> nearby();

  @ParameterizedTest
  @MethodSource("nearby")
  void no_other_file_is_served(String path) {
    try (Raw connection = server.connect()) {
      Answer answer = connection.get(path).read();
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.problem()).isEqualTo("not-found");
    }
  }

  /** The file, which is what it is said to be, and not kept by anybody without asking again. */
  Answer file(String path, String type, String text) {
    Answer answer = server.main().get(path);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("content-type")).isEqualToIgnoringCase(type);
    assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(answer.header("cache-control")).isEqualTo("no-cache");
    assertThat(answer.header("etag")).matches("\"[0-9a-f]{32}\"");
    assertThat(answer.text()).contains(text);
    return answer;
  }
}
