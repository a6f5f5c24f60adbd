package dev.handlermodels.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who runs what with which rights. A tag of somebody else's can be moved; a commit cannot. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WorkflowsTest {
  private static final Path GITHUB = Path.of("..", ".github");

  static List<Path> workflows() throws IOException {
    try (Stream<Path> files = Files.list(GITHUB.resolve("workflows"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void each_action_is_named_by_its_commit_and_says_which_version_that_is(Path workflow) {
    assertThat(Manifests.text(workflow).lines().filter(line -> line.contains("uses:")))
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(line)
                    .matches("\\s*(- )?uses: [\\w./-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+"));
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void a_workflow_may_only_read_unless_a_job_says_more_and_each_job_ends(Path workflow) {
    JsonNode root = Manifests.documents(Manifests.text(workflow)).getFirst();
    assertThat(root.at("/permissions/contents").asText()).isEqualTo("read");
    assertThat(root.path("jobs"))
        .isNotEmpty()
        .allSatisfy(job -> assertThat(job.path("timeout-minutes").asInt()).isBetween(1, 60));
  }

  @Test
  void a_release_publishes_each_image_for_two_platforms_with_what_proves_it() {
    JsonNode release =
        Manifests.documents(Manifests.text(GITHUB.resolve("workflows/release.yml"))).getFirst();
    JsonNode image = release.at("/jobs/image");
    assertThat(image.path("needs").asText()).isEqualTo("verify");
    assertThat(image.at("/strategy/matrix/platform"))
        .extracting(JsonNode::asText)
        .containsExactly("amd64", "arm64");
    assertThat(image.at("/strategy/matrix/server"))
        .isEqualTo(release.at("/jobs/publish/strategy/matrix/server"));
    assertThat(image.toString()).contains("\"sbom\":true", "\"provenance\":\"mode=max\"");
    assertThat(release.at("/jobs/publish/permissions/id-token").asText()).isEqualTo("write");
    assertThat(release.at("/jobs/publish/steps").toString()).contains("cosign sign --yes");
    String dockerfile = Manifests.text(Path.of("..", "Dockerfile"));
    assertThat(
            image
                .findValues("build-args")
                .getFirst()
                .asText()
                .lines()
                .map(line -> line.split("=", 2)[0]))
        .allSatisfy(argument -> assertThat(dockerfile).containsPattern("(?m)^ARG " + argument));
  }
}
