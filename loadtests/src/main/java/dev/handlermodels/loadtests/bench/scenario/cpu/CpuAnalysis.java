package dev.handlermodels.loadtests.bench.scenario.cpu;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Analyses how a handler that computes delays requests that only wait. */
final class CpuAnalysis {
  /** The highest p99 of /io beside work that is handed off, as a multiple of the wait. */
  static final double TARGET = 1.5;

  private static final Map<String, String> WHY =
      Map.of(
          Servers.EVENT_LOOP + BackgroundLoad.CPU, "CPU workers compute, and the loop goes on",
          Servers.EVENT_LOOP + BackgroundLoad.CPU_INLINE,
              "the loop computes, and everybody else waits",
          Servers.VIRTUAL_THREADS + BackgroundLoad.CPU,
              "CPU workers compute, the carriers stay free",
          Servers.VIRTUAL_THREADS + BackgroundLoad.CPU_INLINE,
              "each computation keeps a carrier until it is done",
          Servers.THREAD_POOL + BackgroundLoad.CPU,
              "pool threads compute, and the operating system shares the cores among them",
          Servers.THREAD_POOL + BackgroundLoad.CPU_INLINE, "the same as /cpu");

  private static final List<String> HEAD =
      List.of(
          "",
          "/io p50",
          "/io p99",
          "p99 ÷ wait",
          "/io answers/s",
          "CPU answers/s",
          "CPU p99",
          "units of work/s",
          "server, cores",
          "failures");

  /** The load that runs beside /io. */
  enum BackgroundLoad {
    NOTHING("alone", null),
    CPU("beside /cpu", "/cpu"),
    CPU_INLINE("beside /cpu/inline", "/cpu/inline");

    final String label;
    final String path;

    BackgroundLoad(String label, String path) {
      this.label = label;
      this.path = path;
    }
  }

  /**
   * One server under one load.
   *
   * @param cpu null where nothing ran beside /io
   * @param serverCores that its process used while both loads ran; null where it could not be read
   * @param otherCores that neither server, upstream nor generators used; null likewise
   */
  record Measured(
      String server,
      BackgroundLoad beside,
      Outcome io,
      Outcome cpu,
      Double serverCores,
      Double otherCores) {}

  /** measured.json. */
  record Raw(
      Machine machine, String setting, int waitMs, int work, int planned, List<Measured> rows) {}

  /**
   * A line of the table.
   *
   * @param ioP50Ms null where no request to /io ended in the window, as the next two
   * @param p99ByWait of /io
   * @param unitsPerSecond of work that were answered
   * @param targetReached null where the target does not apply: alone, and on the wrong way
   */
  record Point(
      String server,
      BackgroundLoad beside,
      Double ioP50Ms,
      Double ioP99Ms,
      Double p99ByWait,
      double ioPerSecond,
      Double cpuPerSecond,
      Double cpuP99Ms,
      Double unitsPerSecond,
      Double serverCores,
      Double otherCores,
      long failures,
      Boolean targetReached) {

    boolean disturbed() {
      return Disturbance.byOthers(otherCores);
    }
  }

  /** results.json. */
  record Findings(
      Machine machine,
      String setting,
      int waitMs,
      int work,
      List<Point> rows,
      List<String> findings) {}

