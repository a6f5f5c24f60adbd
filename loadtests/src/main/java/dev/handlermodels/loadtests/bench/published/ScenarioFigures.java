package dev.handlermodels.loadtests.bench.published;

import dev.handlermodels.loadtests.bench.published.PublishedRuns.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What documents show of a committed run of a scenario. */
final class ScenarioFigures {
  private ScenarioFigures() {}

  /** The findings and the first table of its report. */
  static String of(Run run, String folder) throws IOException {
    List<String> report = Files.readAllLines(run.folder().resolve("report.md"));
    StringBuilder text = new StringBuilder(source(run, folder));
    int section = 0;
    for (String line : report) {
      section += line.startsWith("## ") ? 1 : 0;
      boolean findings = section == 0 && !line.startsWith("# ");
      boolean table = section == 1 && (line.startsWith("|") || line.isEmpty());
      boolean gap = line.isEmpty() && text.toString().endsWith("\n\n");
      if ((findings || table) && !gap) {
        text.append(line).append('\n');
      }
    }
    return text.toString().stripTrailing() + "\n";
  }

  private static String source(Run run, String folder) {
    return String.format(
        Locale.ROOT,
        "Measured by %s at commit %s on %s. [All tables](%sreport.md), [every"
            + " figure](%sresults.json), [how it was run](%sREADME.md).\n\n",
        run.commandText(),
        run.commitText(),
        run.date(),
        folder,
        folder,
        folder);
  }

  /** The decision matrix: each kind of work, the advice, and what was measured. */
  static String matrix(Run run, String folder) {
    StringBuilder text = new StringBuilder();
    text.append("| work | measured best | the choice of the guides |\n|---|---|---|\n");
    for (JsonNode choice : run.results().path("choices")) {
      String winner = PublishedRuns.text(choice, "winner");
      JsonNode held = choice.path("adviceHeld");
      text.append("| ")
          .append(PublishedRuns.text(choice, "work").toLowerCase(Locale.ROOT).replace('_', ' '))
          .append(" | ")
          .append(winner == null ? "nobody was in time" : "`" + winner + "`")
          .append(asGood(choice))
          .append(" | ")
          .append(
              held.isNull() || held.isMissingNode()
                  ? "no advice"
                  : held.asBoolean() ? "**confirmed**" : "**refuted**")
          .append(" |\n");
    }
    return text.append('\n').append(source(run, folder).strip()).append('\n').toString();
  }

  private static String asGood(JsonNode choice) {
    StringBuilder text = new StringBuilder();
    choice.path("asGood").forEach(one -> text.append(", `").append(one.asString()).append('`'));
    return text.toString();
  }
}
