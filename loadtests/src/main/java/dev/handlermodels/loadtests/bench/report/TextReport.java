package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.evidence.SettingsComparison;
import dev.handlermodels.loadtests.bench.evidence.Verdict;
import dev.handlermodels.loadtests.bench.evidence.Verdicts;
import dev.handlermodels.loadtests.bench.report.ResultTable.Column;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The table and the verdicts as text: for the terminal, and as report.md. */
public final class TextReport {
  /** Columns side by side that a terminal of usual width holds. */
  private static final int COLUMNS_AT_ONCE = 6;

  private TextReport() {}

  /** For the terminal, in blocks that fit. */
  public static String terminal(Results results) {
    List<Column> columns = ResultTable.of(results).columns();
    StringBuilder text = new StringBuilder();
    for (int from = 0; from < columns.size(); from += COLUMNS_AT_ONCE) {
      int to = Math.min(columns.size(), from + COLUMNS_AT_ONCE);
      text.append(block(columns.subList(from, to))).append('\n');
    }
    text.append(setting(results)).append("\n\n");
    for (RowSummary summary : results.summary()) {
      RowResult row = results.shown(summary);
      String noisy = summary.noisy().fires() ? " " + summary.noisy().sentence() : "";
      text.append(
          String.format(
              Locale.ROOT, "%s%s%n", finding(title(row, summary), row.verdict().summary()), noisy));
    }
    if (results.ledger().fair().fires()) {
      text.append(results.ledger().fair().sentence()).append('\n');
    }
    return text.toString();
  }

  private static String block(List<Column> columns) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(line("", columns.stream().map(Column::title).toList()));
    lines.add(line("", columns.stream().map(Column::subtitle).toList()));
    for (int i = 0; i < ResultTable.LABELS.size(); i++) {
      lines.add(cells(ResultTable.LABELS.get(i), columns, i));
    }
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column <= columns.size(); column++) {
      int index = column;
      widths.add(lines.stream().mapToInt(line -> line.get(index).length()).max().orElse(0));
    }
    return lines.stream()
        .map(line -> padded(line, widths))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static List<String> line(String label, List<String> cells) {
    List<String> line = new ArrayList<>(List.of(label));
    line.addAll(cells);
    return line;
  }

  private static List<String> cells(String label, List<Column> columns, int index) {
    return line(label, columns.stream().map(column -> column.cells().get(index)).toList());
  }

  private static String padded(List<String> line, List<Integer> widths) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < line.size(); i++) {
      String space = " ".repeat(widths.get(i) - line.get(i).length());
      text.append(i == 0 ? line.get(i) + space : "  " + space + line.get(i));
    }
    return text.toString().stripTrailing();
  }

  /** report.md. */
  static String markdown(Results results) {
    List<Column> columns = ResultTable.of(results).columns();
    StringBuilder text = new StringBuilder("# One API, three handler models\n\n");
    for (ModelAnswer answer : ModelAnswer.of(results)) {
      text.append(
          String.format(
              Locale.ROOT,
              "- **%s**: %s, %s\n",
              answer.model().label,
              answer.figure(),
              answer.sentence()));
    }
    text.append('\n').append(setting(results)).append("\n\n## All rows\n\n");
    text.append(
        pipes(line("", columns.stream().map(c -> c.title() + "<br>" + c.subtitle()).toList())));
    text.append(rule(columns.size()));
    for (int i = 0; i < ResultTable.LABELS.size(); i++) {
      text.append(pipes(cells(ResultTable.LABELS.get(i), columns, i)));
    }
    for (RowSummary summary : results.summary()) {
      RowResult row = results.shown(summary);
      text.append("\n## ").append(title(row, summary)).append("\n\n");
      text.append(row.verdict().summary()).append("\n\n").append(row.verdict().why()).append('\n');
      for (Verdict verdict : verdicts(row, summary)) {
        text.append("- ").append(verdict.sentence()).append('\n');
      }
    }
    return text.append(proof(BlockedLoopTable.of(results)))
        .append(settings(results.ledger()))
        .toString();
  }

  private static String proof(BlockedLoopTable proof) {
    if (proof.titles().isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("\n## Proof of cause\n\n");
    text.append(pipes(line("", proof.titles())));
    text.append(rule(proof.titles().size()));
    proof.lines().forEach(line -> text.append(pipes(line)));
    if (!proof.stack().isEmpty()) {
      text.append("\n```\n").append(String.join("\n", proof.stack())).append("\n```\n");
    }
    return text.toString();
  }

  private static String settings(SettingsComparison comparison) {
    List<String> servers = comparison.servers();
    if (servers.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("\n## Fairness ledger\n\n");
    text.append(comparison.fair().sentence()).append("\n\n");
    text.append(pipes(line("", servers)));
    text.append(rule(servers.size()));
    comparison.lines().forEach(line -> text.append(pipes(line)));
    return text.toString();
  }

  private static String rule(int columns) {
    return "|---|" + "--:|".repeat(columns) + "\n";
  }

  /** A note for several runs about the one that is shown: its p99 is not the table's median. */
  static String title(RowResult row, RowSummary summary) {
    String run = summary.runs() > 1 ? ", run " + row.repeat() : "";
    return row.server() + " " + row.endpoint() + run;
  }

  /** {@code vertx /io/blocking froze: ...}, from {@code Froze: ...}. */
  static String finding(String title, String summary) {
    if (summary.startsWith("Froze")) {
      return title + " froze" + summary.substring("Froze".length());
    }
    for (String state : List.of("Starved", "Dead", "At its ceiling", "Below its ceiling")) {
      if (summary.startsWith(state)) {
        return title + " is " + Character.toLowerCase(summary.charAt(0)) + summary.substring(1);
      }
    }
    return title + ". " + summary;
  }

  static List<Verdict> verdicts(RowResult row, RowSummary summary) {
    Verdicts verdict = row.verdict();
    return List.of(
        verdict.aboveCeiling(),
        verdict.starved(),
        verdict.wasted(),
        verdict.limitedBy(),
        verdict.disturbed(),
        verdict.settled(),
        verdict.frozen(),
        summary.noisy());
  }

  /** One sentence about load and machine. */
  public static String setting(Results results) {
    Settings settings = results.settings();
    Machine machine = results.machine();
    String notRun =
        results.notRun().isEmpty() ? "" : " Not run: " + String.join(", ", results.notRun()) + ".";
    return String.format(
            Locale.ROOT,
            ("%s, upstream wait %s ms, ramp %d s and warm-up of at most %d s not counted, then"
                + " %d s measured; clients give up after %s ms. %s on %d cores (%s), %s MiB, %s,"
                + " commit %s, started %s."),
            settings.load(),
            Numbers.whole(settings.waitMs()),
            settings.rampSeconds(),
            settings.warmupSeconds(),
            settings.durationSeconds(),
            Numbers.whole(settings.requestTimeoutMs()),
            machine.os(),
            machine.cores(),
            machine.cpu(),
            Numbers.whole(machine.memoryMiB()),
            machine.jdk(),
            machine.commit() == null ? "unknown" : machine.commit(),
            results.startedAt())
        + notRun
        + results.notes().stream().map(note -> " " + note).collect(Collectors.joining());
  }

  private static String pipes(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