  private CpuAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("measured.json");
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<Point> points =
        raw.rows().stream().map(row -> point(row, raw.waitMs(), raw.work())).toList();
    List<String> findings = findings(points, raw.planned());
    ReportPage page =
        new ReportPage(
            "What CPU work does to requests that wait",
            raw.setting(),
            findings,
            List.of(section(points)));
    return ReportPageWriter.write(
        out,
        page,
        new Findings(raw.machine(), raw.setting(), raw.waitMs(), raw.work(), points, findings));
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().size() == raw.planned();
  }

  static Point point(Measured row, int waitMs, int work) {
    Double p99Ms = row.io().p99Ms();
    Outcome cpu = row.cpu();
    return new Point(
        row.server(),
        row.beside(),
        row.io().p50Ms(),
        p99Ms,
        p99Ms == null ? null : (Double) Numbers.round(p99Ms / waitMs, 3),
        row.io().perSecond(),
        cpu == null ? null : cpu.perSecond(),
        cpu == null ? null : cpu.p99Ms(),
        cpu == null ? null : Numbers.round(cpu.perSecond() * work, 1),
        row.serverCores(),
        row.otherCores(),
        row.io().failures() + (cpu == null ? 0 : cpu.failures()),
        row.beside() == BackgroundLoad.CPU ? p99Ms != null && p99Ms <= TARGET * waitMs : null);
  }

  static List<String> findings(List<Point> points, int planned) {
    List<String> findings = new ArrayList<>();
    for (Point point : points) {
      if (point.beside() != BackgroundLoad.NOTHING) {
        findings.add(finding(point, alone(points, point.server())));
      }
    }
    if (points.size() < planned) {
      findings.add(ReportPage.cutShort(planned, points.size(), "rows"));
    }
    return findings;
  }

  private static Point alone(List<Point> points, String server) {
    return points.stream()
        .filter(p -> p.server().equals(server) && p.beside() == BackgroundLoad.NOTHING)
        .findFirst()
        .orElse(null);
  }

  private static String finding(Point point, Point alone) {
    String target =
        point.targetReached() == null
            ? ""
            : String.format(
                Locale.ROOT,
                " (target %s: %s)",
                Numbers.text(TARGET, 1),
                point.targetReached() ? "reached" : "not reached");
    return String.format(
        Locale.ROOT,
        "%s %s: %s%s; alone p99 was %s times the wait; %s units of work/s: %s.%s%s",
        point.server(),
        point.beside().label,
        point.ioP99Ms() == null
            ? "no request to /io was answered in the whole window"
            : String.format(
                Locale.ROOT,
                "p99 of /io is %s ms, %s times the wait",
                Numbers.whole(point.ioP99Ms()),
                Numbers.text(point.p99ByWait(), 2)),
        target,
        alone == null ? Numbers.NONE : Numbers.text(alone.p99ByWait(), 2),
        Numbers.whole(point.unitsPerSecond()),
        WHY.get(point.server() + point.beside()),
        point.failures() == 0
            ? ""
            : String.format(Locale.ROOT, " %s requests failed.", Numbers.whole(point.failures())),
        point.disturbed()
            ? String.format(
                Locale.ROOT,
                " Disturbed: others used %s cores.",
                Numbers.text(point.otherCores(), 2))
            : "");
  }

  private static Section section(List<Point> points) {
    List<String> servers = points.stream().map(Point::server).distinct().toList();
    List<Line> bars =
        Arrays.stream(BackgroundLoad.values())
            .map(
                beside ->
                    new Line(
                        beside.label,
                        List.of(),
                        servers.stream().map(server -> p99(points, server, beside)).toList()))
            .toList();
    return new Section(
        "/io beside CPU work",
        points.stream().anyMatch(Point::disturbed)
            ? List.of("* the machine was not idle: others used more than 0.2 cores.")
            : List.of(),
        HEAD,
        points.stream().map(CpuAnalysis::cells).toList(),
        List.of(new Chart("p99 of /io", "", "ms", true, servers, bars)));
  }

  private static Double p99(List<Point> points, String server, BackgroundLoad beside) {
    return points.stream()
        .filter(point -> point.server().equals(server) && point.beside() == beside)
        .findFirst()
        .map(Point::ioP99Ms)
        .orElse(null);
  }

  private static List<String> cells(Point point) {
    return List.of(
        point.server() + " " + point.beside().label + (point.disturbed() ? " *" : ""),
        Numbers.unit(point.ioP50Ms(), 0, "ms"),
        Numbers.unit(point.ioP99Ms(), 0, "ms"),
        Numbers.text(point.p99ByWait(), 2),
        Numbers.text(point.ioPerSecond(), 1),
        Numbers.text(point.cpuPerSecond(), 1),
        Numbers.unit(point.cpuP99Ms(), 0, "ms"),
        Numbers.whole(point.unitsPerSecond()),
        Numbers.text(point.serverCores(), 2),
        Numbers.whole(point.failures()));
  }
}
