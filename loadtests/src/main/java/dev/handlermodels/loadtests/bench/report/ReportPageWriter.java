package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.profile.Profile;
import dev.handlermodels.loadtests.bench.report.ReportPage.Listing;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A scenario's page as text for the terminal, as report.md and as report.html. */
public final class ReportPageWriter {
  private ReportPageWriter() {}

  /** Writes report.md, report.html and, with {@code results}, results.json. */
  public static ReportPage write(Path out, ReportPage measured, Object results) throws IOException {
    List<Profile> profiles = Profile.in(out);
    ReportPage page = profiles.isEmpty() ? measured : measured.with(ProfileHtml.section(profiles));
    Json.write(out.resolve("results.json"), results);
    Files.writeString(out.resolve("report.md"), markdown(page));
    Files.writeString(out.resolve("report.html"), html(page, ProfileHtml.graphs(profiles)));
    return page;
  }

  public static String terminal(ReportPage page) {
    StringBuilder text = new StringBuilder();
    for (Section section : page.sections()) {
      text.append(section.heading()).append('\n');
      text.append(table(section)).append('\n');
      section.sentences().forEach(sentence -> text.append(sentence).append('\n'));
      text.append('\n');
    }
    text.append(page.setting()).append("\n\n");
    page.findings().forEach(finding -> text.append(finding).append('\n'));
    for (Listing listing : page.listings()) {
      text.append('\n').append(listing.heading()).append(":\n\n").append(listing.text());
    }
    return text.toString();
  }

  /** One section as a terminal shows it. */
  static String terminal(Section section) {
    StringBuilder text = new StringBuilder(section.heading()).append('\n').append(table(section));
    section.sentences().forEach(sentence -> text.append('\n').append(sentence));
    return text.append('\n').toString();
  }

  /** One section as Markdown. */
  static String markdown(Section section) {
    StringBuilder text = new StringBuilder("\n## " + section.heading() + "\n\n");
    text.append(pipes(section.head()));
    text.append("|---|");
    text.append(String.join("", Collections.nCopies(section.head().size() - 1, "--:|")));
    text.append('\n');
    section.cells().forEach(line -> text.append(pipes(line)));
    section.sentences().forEach(sentence -> text.append('\n').append(sentence).append('\n'));
    return text.toString();
  }

  private static String table(Section section) {
    List<List<String>> lines = new ArrayList<>(List.of(section.head()));
    lines.addAll(section.cells());
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < section.head().size(); column++) {
      int index = column;
      widths.add(lines.stream().mapToInt(line -> line.get(index).length()).max().orElse(0));
    }
    return lines.stream()
        .map(line -> padded(line, widths))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String padded(List<String> line, List<Integer> widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < line.size(); i++) {
      String space = " ".repeat(widths.get(i) - line.get(i).length());
      text.append(i == 0 ? line.get(i) + space : "  " + space + line.get(i));
    }
    return text.toString().stripTrailing();
  }

  static String markdown(ReportPage page) {
    StringBuilder text = new StringBuilder("# " + page.title() + "\n\n" + page.setting() + "\n\n");
    page.findings().forEach(finding -> text.append("- ").append(finding).append('\n'));
    page.sections().forEach(section -> text.append(markdown(section)));
    for (Listing listing : page.listings()) {
      text.append(
          String.format(
              Locale.ROOT,
              "\n## %s\n\n```%s\n%s```\n",
              listing.heading(),
              listing.language(),
              listing.text()));
    }
    return text.toString();
  }

  private static String pipes(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  /** Uses the style of the table's page, which is kept there. */
  static String html(ReportPage page) throws IOException {
    return html(page, "");
  }

  /**
   * @param more sections that are HTML already
   */
  private static String html(ReportPage page, String more) throws IOException {
    StringBuilder sections = new StringBuilder();
    List<ReportPage.Chart> charts = new ArrayList<>();
    for (Section section : page.sections()) {
      sections.append(section(section, charts.size()));
      charts.addAll(section.charts());
    }
    sections.append(more);
    page.listings().forEach(listing -> sections.append(listing(listing)));
    return HtmlReport.fill(
        HtmlReport.resource("/scenario.html"),
        Map.of(
            "title", HtmlReport.escape(page.title()),
            "style", HtmlReport.style(),
            "setting", HtmlReport.escape(page.setting()),
            "findings", items(page.findings()),
            "sections", sections.toString(),
            "data", Json.LINE.writeValueAsString(charts).replace("<", "\\u003c"),
            "chartjs", HtmlReport.chartJs()));
  }

  private static String items(List<String> sentences) {
    return sentences.stream()
        .map(sentence -> "<li>" + HtmlReport.escape(sentence) + "</li>\n")
        .collect(Collectors.joining());
  }

  private static String listing(Listing listing) {
    return String.format(
        Locale.ROOT,
        "<section><h2>%s</h2>\n<pre>%s</pre></section>\n",
        HtmlReport.escape(listing.heading()),
        HtmlReport.escape(listing.text()));
  }

  private static String section(Section section, int firstChart) {
    StringBuilder html = new StringBuilder();
    html.append(
        String.format(Locale.ROOT, "<section><h2>%s</h2>\n", HtmlReport.escape(section.heading())));
    html.append("<div class=\"scroll\"><table><thead><tr><td>");
    html.append(HtmlReport.escape(section.head().getFirst())).append("</td>");
    for (String head : section.head().subList(1, section.head().size())) {
      html.append(String.format(Locale.ROOT, "<th scope=\"col\">%s</th>", HtmlReport.escape(head)));
    }
    html.append("</tr></thead><tbody>");
    for (List<String> line : section.cells()) {
      html.append(
          String.format(
              Locale.ROOT, "<tr><th scope=\"row\">%s</th>", HtmlReport.escape(line.getFirst())));
      for (String cell : line.subList(1, line.size())) {
        html.append(String.format(Locale.ROOT, "<td>%s</td>", HtmlReport.escape(cell)));
      }
      html.append("</tr>\n");
    }
    html.append("</tbody></table></div>\n<ul>").append(items(section.sentences()));
    html.append("</ul>\n<div class=\"charts\">");
    for (int i = 0; i < section.charts().size(); i++) {
      String title = HtmlReport.escape(section.charts().get(i).title());
      html.append(
          String.format(
              Locale.ROOT,
              ("<figure><h3>%s</h3><div class=\"plot\"><canvas data-chart=\"%d\" role=\"img\""
                  + " aria-label=\"%s\"></canvas></div></figure>"),
              title,
              firstChart + i,
              title));
    }
    return html.append("</div></section>\n").toString();
  }
}
