package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.evidence.SettingsComparison;
import dev.handlermodels.loadtests.bench.evidence.Verdict;
import dev.handlermodels.loadtests.bench.profile.Profile;
import dev.handlermodels.loadtests.bench.report.ResultTable.Column;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** One page that needs nothing beside itself: text and tables from here, charts by Chart.js. */
public final class HtmlReport {
  private static final Pattern SLOT = Pattern.compile("\\{\\{(\\w+)}}");
  private static final String WEBJAR = "/META-INF/resources/webjars/chart.js/";
  private static final String WEBJAR_POM =
      "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";

  /** States that a reader has to look at, and that are no failure. */
  private static final List<String> WARNINGS =
      List.of("Starved", "Below", "Ceiling unknown", "No wait");

  private HtmlReport() {}

  /** A record, since the order of a Map.of changes from one JVM to the next. */
  private record Data(
      Results results, List<RowTimeSeries> series, Map<String, HandlerModel> models) {}

  static String of(Results results, List<RowTimeSeries> series, List<Profile> profiles)
      throws IOException {
    ResultTable table = ResultTable.of(results);
    Map<String, String> slots = new HashMap<>();
    slots.put("answers", answers(results));
    slots.put("proof", proof(BlockedLoopTable.of(results)));
    slots.put("ledger", settings(results.ledger()));
    slots.put("setting", escape(TextReport.setting(results)));
    slots.put("table", table(table));
    slots.put("cards", cards(table));
    slots.put("verdicts", summaries(results));
    slots.put("rows", rows(results));
    slots.put("profiles", ProfileHtml.graphs(profiles));
    slots.put("machine", machine(results));
    slots.put("data", data(results, series));
    slots.put("chartjs", chartJs());
    return fill(resource("/report.html"), slots);
  }

  static String fill(String template, Map<String, String> slots) {
    return SLOT.matcher(template)
        .replaceAll(slot -> Matcher.quoteReplacement(slots.get(slot.group(1))));
  }

  private static String answers(Results results) {
    return ModelAnswer.of(results).stream()
        .map(
            answer ->
                String.format(
                    Locale.ROOT,
                    "<li class=\"%s\"><h2>%s</h2><p class=\"figure\">%s</p><p>%s</p></li>\n",
                    answer.model().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    escape(answer.model().label),
                    escape(answer.figure()),
                    escape(answer.sentence())))
        .collect(Collectors.joining());
  }

