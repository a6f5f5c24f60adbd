package dev.handlermodels.loadtests.bench.compare;

import dev.handlermodels.loadtests.bench.compare.Difference.Outcome;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A comparison as a table in Markdown, which a terminal shows as well. */
final class ComparisonText {
  private static final List<String> HEAD =
      List.of("figure", "first", "second", "second ÷ first", "outcome");

  private ComparisonText() {}

  static String of(Comparison comparison) {
    List<List<String>> lines = new ArrayList<>(List.of(HEAD));
    comparison.differences().forEach(difference -> lines.add(line(difference)));
    return table(lines) + "\n" + summary(comparison) + "\n";
  }

  private static List<String> line(Difference difference) {
    return List.of(
        difference.first().id(),
        figure(difference.first()),
        figure(difference.second()),
        difference.interval() == null
            ? Numbers.NONE
            : String.format(
                Locale.ROOT,
                "%s (%s–%s)",
                Numbers.text(difference.interval().ratio(), 3),
                Numbers.text(difference.interval().low(), 3),
                Numbers.text(difference.interval().high(), 3)),
        difference.words());
  }

  /** The median, and of how many. */
  private static String figure(Figure figure) {
    double median = figure.median();
    int digits = median >= 1000 ? 0 : median >= 10 ? 1 : 3;
    return String.format(
        Locale.ROOT, "%s of %s", Numbers.text(median, digits), figure.values().size());
  }

  private static String table(List<List<String>> lines) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      List<String> padded = new ArrayList<>();
      for (int column = 0; column < HEAD.size(); column++) {
        int index = column;
        int width = lines.stream().mapToInt(line -> line.get(index).length()).max().orElse(0);
        String cell = lines.get(i).get(column);
        padded.add(cell + " ".repeat(width - cell.length()));
      }
      text.append("| ").append(String.join(" | ", padded)).append(" |\n");
      if (i == 0) {
        text.append(
            padded.stream()
                .map(cell -> "-".repeat(cell.length() + 2))
                .collect(Collectors.joining("|", "|", "|\n")));
      }
    }
    return text.toString();
  }

  private static String summary(Comparison comparison) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Of %s figures %s improved and %s got worse; for %s the runs show no difference, and %s"
                + " cannot be told. First and second are medians. The intervals hold all true"
                + " ratios at once with a probability of %s; less than %s counts as no difference.",
            comparison.differences().size(),
            comparison.count(Outcome.BETTER),
            comparison.count(Outcome.WORSE),
            comparison.count(Outcome.NONE),
            comparison.count(Outcome.UNKNOWN),
            Numbers.percent(1 - Comparison.ERROR),
            Numbers.percent(Difference.LEAST)));
    if (!comparison.missing().isEmpty()) {
      text.append(" Only one of the runs has: ")
          .append(String.join("; ", comparison.missing()))
          .append('.');
    }
    return text.toString();
  }
}
