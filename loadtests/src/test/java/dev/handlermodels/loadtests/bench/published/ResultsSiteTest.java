package dev.handlermodels.loadtests.bench.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site of the committed results themselves. */
class ResultsSiteTest {
  private static final Path RESULTS = Path.of("../docs/results");
  private static final Pattern LINK = Pattern.compile("(?:href|src|srcset)=\"([^\"]+)\"");

  @TempDir private Path out;
  private Path index;

  @BeforeEach
  void site() throws IOException {
    index = ResultsSite.write(RESULTS, out, "https://example.org/handler-models");
  }

  private List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(out)) {
      return files.filter(file -> file.toString().endsWith(".html")).toList();
    }
  }

  @Test
  void theIndexListsEveryCommittedRunAndShowsTheNewestTable() throws IOException {
    String html = Files.readString(index);

    for (PublishedRuns.Run run : PublishedRuns.in(RESULTS).all()) {
      assertThat(html).contains("href=\"" + run.name() + "/index.html\"");
      assertThat(out.resolve(run.name()).resolve("report.html")).exists();
    }
    assertThat(html)
        .contains("charts/answers-dark.svg", "FastAPI, published")
        .contains("href=\"https://example.org/handler-models\"");
  }

  @Test
  void everyLinkOfEveryPageLeadsToAFileOfTheSite() throws IOException {
    assertThat(pages()).hasSizeGreaterThanOrEqualTo(3);
    for (Path page : pages()) {
      Matcher links = LINK.matcher(Files.readString(page));
      while (links.find()) {
        String target = links.group(1);
        if (!target.startsWith("https://")) {
          assertThat(page.resolveSibling(target)).as("%s in %s", target, page).exists();
        }
      }
    }
  }

  @Test
  void noPageRunsScriptsAndNoSlotIsLeft() throws IOException {
    for (Path page : pages()) {
      assertThat(Files.readString(page))
          .doesNotContain("<script", "{{")
          .contains("default-src 'none'");
    }
  }
}
