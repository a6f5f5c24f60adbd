package dev.handlermodels.loadtests.bench.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The figures in README.md and docs are those of the newest committed results. */
class CommittedFiguresTest {
  private static final Path ROOT = Path.of("..");

  static List<Path> documents() throws IOException {
    return new FigureBlocks(ROOT).documents();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void aDocumentShowsTheFiguresOfTheNewestCommittedRun(Path document) throws IOException {
    assertThat(document)
        .as("./bench publish, without a folder, writes it anew")
        .content()
        .isEqualTo(new FigureBlocks(ROOT).renewed(document));
  }

  @Test
  void readmeAndEveryScenarioHaveFigures() throws IOException {
    assertThat(documents()).contains(ROOT.resolve("README.md"), ROOT.resolve("docs/choosing.md"));
    assertThat(documents()).hasSizeGreaterThan(13);
  }

  @Test
  void theCommittedTableIsComplete() throws IOException {
    PublishedRuns.Run run =
        PublishedRuns.in(ROOT.resolve("docs/results")).newest(PublishedRuns.TABLE).orElseThrow();

    assertThat(Files.readString(run.folder().resolve("README.md"))).contains("`./bench");
    assertThat(PublishedRun.chartNames(run.folder()))
        .containsExactly("answers", "blocked-loop", "latency");
  }
}