  private static String table(ResultTable table) {
    StringBuilder html = new StringBuilder("<thead><tr class=\"groups\"><td></td>");
    int from = 0;
    for (int to = 1; to <= table.columns().size(); to++) {
      if (to == table.columns().size()
          || table.columns().get(to).original() != table.columns().get(from).original()) {
        html.append(
            String.format(
                Locale.ROOT,
                "<th scope=\"colgroup\" colspan=\"%d\">%s</th>",
                to - from,
                group(table.columns().get(from))));
        from = to;
      }
    }
    html.append("</tr><tr><td></td>");
    for (Column column : table.columns()) {
      html.append(
          String.format(
              Locale.ROOT,
              "<th scope=\"col\"%s>%s<br>%s%s</th>",
              published(column),
              escape(column.title()),
              escape(column.subtitle()),
              badge(column)));
    }
    html.append("</tr></thead><tbody>");
    for (int i = 0; i < ResultTable.LABELS.size(); i++) {
      html.append(
          String.format(
              Locale.ROOT,
              "<tr%s><th scope=\"row\">%s</th>",
              ResultTable.LABELS.get(i).equals(ResultTable.ANSWERS) ? " class=\"key\"" : "",
              escape(ResultTable.LABELS.get(i))));
      for (Column column : table.columns()) {
        html.append(
            String.format(
                Locale.ROOT, "<td%s>%s</td>", published(column), escape(column.cells().get(i))));
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody>").toString();
  }

  private static String group(Column column) {
    return column.original() ? "As in the original" : "New";
  }

  /** The same table for narrow screens: a card a column. */
  private static String cards(ResultTable table) {
    StringBuilder html = new StringBuilder();
    String before = "";
    for (Column column : table.columns()) {
      if (!group(column).equals(before)) {
        before = group(column);
        html.append("<h3 class=\"group\">").append(before).append("</h3>");
      }
      html.append(
          String.format(
              Locale.ROOT,
              "<article%s><h4>%s %s</h4>%s<dl>",
              published(column),
              escape(column.published() ? column.title() + ":" : column.title()),
              escape(column.subtitle()),
              badge(column)));
      for (int i = 0; i < ResultTable.LABELS.size(); i++) {
        if (!column.cells().get(i).equals(Numbers.NONE)) {
          html.append(
              String.format(
                  Locale.ROOT,
                  "<div%s><dt>%s</dt><dd>%s</dd></div>",
                  ResultTable.LABELS.get(i).equals(ResultTable.ANSWERS) ? " class=\"key\"" : "",
                  escape(ResultTable.LABELS.get(i)),
                  escape(column.cells().get(i))));
        }
      }
      html.append("</dl></article>\n");
    }
    return html.toString();
  }

  private static String badge(Column column) {
    return column.state().isEmpty() ? "" : badge(column.state());
  }

  private static String badge(String state) {
    String tone =
        state.startsWith("At its ceiling")
            ? "good"
            : WARNINGS.stream().anyMatch(state::startsWith) ? "warn" : "bad";
    return String.format(Locale.ROOT, "<span class=\"badge %s\">%s</span>", tone, escape(state));
  }

  private static String published(Column column) {
    return column.published() ? " class=\"published\"" : "";
  }

  private static String rows(Results results) {
    return results.summary().stream()
        .map(summary -> row(results.shown(summary), summary, results))
        .collect(Collectors.joining());
  }

  private static String proof(BlockedLoopTable proof) {
    if (proof.titles().isEmpty()) {
      return "";
    }
    String stack =
        proof.stack().isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                "<p>Where the loop was blocked when Vert.x warned:</p><pre>%s</pre>",
                escape(String.join("\n", proof.stack())));
    return String.format(
        Locale.ROOT,
        """
        <section id="proof"><h2>Proof of cause</h2>
        <p>The same blocking call on the event loop, on workers, and on virtual threads. Once a second the bench asked the
        main listener whether it lives, and at once again when it had given up on an answer. A loop's lag counts from the
        moment at which the loop was blocked, which may lie before the measured window.</p>
        %s%s</section>
        """,
        plainTable(proof.titles(), proof.lines()),
        stack);
  }

  private static String settings(SettingsComparison comparison) {
    return comparison.servers().isEmpty()
        ? "<p>No server reported its settings.</p>"
        : String.format(
            Locale.ROOT,
            "<p class=\"%s\">%s</p>%s",
            comparison.fair().fires() ? "summary" : "",
            escape(comparison.fair().sentence()),
            plainTable(comparison.servers(), comparison.lines()));
  }

  private static String plainTable(List<String> titles, List<List<String>> lines) {
    StringBuilder html =
        new StringBuilder("<div class=\"scroll\"><table class=\"plain\"><thead><tr><td></td>");
    titles.forEach(
        title ->
            html.append(String.format(Locale.ROOT, "<th scope=\"col\">%s</th>", escape(title))));
    html.append("</tr></thead><tbody>");
    for (List<String> line : lines) {
      html.append(
          String.format(Locale.ROOT, "<tr><th scope=\"row\">%s</th>", escape(line.getFirst())));
      line.stream()
          .skip(1)
          .forEach(cell -> html.append(String.format(Locale.ROOT, "<td>%s</td>", escape(cell))));
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>").toString();
  }

  /** Each run of a row that was repeated. */
  private static String runs(RowSummary summary, Results results) {
    List<RowResult> runs =
        results.rows().stream().filter(row -> row.id().equals(summary.id())).toList();
    if (runs.size() < 2) {
      return "";
    }
    List<List<String>> lines =
        runs.stream()
            .map(
                run ->
                    List.of(
                        String.format(
                            Locale.ROOT,
                            "Run %d%s",
                            run.repeat(),
                            run.repeat() == summary.medianRepeat() ? ", shown here" : ""),
                        run.status(),
                        Numbers.text(run.requestsPerSecond(), 1),
                        Numbers.text(run.successesPerSecond(), 1),
                        Numbers.whole(run.latencyMs() == null ? null : run.latencyMs().p50()),
                        Numbers.whole(run.latencyMs() == null ? null : run.latencyMs().p99())))
            .toList();
    return plainTable(List.of("Status", "Requests/s", "Answers/s", "p50, ms", "p99, ms"), lines);
  }

  private static String summaries(Results results) {
    return results.summary().stream()
        .map(
            summary -> {
              RowResult row = results.shown(summary);
              String sentence = row.verdict().summary();
              String state = ResultTable.state(sentence);
              return String.format(
                  Locale.ROOT,
                  "<li>%s <a href=\"#%s\">%s</a><p>%s</p></li>\n",
                  badge(state),
                  escape(summary.id()),
                  escape(TextReport.title(row, summary)),
                  escape(
                      sentence.startsWith(state + ": ")
                          ? upper(sentence.substring(state.length() + 2))
                          : sentence));
            })
        .collect(Collectors.joining());
  }

  private static String upper(String sentence) {
    return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
  }

  private static String row(RowResult row, RowSummary summary, Results results) {
    return String.format(
        Locale.ROOT,
        """
        <section id="%s"><h2>%s</h2>
        <p class="summary">%s</p>
        <div class="pair"><p>%s</p>
        <ul class="verdicts">%s</ul></div>
        %s%s
        <dl class="facts">%s</dl>
        <div class="charts" data-row="%s"></div>
        </section>
        """,
        escape(row.id()),
        escape(TextReport.title(row, summary)),
        escape(row.verdict().summary()),
        escape(row.verdict().why()),
        TextReport.verdicts(row, summary).stream()
            .map(HtmlReport::verdict)
            .collect(Collectors.joining()),
        lastLogLines(row),
        runs(summary, results),
        facts(row),
        escape(row.id()));
  }

  private static String verdict(Verdict verdict) {
    return String.format(
        Locale.ROOT,
        "<li class=\"%s\">%s</li>",
        verdict.fires() ? "fires" : verdict.sentence().startsWith("Unknown") ? "unknown" : "quiet",
        escape(verdict.sentence()));
  }

  private static String lastLogLines(RowResult row) {
    return row.lastLogLines().isEmpty()
        ? ""
        : "<pre>" + escape(String.join("\n", row.lastLogLines())) + "</pre>";
  }

  private static String facts(RowResult row) {
    RowResult.CpuSeconds cpu = row.cpuSeconds();
    RowResult.Threads threads = row.threads();
    return fact("Ready after", Numbers.whole(row.startupMs()) + " ms")
        + fact(
            "Memory, peak (grows with the heap touched)",
            Numbers.text(row.rssPeakMiB(), 1) + " MiB")
        + fact("Handler threads", Numbers.whole(threads == null ? null : threads.handlers()))
        + fact(
            "Busy handlers, mean", Numbers.text(threads == null ? null : threads.averageBusy(), 1))
        + fact("OS threads, peak", Numbers.whole(threads == null ? null : threads.osPeak()))
        + fact("CPU seconds, server", Numbers.text(cpu == null ? null : cpu.server(), 2))
        + fact("CPU seconds, upstream", Numbers.text(cpu == null ? null : cpu.upstream(), 2))
        + fact("CPU seconds, Gatling", Numbers.text(cpu == null ? null : cpu.gatling(), 2))
        + fact(
            "The bench itself",
            row.benchShareOfCore() == null
                ? Numbers.NONE
                : Numbers.percent(row.benchShareOfCore()) + " of a core")
        + fact("Upstream calls", Numbers.whole(row.upstreamCalls()))
        + fact("of them wasted", Numbers.whole(row.wastedUpstreamCalls()))
        + fact(
            "Loop lag, worst",
            row.loopLagMaxMs() == null ? Numbers.NONE : Numbers.text(row.loopLagMaxMs(), 1) + " ms")
        + fact(
            "Measured from",
            row.measuredFromSeconds() == null
                ? Numbers.NONE
                : Numbers.whole(row.measuredFromSeconds()) + " s after the first user")
        + fact("Failures by kind", failures(row.failuresByKind()));
  }

  private static String failures(Map<String, Long> kinds) {
    return kinds == null || kinds.isEmpty()
        ? "none"
        : kinds.entrySet().stream()
            .map(kind -> kind.getKey() + " " + Numbers.whole(kind.getValue()))
            .collect(Collectors.joining(", "));
  }

  private static String machine(Results results) {
    Machine machine = results.machine();
    Settings settings = results.settings();
    return fact("Operating system", machine.os())
        + fact("Processor", machine.cpu() + ", " + machine.cores() + " cores")
        + fact("Memory", Numbers.whole(machine.memoryMiB()) + " MiB")
        + fact("JDK", machine.jdk())
        + fact("Commit", machine.commit() == null ? "unknown" : machine.commit())
        + fact("Flags of servers and upstream", String.join(" ", machine.serverFlags()))
        + fact("Flags of Gatling", String.join(" ", machine.gatlingFlags()))
        + fact("Event loops", Numbers.whole(settings.eventLoops()))
        + fact("Fixed pool", Numbers.whole(settings.poolSize()))
        + fact("Workers of /io/offloaded", Numbers.whole(settings.workers()));
  }

  private static String fact(String name, String value) {
    return String.format(
        Locale.ROOT, "<div><dt>%s</dt><dd>%s</dd></div>", escape(name), escape(value));
  }

  /** Inside a script element only {@code <} can end it or change how it is read. */
  private static String data(Results results, List<RowTimeSeries> series) {
    Map<String, HandlerModel> models = new LinkedHashMap<>();
    results.shown().forEach(row -> models.put(row.server(), results.model(row)));
    return Json.LINE.writeValueAsString(new Data(results, series, models)).replace("<", "\\u003c");
  }

  static String chartJs() throws IOException {
    Properties pom = new Properties();
    try (InputStream in = open(WEBJAR_POM)) {
      pom.load(in);
    }
    String script = resource(WEBJAR + pom.getProperty("version") + "/dist/chart.umd.min.js");
    // The map is not in the page, and looking for it would be a request.
    return script.replaceAll("(?m)^//# sourceMappingURL=.*$", "").strip();
  }

  static String resource(String name) throws IOException {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream open(String name) throws IOException {
    InputStream in = HtmlReport.class.getResourceAsStream(name);
    if (in == null) {
      throw new IOException("The class path lacks " + name);
    }
    return in;
  }

  /** The style that all pages share. */
  public static String style() throws IOException {
    String page = resource("/report.html");
    String style = page.substring(page.indexOf("<style>"), page.indexOf("</style>"));
    return style.substring("<style>".length());
  }

  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
