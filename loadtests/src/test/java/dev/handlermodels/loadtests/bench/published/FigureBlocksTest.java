package dev.handlermodels.loadtests.bench.published;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Invocation;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FigureBlocksTest {
  private static final String RESULTS =
      """
      {"machine": {"os": "Linux", "cpu": "AMD EPYC", "cores": 2, "memoryMiB": 1024, "jdk": "25", "commit": "abc"},
       "choices": [{"work": "MANY_CALLS", "winner": "vertx /io", "asGood": ["nima /io"], "adviceHeld": true,
                    "why": "Many outbound calls: vertx /io."},
                   {"work": "BLOCKING_LIBRARY", "winner": "nima /io/blocking", "asGood": [], "adviceHeld": false,
                    "why": "A blocking library: nima."}]}
      """;
  private static final String REPORT =
      """
      # Title

      A setting.

      - A finding.

      ## First

      | a | b |
      |---|--:|
      | c | 1 |

      A sentence about it.

      ## Second

      | d |
      """;

  @TempDir private Path root;
  private Path readme;

  @BeforeEach
  void documents() throws IOException {
    Files.createDirectories(root.resolve("docs/scenarios"));
    Files.createDirectories(root.resolve("docs/results"));
    readme = root.resolve("README.md");
    Files.writeString(
        readme, "Before.\n<!-- figures: decide -->\nold\n<!-- /figures -->\nAfter.\n");
  }

  private void run(String name, String scenario, String startedAt) throws IOException {
    run(name, scenario, startedAt, "./bench decide");
  }

  private void run(String name, String scenario, String startedAt, String command)
      throws IOException {
    Path run = Files.createDirectories(root.resolve("docs/results").resolve(name));
    Files.writeString(run.resolve("results.json"), RESULTS);
    Files.writeString(run.resolve("report.md"), REPORT);
    Files.writeString(run.resolve("scenario.json"), "{\"scenario\": \"" + scenario + "\"}");
    Json.write(Invocation.file(run), new Invocation(command, startedAt));
  }

  @Test
  void whereNoRunIsCommittedTheDocumentSaysSo() throws IOException {
    assertThat(new FigureBlocks(root).renew()).containsExactly(readme);

    assertThat(readme)
        .hasContent(
            """
            Before.
            <!-- figures: decide -->
            No such run is committed yet.
            <!-- /figures -->
            After.
            """);
    assertThat(new FigureBlocks(root).renew()).as("nothing changes twice").isEmpty();
  }

  @Test
  void findingsAndFirstTableOfTheNewestRunAreShown() throws IOException {
    run("2026-01-01-x-decide", "DECIDE", "2026-01-01T00:00:00Z");
    run("2026-01-02-x-decide", "DECIDE", "2026-01-02T00:00:00Z");
    run("2026-01-03-x-soak", "SOAK", "2026-01-03T00:00:00Z");

    new FigureBlocks(root).renew();

    assertThat(readme)
        .content()
        .contains("`./bench decide` at commit `abc` on 2026-01-02")
        .contains("(docs/results/2026-01-02-x-decide/report.md)")
        .contains("A setting.\n\n- A finding.\n\n| a | b |\n|---|--:|\n| c | 1 |\n<!-- /figures")
        .doesNotContain("old", "| d |", "about it");
  }

  @Test
  void theMatrixSaysWhichAdviceHeld() throws IOException {
    run("2026-01-01-x-decide", "DECIDE", "2026-01-01T00:00:00Z");
    Path page = root.resolve("docs/scenarios/decide.md");
    Files.writeString(page, "<!-- figures: matrix -->\n<!-- /figures -->\n");

    assertThat(new FigureBlocks(root).renew()).isEqualTo(List.of(readme, page));

    assertThat(page)
        .content()
        .contains("| many calls | `vertx /io`, `nima /io` | **confirmed** |")
        .contains("| blocking library | `nima /io/blocking` | **refuted** |")
        .contains("(../results/2026-01-01-x-decide/results.json)");
  }

  @Test
  void anOptionThatMakesOtherFiguresMakesAnotherKindOfRun() throws IOException {
    run("2026-01-01-x-decide", "DECIDE", "2026-01-01T00:00:00Z");
    run(
        "2026-01-02-x-decide-steps",
        "DECIDE",
        "2026-01-02T00:00:00Z",
        "./bench decide --step call:80 --run");
    Path page = root.resolve("docs/scenarios/decide.md");
    Files.writeString(page, "<!-- figures: decide-steps -->\n<!-- /figures -->\n");

    new FigureBlocks(root).renew();

    assertThat(readme).content().contains("on 2026-01-01").doesNotContain("2026-01-02");
    assertThat(page).content().contains("on 2026-01-02").doesNotContain("2026-01-01");
    assertThat(PublishedRuns.in(root.resolve("docs/results")).newest(PublishedRuns.DECIDE_STEPS))
        .get()
        .extracting(PublishedRuns.Run::title)
        .isEqualTo("decide-steps");
  }
}
