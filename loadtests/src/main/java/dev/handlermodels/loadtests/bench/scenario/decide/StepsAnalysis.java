package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.scenario.decide.StepArithmetic.Model;
import dev.handlermodels.loadtests.bench.scenario.decide.StepArithmetic.Reach;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Puts what a handler of some steps reached beside what the arithmetic said. */
final class StepsAnalysis {
  /** They agree within this. */
  static final double AGREE = 0.1;

  private static final List<String> HEAD =
      List.of(
          "",
          "arithmetic: at most",
          "measured",
          "of it",
          "p50",
          "p99",
          "failed",
          "server, cores",
          "machine, cores",
          "");

  /**
   * One model.
   *
   * @param busyCores of the whole machine; null where there is no /proc/stat
   */
  record Measured(
      Model model,
      String server,
      KeepAliveLoad.Outcome outcome,
      Double serverCores,
      Double busyCores) {}

  /** steps.json. */
  record Raw(
      Machine machine,
      String setting,
      StepArithmetic arithmetic,
      int planned,
      List<Measured> rows) {}

  /**
   * One model, as results.json has it.
   *
   * @param ceilingPerSecond by arithmetic
   */
  record Point(
      String server,
      double ceilingPerSecond,
      double answersPerSecond,
      double share,
      Double p50Ms,
      Double p99Ms,
      Double serverCores,
      Double busyCores,
      boolean agrees) {}

  /** results.json. */
  record Findings(Machine machine, List<Point> points, List<String> findings) {}

  private StepsAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("steps.json");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<String> findings = new ArrayList<>();
    for (Measured row : raw.rows()) {
      findings.add(finding(raw, row));
    }
    if (raw.rows().size() < raw.planned()) {
      findings.add(ReportPage.cutShort(raw.planned(), raw.rows().size(), "rows"));
    }
    ReportPage said = raw.arithmetic().page();
    findings.addAll(said.findings());
    List<Section> sections = new ArrayList<>();
    sections.add(section(raw));
    sections.addAll(said.sections());
    ReportPage page =
        new ReportPage(
            "Which model for these steps, by arithmetic and measured",
            raw.setting(),
            findings,
            sections);
    List<Point> points = raw.rows().stream().map(row -> point(raw, row)).toList();
    return ReportPageWriter.write(out, page, new Findings(raw.machine(), points, findings));
  }

  static Point point(Raw raw, Measured row) {
    double ceiling = raw.arithmetic().reach(row.model()).perSecond();
    double share = row.outcome().perSecond() / ceiling;
    return new Point(
        row.server(),
        Numbers.round(ceiling, 1),
        row.outcome().perSecond(),
        Numbers.round(share, 3),
        tenths(row.outcome().p50Ms()),
        tenths(row.outcome().p99Ms()),
        row.serverCores(),
        row.busyCores(),
        Math.abs(share - 1) <= AGREE);
  }

  static String finding(Raw raw, Measured row) {
    Point point = point(raw, row);
    Reach reach = raw.arithmetic().reach(row.model());
    return String.format(
        Locale.ROOT,
        "%s, %s: %s answers/s of at most %s/s (%s), and p50 %s ms where %s ms are the least. %s",
        row.model().label,
        row.server(),
        Numbers.text(point.answersPerSecond(), 1),
        Numbers.whole(point.ceilingPerSecond()),
        reach.binding().name(),
        Numbers.whole(point.p50Ms()),
        Numbers.whole(raw.arithmetic().answerMs(reach)),
        agreement(raw, row, point));
  }

  private static String agreement(Raw raw, Measured row, Point point) {
    if (row.outcome().failures() > 0) {
      return "Of all requests "
          + Numbers.whole(row.outcome().failures())
          + " failed, so the figures cannot be compared.";
    }
    if (point.agrees()) {
      return "The run agrees with the arithmetic.";
    }
    int cores = raw.machine().cores();
    if (Disturbance.byGenerator(row.outcome().cores())) {
      return "The load generator was at its limit.";
    }
    return Disturbance.processorsGaveOut(row.busyCores(), cores)
        ? String.format(
            Locale.ROOT,
            "The processors gave out first: %s of %s cores were busy, with upstream, load generator"
                + " and database on them. That is what the steps cost beside their waits.",
            Numbers.text(row.busyCores(), 2),
            Numbers.whole(cores))
        : "The run does not agree with the arithmetic, and processors were left.";
  }

  private static Section section(Raw raw) {
    return new Section(
        "Measured",
        List.of(
            "GET /steps does these steps, each as at its own endpoint: /io, /db, /cpu. They agree"
                + " within "
                + Numbers.percent(AGREE)
                + "."),
        HEAD,
        raw.rows().stream().map(row -> cells(raw, row)).toList(),
        List.of());
  }

  private static List<String> cells(Raw raw, Measured row) {
    Point point = point(raw, row);
    return List.of(
        row.model().label + ", " + row.server(),
        Numbers.whole(point.ceilingPerSecond()) + "/s",
        Numbers.text(point.answersPerSecond(), 1) + "/s",
        Numbers.percent(point.share()),
        Numbers.unit(point.p50Ms(), 1, "ms"),
        Numbers.unit(point.p99Ms(), 1, "ms"),
        Numbers.whole(row.outcome().failures()),
        Numbers.text(point.serverCores(), 2),
        Numbers.text(point.busyCores(), 2),
        point.agrees() ? "agrees" : "differs");
  }

  private static Double tenths(Double ms) {
    return ms == null ? null : (Double) Numbers.round(ms, 1);
  }
}
