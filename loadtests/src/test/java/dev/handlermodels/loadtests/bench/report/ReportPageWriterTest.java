package dev.handlermodels.loadtests.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportPageWriterTest {
  private static final ReportPage PAGE =
      new ReportPage(
          "How <cost> grows",
          "500 users.",
          List.of("vertx: fine & fast."),
          List.of(
              new Section(
                  "Cost",
                  List.of("* disturbed."),
                  List.of("", "answers/s", "p99"),
                  List.of(List.of("vertx-io", "499.0", "1,010 ms"), List.of("nima", "1|2", "–")),
                  List.of(
                      new Chart(
                          "p99 </script>",
                          "users",
                          "ms",
                          true,
                          List.of(),
                          List.of(new Line("vertx", List.of(1, 2), Arrays.asList(1.0, null))))))));

  @Test
  void thePageNeedsNothingBesideItselfAndEscapesWhatItShows() throws IOException {
    String html = ReportPageWriter.html(PAGE);

    assertThat(html)
        .contains("<h1>How &lt;cost&gt; grows</h1>")
        .contains("<li>vertx: fine &amp; fast.</li>")
        .contains("<th scope=\"row\">vertx-io</th><td>499.0</td>")
        .contains("data-chart=\"0\"")
        .contains("\\u003c/script>")
        .contains("prefers-color-scheme: dark")
        .doesNotContain("{{")
        .doesNotContain("src=\"http");
  }

  @Test
  void theTerminalGetsColumnsThatAlign() {
    assertThat(ReportPageWriter.terminal(PAGE))
        .startsWith("Cost\n          answers/s       p99\nvertx-io      499.0  1,010 ms\n")
        .endsWith("500 users.\n\nvertx: fine & fast.\n");
  }

  @Test
  void markdownHasATableAndItsSentences() {
    assertThat(ReportPageWriter.markdown(PAGE))
        .contains("|  | answers/s | p99 |\n|---|--:|--:|\n| vertx-io | 499.0 | 1,010 ms |")
        .contains("| nima | 1\\|2 | – |")
        .contains("- vertx: fine & fast.");
  }
}
