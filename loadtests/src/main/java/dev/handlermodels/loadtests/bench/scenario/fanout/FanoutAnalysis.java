package dev.handlermodels.loadtests.bench.scenario.fanout;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.Spread;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** A thousand upstream calls for one request, in the ways of the documents' two tables. */
final class FanoutAnalysis {
  static final int CALLS = 1000;

  /** The longest time for a thousand calls of 1 s, all at once. */
  static final double TARGET_MS = 1300;

  private static final String WHY =
      "Why: the number of calls that can wait at the same time decides. No server can be faster"
          + " than \"at least\": calls ÷ at once, rounded up, × wait. The time above that is CPU"
          + " work, which server and upstream share. A waiting call holds a callback on the loop,"
          + " a stack on the heap on virtual threads, and a thread in the pool, of which there"
          + " are 20 here. A second process adds memory, but no places to wait that the first one"
          + " lacks.";

  private static final List<String> HEAD =
      List.of(
          "",
          "calls",
          "wait",
          "at once",
          "at least",
          "wall time",
          "CPU",
          "CPU ÷ wall time",
          "peak RSS",
          "failed",
          "published: Python",
          "its memory",
          "its CPU");

  /** How the calls are made. */
  enum CallStrategy {
    SEQUENTIAL("one after the other, " + Servers.THREAD_POOL, Servers.THREAD_POOL, 1, 1),
    POOL("20 threads of a pool, " + Servers.THREAD_POOL, Servers.THREAD_POOL, 20, 1),
    LOOP("all at once on one event loop, " + Servers.EVENT_LOOP, Servers.EVENT_LOOP, CALLS, 1),
    VIRTUAL(
        "all at once on virtual threads, " + Servers.VIRTUAL_THREADS,
        Servers.VIRTUAL_THREADS,
        CALLS,
        1),
    PROCESSES(
        "half each on the event loops of two JVMs, " + Servers.EVENT_LOOP,
        Servers.EVENT_LOOP,
        CALLS / 2,
        2);

    final String label;
    final String server;

    /** Calls at the same time in each process. */
    final int concurrency;

    final int processes;

    CallStrategy(String label, String server, int concurrency, int processes) {
      this.label = label;
      this.server = server;
      this.concurrency = concurrency;
      this.processes = processes;
    }

    boolean allAtOnce() {
      return this == LOOP || this == VIRTUAL;
    }
  }

  /** The documents' figures; memory in MB, CPU in percent of all, null where they have none. */
  record PublishedFigures(double seconds, int megabytes, Integer cpuPercent) {}

  /** The documents' two tables. */
  enum Table {
    SECOND(
        "1000 upstream calls of 1 s",
        1000,
        Map.of(
            CallStrategy.SEQUENTIAL, new PublishedFigures(1000, 10, null),
            CallStrategy.LOOP, new PublishedFigures(15, 50, null),
            CallStrategy.POOL, new PublishedFigures(25, 200, null),
            CallStrategy.PROCESSES, new PublishedFigures(50, 500, null))),
    LOCALHOST(
        "1000 requests to localhost",
        45,
        Map.of(
            CallStrategy.SEQUENTIAL, new PublishedFigures(45.2, 120, 15),
            CallStrategy.LOOP, new PublishedFigures(2.8, 95, 75),
            CallStrategy.POOL, new PublishedFigures(3.1, 180, 85),
            CallStrategy.PROCESSES, new PublishedFigures(2.3, 800, 95)));

    final String label;
    final int waitMs;
    final Map<CallStrategy, PublishedFigures> published;

    Table(String label, int waitMs, Map<CallStrategy, PublishedFigures> published) {
      this.label = label;
      this.waitMs = waitMs;
      this.published = published;
    }
  }

  /**
   * All calls once.
   *
   * @param wallMs from the request to its answer; of two processes to the later one
   * @param cpuMs of the servers meanwhile; null where it could not be read
   * @param rssPeakMiB of the servers since their start, all together; null likewise
   * @param otherCores that neither servers nor upstream used; null likewise
   */
  record Round(
      Table table,
      CallStrategy way,
      int round,
      int calls,
      int waitMs,
      int atOnce,
      int failed,
      double wallMs,
      Double cpuMs,
      Double rssPeakMiB,
      Double otherCores) {}

  /** rounds.json. */
  record Raw(Machine machine, String setting, int planned, List<Round> rounds) {}

  /**
   * A way, over its rounds.
   *
   * @param targetReached null where the target does not apply
   */
  record Point(
      Table table,
      CallStrategy way,
      int calls,
      int waitMs,
      int atOnce,
      int failed,
      Spread wallMs,
      Double cpuMs,
      Double rssPeakMiB,
      Double otherCores,
      PublishedFigures published,
      Boolean targetReached) {

    boolean disturbed() {
      return Disturbance.byOthers(otherCores);
    }

    /** A run lasts at least this many waits, however fast the server is. */
    int leastMs() {
      return Math.ceilDiv(calls, Math.max(1, atOnce)) * waitMs;
    }
  }

  /** results.json. */
  record Findings(
      Machine machine,
      String setting,
      List<Point> rows,
      List<Round> rounds,
      List<String> findings) {}

