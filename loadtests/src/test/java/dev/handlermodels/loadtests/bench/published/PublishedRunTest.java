package dev.handlermodels.loadtests.bench.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.loadtests.bench.config.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedRunTest {
  private static final String MACHINE =
      """
      "machine": {"os": "Linux", "cpu": "AMD EPYC (TM)", "cores": 2, "memoryMiB": 1024, "jdk": "25",
                  "commit": "abc123-dirty"}
      """;
  private static final String TABLE =
      """
      {"startedAt": "2026-01-02T03:04:05Z", %s, "notRun": [],
       "rows": [{"id": "vertx-io", "status": "%s",
                 "verdict": {"disturbed": {"fires": %s, "sentence": "Disturbed: much."}}}]}
      """;

  @TempDir private Path dir;
  private Path run;
  private Path into;

  @BeforeEach
  void aRun() throws IOException {
    run = Files.createDirectories(dir.resolve("run"));
    into = dir.resolve("results");
    table("complete", false);
    Files.writeString(run.resolve("report.md"), "# Report\n");
    Files.writeString(run.resolve("report.html"), "<p>large");
    Files.createDirectories(run.resolve("charts"));
    for (String file : List.of("answers-light.svg", "answers-dark.svg", "notes.txt")) {
      Files.writeString(run.resolve("charts").resolve(file), "<svg/>");
    }
    Files.createDirectories(run.resolve("rows/vertx-io"));
    Invocation.of(List.of("--repeat", "3", "--out", "/somewhere/here")).write(run);
  }

  private void table(String status, boolean disturbed) throws IOException {
    Files.writeString(run.resolve("results.json"), TABLE.formatted(MACHINE, status, disturbed));
  }

  @Test
  void theFolderIsNamedByDateAndMachineAndHoldsWhatIsRead() throws IOException {
    Path folder = PublishedRun.publish(run, into);

    assertThat(folder).isEqualTo(into.resolve("2026-01-02-2-cores-amd-epyc-tm"));
    assertThat(folder.resolve("report.md")).hasContent("# Report\n");
    assertThat(folder.resolve("results.json")).exists();
    assertThat(folder.resolve("charts/answers-dark.svg")).exists();
    assertThat(folder.resolve("charts/notes.txt")).doesNotExist();
    assertThat(folder.resolve("rows")).doesNotExist();
    assertThat(folder.resolve("report.html")).doesNotExist();
  }

  @Test
  void itsReadmeNamesCommandCommitAndMachineButNoPath() throws IOException {
    Path folder = PublishedRun.publish(run, into);

    assertThat(folder.resolve("README.md"))
        .content()
        .contains("`./bench --repeat 3`")
        .contains("`abc123`, with changes that were not committed")
        .contains("2 cores (AMD EPYC (TM))")
        .contains("srcset=\"charts/answers-dark.svg\"")
        .contains("src=\"charts/answers-light.svg\"")
        .doesNotContain("somewhere")
        .doesNotContain("speaks against");
  }

  @Test
  void whatSpeaksAgainstTheFiguresStandsBesideThem() throws IOException {
    table("complete", true);

    assertThat(PublishedRun.publish(run, into).resolve("README.md"))
        .content()
        .contains("- vertx-io: Disturbed: much.");
  }

  @Test
  void theIndexListsEveryRunTheNewestFirst() throws IOException {
    PublishedRun.publish(run, into);
    Files.writeString(run.resolve("scenario.json"), "{\"scenario\": \"OPEN_VS_CLOSED\"}");
    Path scenario = PublishedRun.publish(run, into);

    assertThat(scenario.getFileName()).hasToString("2026-01-02-2-cores-amd-epyc-tm-open-vs-closed");
    assertThat(into.resolve("README.md"))
        .content()
        .containsSubsequence("-tm-open-vs-closed/README.md)", "-tm/README.md)");
  }

  @Test
  void aRunThatWasCutShortIsRefused() throws IOException {
    table("partial", false);

    assertThatThrownBy(() -> PublishedRun.publish(run, into))
        .isInstanceOf(IOException.class)
        .hasMessage("Only a complete run is published, and this one lacks vertx-io (partial).");
    assertThat(into).doesNotExist();
  }

  @Test
  void aRunThatDoesNotNameItsMachineIsRefused() throws IOException {
    Files.writeString(
        run.resolve("results.json"), TABLE.formatted("\"rest\": 1", "complete", false));

    assertThatThrownBy(() -> PublishedRun.publish(run, into))
        .hasMessage("This run does not say on which machine it was made.");
    assertThat(into).doesNotExist();
  }

  @Test
  void aFolderWithoutAReportIsRefused() throws IOException {
    Files.delete(run.resolve("report.md"));

    assertThatThrownBy(() -> PublishedRun.publish(run, into))
        .hasMessageEndingWith("holds no report: there is no report.md.");
  }
}
