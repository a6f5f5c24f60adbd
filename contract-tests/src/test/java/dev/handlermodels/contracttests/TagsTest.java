package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page at /docs groups endpoints by the tags of openapi.yaml, and marks the anti-patterns. */
@Rules
class TagsTest {
  private static final Path CONTRACT = Path.of("../api/src/main/resources/openapi.yaml");
  private static final Pattern OPERATION =
      Pattern.compile("operationId: (\\w+)\n +tags: \\[([^]]+)]\n +summary: (.*)\n");

  private static List<MatchResult> operations(String contract) {
    return OPERATION.matcher(contract).results().toList();
  }

  @Test
  void every_operation_has_one_tag_that_is_declared() throws IOException {
    String contract = Files.readString(CONTRACT);
    assertThat(operations(contract))
        .hasSize(contract.split("operationId: ", -1).length - 1)
        .allSatisfy(
            operation -> assertThat(contract).contains("\n  - name: " + operation.group(2) + "\n"));
  }

  @Test
  void exactly_the_anti_patterns_are_marked_as_such() throws IOException {
    List<MatchResult> marked =
        operations(Files.readString(CONTRACT)).stream()
            .filter(operation -> operation.group(2).equals("Anti-patterns"))
            .toList();
    assertThat(marked)
        .hasSize((int) List.of(Endpoint.values()).stream().filter(Endpoint::isAntiPattern).count())
        .allSatisfy(
            operation -> assertThat(operation.group(3)).startsWith("\"Anti-pattern on the event"));
  }
}