  private FanoutAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("rounds.json");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rounds().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<Point> points = points(raw.rounds());
    List<String> findings = findings(points);
    if (raw.rounds().size() < raw.planned()) {
      findings.add("The run was cut short: rounds are missing.");
    }
    List<Section> sections =
        Arrays.stream(Table.values()).map(table -> section(table, points)).toList();
    ReportPage page =
        new ReportPage("A thousand calls for one request", raw.setting(), findings, sections);
    return ReportPageWriter.write(
        out, page, new Findings(raw.machine(), raw.setting(), points, raw.rounds(), findings));
  }

  static List<Point> points(List<Round> rounds) {
    List<Point> points = new ArrayList<>();
    for (Table table : Table.values()) {
      for (CallStrategy way : CallStrategy.values()) {
        List<Round> own =
            rounds.stream().filter(r -> r.table() == table && r.way() == way).toList();
        if (!own.isEmpty()) {
          points.add(point(table, way, own));
        }
      }
    }
    return points;
  }

  private static Point point(Table table, CallStrategy way, List<Round> own) {
    Round first = own.getFirst();
    Spread wall = spread(own, Round::wallMs);
    Spread cpu = spread(own, Round::cpuMs);
    Spread rss = spread(own, Round::rssPeakMiB);
    Spread others = spread(own, Round::otherCores);
    boolean targeted = table == Table.SECOND && way.allAtOnce() && first.calls() == CALLS;
    return new Point(
        table,
        way,
        first.calls(),
        first.waitMs(),
        first.atOnce(),
        own.stream().mapToInt(Round::failed).sum(),
        wall,
        cpu == null ? null : cpu.median(),
        rss == null ? null : rss.max(),
        others == null ? null : others.max(),
        table.published.get(way),
        targeted ? wall.median() < TARGET_MS : null);
  }

  private static Spread spread(List<Round> own, Function<Round, Double> value) {
    return Spread.of(own.stream().map(value).filter(Objects::nonNull).toList(), false);
  }

  static List<String> findings(List<Point> points) {
    List<String> findings = new ArrayList<>();
    for (Point point : points) {
      if (point.targetReached() != null) {
        findings.add(
            String.format(
                Locale.ROOT,
                "%s: %s calls of %s ms in %s ms (target %s ms: %s).",
                point.way().label,
                Numbers.whole(point.calls()),
                Numbers.whole(point.waitMs()),
                Numbers.whole(point.wallMs().median()),
                Numbers.whole(TARGET_MS),
                point.targetReached() ? "reached" : "not reached"));
      }
      if (point.failed() > 0) {
        findings.add(
            String.format(
                Locale.ROOT,
                "%s: %s calls failed.",
                point.way().label,
                Numbers.whole(point.failed())));
      }
    }
    findings.addAll(deviations(points));
    if (points.stream().anyMatch(Point::disturbed)) {
      findings.add("Some rounds were disturbed (marked *): others used more than 0.2 cores.");
    }
    return findings;
  }

  /** How the run differs from the published ones; what holds for several rows is said once. */
  private static List<String> deviations(List<Point> points) {
    Map<String, Integer> rows = new LinkedHashMap<>();
    for (Point point : points) {
      if (point.waitMs() != point.table().waitMs) {
        String wait =
            String.format(
                Locale.ROOT,
                "with a wait of %s ms instead of the published %s ms, so the wall time cannot be"
                    + " compared with the published one",
                Numbers.whole(point.waitMs()),
                Numbers.whole(point.table().waitMs));
        rows.merge(wait, 1, Integer::sum);
      }
      if (point.calls() != CALLS) {
        String calls =
            String.format(
                Locale.ROOT,
                "with %s calls instead of the published %s",
                Numbers.whole(point.calls()),
                Numbers.whole(CALLS));
        rows.merge(calls, 1, Integer::sum);
      }
    }
    return rows.entrySet().stream()
        .map(
            e ->
                String.format(
                    Locale.ROOT,
                    "%s of %s rows were measured %s.",
                    Numbers.whole(e.getValue()),
                    Numbers.whole(points.size()),
                    e.getKey()))
        .toList();
  }

  private static Section section(Table table, List<Point> all) {
    List<Point> points = all.stream().filter(point -> point.table() == table).toList();
    List<String> labels = points.stream().map(point -> point.way().label).toList();
    return new Section(
        table.label,
        List.of(
            WHY,
            "Memory is the resident size of the server's process at its peak, with the heap of"
                + " jvm.options; the published memory is that of a Python process. Published"
                + " figures are of another machine: read them for the shape."),
        HEAD,
        points.stream().map(FanoutAnalysis::cells).toList(),
        List.of(
            new Chart(
                "Wall time",
                "",
                "ms",
                true,
                labels,
                List.of(
                    new Line(
                        "measured",
                        List.of(),
                        points.stream().map(p -> p.wallMs().median()).toList()),
                    new Line(
                        "published: Python",
                        List.of(),
                        points.stream()
                            .map(p -> p.published() == null ? null : p.published().seconds() * 1000)
                            .toList())))));
  }

  private static List<String> cells(Point point) {
    PublishedFigures published = point.published();
    return List.of(
        point.way().label + (point.disturbed() ? " *" : ""),
        Numbers.whole(point.calls()),
        Numbers.whole(point.waitMs()) + " ms",
        Numbers.whole(point.atOnce()),
        Numbers.whole(point.leastMs()) + " ms",
        Numbers.whole(point.wallMs().median()) + " ms",
        point.cpuMs() == null ? Numbers.NONE : Numbers.whole(point.cpuMs()) + " ms",
        point.cpuMs() == null
            ? Numbers.NONE
            : Numbers.percent(point.cpuMs() / point.wallMs().median()),
        point.rssPeakMiB() == null ? Numbers.NONE : Numbers.whole(point.rssPeakMiB()) + " MiB",
        Numbers.whole(point.failed()),
        published == null ? Numbers.NONE : Numbers.text(published.seconds(), 1) + " s",
        published == null ? Numbers.NONE : Numbers.whole(published.megabytes()) + " MB",
        published == null || published.cpuPercent() == null
            ? Numbers.NONE
            : published.cpuPercent() + " %");
  }
}
