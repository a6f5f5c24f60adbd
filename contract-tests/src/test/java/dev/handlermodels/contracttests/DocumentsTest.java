package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.settings.Settings;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All Markdown files: their links and anchors lead somewhere, and they stay readable. */
@Rules
class DocumentsTest {
  private static final Path ROOT = Path.of("..");
  private static final Path SETTINGS = ROOT.resolve("docs/settings.md");

  /** {@code mvn -Ddocs.write=true ...} writes docs/settings.md instead of comparing it. */
  private static final boolean WRITE = Boolean.getBoolean("docs.write");

  private static final int README_LINES = 150;
  private static final int LINE_CHARS = 120;
  private static final int PARAGRAPH_LINES = 6;

  private static final Pattern LINK =
      Pattern.compile("(?:]\\(|(?:src|srcset|href)=\")([^)\\s\"]+)[)\"]");
  private static final Pattern CODE_SPAN = Pattern.compile("`[^`]*`");
  private static final Pattern HEADING = Pattern.compile("^#{1,6} (.*)$");
  private static final Pattern HTML_ID = Pattern.compile("(?:id|name)=\"([^\"]+)\"");

  /** Folders of builds and tools. */
  private static final Set<String> SKIPPED = Set.of("target", "node_modules", "results");

  static List<Path> documents() throws IOException {
    return documents(SKIPPED);
  }

  /** With the committed results, whose text the bench has written. */
  static List<Path> allDocuments() throws IOException {
    return documents(Set.of("target", "node_modules"));
  }

  private static List<Path> documents(Set<String> skipped) throws IOException {
    List<Path> documents = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean hidden = name.startsWith(".") && !folder.equals(ROOT);
            return hidden || skipped.contains(name)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".md")) {
              documents.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return documents.stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("allDocuments")
  void every_link_leads_to_a_file_and_every_anchor_to_a_heading(Path document) throws IOException {
    for (String line : prose(document)) {
      for (MatchResult link :
          LINK.matcher(CODE_SPAN.matcher(line).replaceAll("")).results().toList()) {
        String target = link.group(1);
        if (!target.matches("[a-z]+:.*")) {
          checkLink(document, target);
        }
      }
    }
  }

  private static void checkLink(Path document, String target) throws IOException {
    int hash = target.indexOf('#');
    String path = hash < 0 ? target : target.substring(0, hash);
    Path file = path.isEmpty() ? document : document.resolveSibling(path).normalize();
    assertThat(file).as("%s in %s", target, document).exists();
    if (hash >= 0 && file.toString().endsWith(".md")) {
      assertThat(anchors(file))
          .as("%s in %s", target, document)
          .contains(target.substring(hash + 1));
    }
  }

  /** As GitHub makes them. */
  private static Set<String> anchors(Path document) throws IOException {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String line : prose(document)) {
      HTML_ID.matcher(line).results().forEach(id -> anchors.add(id.group(1)));
      HEADING
          .matcher(line)
          .results()
          .forEach(
              heading -> {
                String anchor = anchor(heading.group(1));
                int times = seen.merge(anchor, 1, Integer::sum);
                anchors.add(times == 1 ? anchor : anchor + "-" + (times - 1));
              });
    }
    return anchors;
  }

  private static String anchor(String heading) {
    return heading
        .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N}\\-_ ]", "")
        .strip()
        .replace(' ', '-');
  }

  /** The lines outside of code blocks. */
  private static List<String> prose(Path document) throws IOException {
    List<String> prose = new ArrayList<>();
    boolean code = false;
    for (String line : Files.readAllLines(document)) {
      if (line.strip().startsWith("```")) {
        code = !code;
      } else if (!code) {
        prose.add(line);
      }
    }
    return prose;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void lines_and_paragraphs_stay_short(Path document) throws IOException {
    int paragraph = 0;
    boolean generated = false;
    for (String line : prose(document)) {
      generated =
          line.startsWith("<!-- figures:") || generated && !line.startsWith("<!-- /figures");
      boolean text =
          !generated && !line.isBlank() && !line.startsWith("|") && !line.startsWith("<");
      paragraph = !text || line.matches("( *- |\\d+\\. |#).*") ? 0 : paragraph;
      if (text) {
        paragraph++;
        assertThat(line.length()).as("%s: %s", document, line).isLessThanOrEqualTo(LINE_CHARS);
        assertThat(paragraph).as("%s: %s", document, line).isLessThanOrEqualTo(PARAGRAPH_LINES);
      }
    }
  }

  @Test
  void the_readme_is_short() throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve("README.md")))
        .hasSizeLessThanOrEqualTo(README_LINES);
  }

  @Test
  void every_scenario_and_every_page_is_listed() throws IOException {
    try (Stream<Path> scenarios = Files.list(ROOT.resolve("docs/scenarios"));
        Stream<Path> pages = Files.list(ROOT.resolve("docs"))) {
      String list = Files.readString(ROOT.resolve("docs/scenarios/README.md"));
      scenarios
          .map(page -> page.getFileName().toString())
          .filter(page -> !page.equals("README.md"))
          .forEach(page -> assertThat(list).contains("(" + page + ")"));
      String readme = Files.readString(ROOT.resolve("README.md"));
      pages
          .map(page -> page.getFileName().toString())
          .filter(page -> page.endsWith(".md"))
          .forEach(page -> assertThat(readme).contains("(docs/" + page));
    }
  }

  @Test
  void the_page_of_settings_is_the_code() throws IOException {
    if (WRITE) {
      Files.writeString(SETTINGS, SettingsPage.text());
    }
    assertThat(Settings.HELP.lines().filter(line -> line.matches(" {2}[A-Z].*")))
        .allSatisfy(
            line -> assertThat(SettingsPage.text()).contains("`" + line.split(" ")[2] + "`"));
    assertThat(SETTINGS)
        .as(
            "mvn -pl contract-tests -am test -Dtest=DocumentsTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write=true writes it anew")
        .content()
        .isEqualTo(SettingsPage.text());
  }

  /** ./serve --help prints a file, so that nothing has to be built for it. */
  @Test
  void the_help_of_serve_is_the_code() throws IOException {
    Path page = ROOT.resolve("scripts/help/serve.txt");
    String usage =
        Files.readString(page)
            .lines()
            .takeWhile(line -> !line.isEmpty())
            .collect(Collectors.joining("\n"));
    if (WRITE) {
      Files.writeString(page, usage + "\n\n" + Settings.HELP);
    }

    assertThat(page).content().startsWith("Usage: ./serve ").endsWith("\n\n" + Settings.HELP);
  }
}
