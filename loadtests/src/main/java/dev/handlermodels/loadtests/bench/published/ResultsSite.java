package dev.handlermodels.loadtests.bench.published;

import dev.handlermodels.loadtests.bench.published.PublishedRuns.Run;
import dev.handlermodels.loadtests.bench.report.HtmlReport;
import dev.handlermodels.loadtests.bench.report.charts.ChartFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * The committed runs as web pages: an index that shows the newest table, and for each run what its
 * README.md and its report.md say, with charts and figures beside them.
 */
public final class ResultsSite {
  private static final List<Extension> TABLES = List.of(TablesExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(TABLES).build();
  private static final HtmlRenderer RENDERER = HtmlRenderer.builder().extensions(TABLES).build();

  /** The pages run no script and load nothing from elsewhere. */
  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self'; style-src 'unsafe-inline'">
      <title>{{title}}</title>
      <style>{{style}}
      img { max-width: 100%; height: auto; border-radius: .4rem; }
      p, li { max-width: 100ch; }
      table { width: auto; }
      td:not([align]), th:not([align]) { text-align: left; white-space: normal; }
      td:first-child { position: sticky; left: 0; background: var(--card); }
      thead th { white-space: nowrap; }
      nav { margin-bottom: 1rem; }
      </style>
      </head>
      <body>
      <nav>{{nav}}</nav>
      <main>
      {{text}}
      </main>
      </body>
      </html>
      """;

  private ResultsSite() {}

  /**
   * Writes the pages.
   *
   * @param results docs/results
   * @param repository the project's address; null for no link to it
   * @return the index
   */
  public static Path write(Path results, Path out, String repository) throws IOException {
    PublishedRuns runs = PublishedRuns.in(results);
    Files.createDirectories(out);
    for (Run run : runs.all()) {
      writeRun(run, out.resolve(run.name()), repository);
    }
    Path index = out.resolve("index.html");
    Files.writeString(
        index, page("handler-models: measured results", index(runs), nav("", repository)));
    return index;
  }

  private static void writeRun(Run run, Path folder, String repository) throws IOException {
    Files.createDirectories(folder.resolve(ChartFiles.FOLDER));
    copy(PublishedRuns.results(run.folder()), folder);
    for (String chart : PublishedRun.chartNames(run.folder())) {
      for (boolean dark : new boolean[] {false, true}) {
        Path file = run.folder().resolve(ChartFiles.name(chart, dark));
        copy(file, folder.resolve(ChartFiles.FOLDER));
      }
    }
    String title = run.title() + ", " + run.date();
    String nav = nav("<a href=\"../index.html\">All runs</a>", repository);
    try (Stream<Path> files = Files.list(run.folder())) {
      for (Path file : files.filter(one -> one.toString().endsWith(".md")).toList()) {
        Files.writeString(
            folder.resolve(html(file.getFileName().toString())),
            page(title, Files.readString(file), nav));
      }
    }
  }

  private static void copy(Path file, Path folder) throws IOException {
    Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
  }

  private static String index(PublishedRuns runs) throws IOException {
    StringBuilder text = new StringBuilder("# handler-models: measured results\n\n");
    text.append(
        "One HTTP API, served by an event loop, by virtual threads and by a fixed pool of platform"
            + " threads.\n\n");
    Optional<Run> newest = runs.newest(PublishedRuns.TABLE);
    if (newest.isPresent()) {
      text.append("## The newest table\n\n");
      text.append(TableFigures.original(newest.get(), newest.get().name() + "/"));
    }
    text.append("\n## All committed runs\n\n");
    text.append(runs.list());
    return text.toString();
  }

  private static String nav(String up, String repository) {
    String project =
        repository == null
            ? ""
            : String.format(
                Locale.ROOT, "<a href=\"%s\">The project</a>", HtmlReport.escape(repository));
    return up + (up.isEmpty() || project.isEmpty() ? "" : " · ") + project;
  }

  private static String page(String title, String markdown, String nav) throws IOException {
    String text =
        RENDERER
            .render(PARSER.parse(markdown))
            .replace("<table>", "<div class=\"scroll\"><table>")
            .replace("</table>", "</table></div>");
    return PAGE.replace("{{title}}", HtmlReport.escape(title))
        .replace("{{style}}", HtmlReport.style())
        .replace("{{nav}}", nav)
        .replace("{{text}}", withPages(text));
  }

  /** Links to Markdown files of the results lead to their pages. */
  private static String withPages(String text) {
    return text.replaceAll("href=\"([^\":]*?)README\\.md\"", "href=\"$1index.html\"")
        .replaceAll("href=\"([^\":]*?)\\.md\"", "href=\"$1.html\"");
  }

  private static String html(String markdown) {
    return markdown.equals("README.md") ? "index.html" : markdown.replace(".md", ".html");
  }
}
