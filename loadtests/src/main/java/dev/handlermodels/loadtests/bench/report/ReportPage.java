package dev.handlermodels.loadtests.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The content of a scenario's report, before it becomes text or HTML.
 *
 * @param setting load and machine, in one sentence
 * @param findings the outcome, a sentence each
 * @param listings files that a reader may want to copy
 */
public record ReportPage(
    String title,
    String setting,
    List<String> findings,
    List<Section> sections,
    List<Listing> listings) {

  /** A page without listings. */
  public ReportPage(String title, String setting, List<String> findings, List<Section> sections) {
    this(title, setting, findings, sections, List.of());
  }

  /** The same with a section at the end. */
  ReportPage with(Section section) {
    List<Section> all = Stream.concat(sections.stream(), Stream.of(section)).toList();
    return new ReportPage(title, setting, findings, all, listings);
  }

  /**
   * The text of a file.
   *
   * @param language as Markdown names it
   */
  public record Listing(String heading, String language, String text) {}

  /** A sentence about rows that are missing from a report. */
  public static String cutShort(int planned, int measured, String rows) {
    return String.format(
        Locale.ROOT,
        "%d of %d %s are missing: the run was cut short.",
        planned - measured,
        planned,
        rows);
  }

  /**
   * A table with its sentences and charts.
   *
   * @param head the first cell heads the column of labels
   */
  public record Section(
      String heading,
      List<String> sentences,
      List<String> head,
      List<List<String>> cells,
      List<Chart> charts) {}

  /**
   * A chart.
   *
   * @param labels of a bar chart's groups; empty for a line chart
   */
  public record Chart(
      String title,
      String xTitle,
      String yTitle,
      boolean logarithmic,
      List<String> labels,
      List<Line> lines) {

    /** One bar for each label; null where nothing was measured. */
    public static Chart bars(String title, String unit, List<String> labels, List<Double> values) {
      return new Chart(title, "", unit, false, labels, List.of(new Line(title, List.of(), values)));
    }
  }

  /**
   * A line, or the bars of one colour.
   *
   * @param x empty for bars
   * @param y null where nothing was measured
   */
  public record Line(String label, List<Integer> x, List<Double> y) {}
}
