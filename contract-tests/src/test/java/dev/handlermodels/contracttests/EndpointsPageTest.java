package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of docs/endpoints.md leads to the methods that it names, whose lines move. */
@Rules
class EndpointsPageTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern METHOD_LINK =
      Pattern.compile("\\[(\\w+)]\\((\\.\\./server-[^)#]+/Handlers\\.java)#L(\\d+)\\)");

  private static List<MatchResult> links() throws IOException {
    return METHOD_LINK.matcher(Files.readString(DOCS.resolve("endpoints.md"))).results().toList();
  }

  static Stream<MatchResult> eachLink() throws IOException {
    return links().stream();
  }

  @Test
  void every_endpoint_is_linked_in_three_servers() throws IOException {
    assertThat(links()).hasSize(3 * Endpoint.values().length);
  }

  @ParameterizedTest
  @MethodSource("eachLink")
  void a_link_leads_to_the_line_on_which_its_method_starts(MatchResult link) throws IOException {
    List<String> lines = Files.readAllLines(DOCS.resolve(link.group(2)));
    assertThat(lines.get(Integer.parseInt(link.group(3)) - 1))
        .contains("void " + link.group(1) + "(");
  }
}
