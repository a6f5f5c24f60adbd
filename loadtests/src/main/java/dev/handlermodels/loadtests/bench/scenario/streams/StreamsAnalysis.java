package dev.handlermodels.loadtests.bench.scenario.streams;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.StreamLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Analyses what thousands of server-sent event streams cost on each model. */
final class StreamsAnalysis {
  /** The memory of a server that 5000 streams have to fit into. */
  static final int TARGET_RSS_MIB = 600;

  static final int TARGET_STREAMS = 5000;

  private static final double KIB = 1024;

  /** What a stream occupies between two items. */
  private static final Map<HandlerModel, String> WHY =
      Map.of(
          HandlerModel.EVENT_LOOP, "a timer and a callback",
          HandlerModel.VIRTUAL_THREADS, "a virtual thread asleep, its stack on the heap",
          HandlerModel.THREAD_POOL,
              "a thread of the operating system, its stack outside of the heap");

  private static final String PUBLISHED =
      "Published, not measured here: an async server holds 10,000 connections and more, a thread"
          + " for each gives out near 1000.";

  private static final List<String> HEAD =
      List.of(
          "",
          "open",
          "all open after",
          "to open p50",
          "to open p99",
          "events/s",
          "late p50",
          "late p99",
          "CPU/event",
          "GC stops",
          "heap/stream",
          "RSS/stream",
          "RSS peak",
          "OS threads",
          "failures");

  /**
   * A server from outside, at one moment. What could not be read is null.
   *
   * @param heapBytes live heap, see {@link HeapProbe}
   * @param gcPauseMs that the collector has stopped the server for since its start
   */
  record Reading(
      Long cpuMs,
      Long rssKiB,
      Long rssPeakKiB,
      Integer osThreads,
      Long heapBytes,
      Long inFlight,
      Double gcPauseMs) {}

  /**
   * A server's folder.
   *
   * @param idle before the load, after a few streams
   * @param began when the window began, {@code ended} when it ended
   * @param otherCores what neither server nor generator used of the machine in the window
   */
  record Raw(
      String server,
      StreamLoad.Outcome outcome,
      Reading idle,
      Reading began,
      Reading ended,
      Double otherCores) {

    static Path file(Path out, String server) {
      return out.resolve(server).resolve("streams.json");
    }
  }

  /** plan.json. */
  record Plan(Machine machine, StreamLoad.Plan load) {}

  /**
   * One server. What was not measured is null.
   *
   * @param gcPauseMs that the collector stopped the server for in the window
   * @param targetReached whether {@value #TARGET_STREAMS} streams or more were open in less than
   *     {@value #TARGET_RSS_MIB} MiB; null for fewer streams
   */
  record Point(
      String server,
      int open,
      Long openedInMs,
      double openP50Ms,
      double openP99Ms,
      double eventsPerSecond,
      double shareOfSchedule,
      double lateP50Ms,
      double lateP99Ms,
      double lateMaxMs,
      Double cpuUsPerEvent,
      Double gcPauseMs,
      Double heapBytesPerStream,
      Double rssBytesPerStream,
      Double rssPeakMiB,
      Integer osThreads,
      int failures,
      int lostItems,
      double generatorCores,
      Double otherCores,
      Boolean targetReached) {

    boolean disturbed() {
      return Disturbance.byGenerator(generatorCores) || Disturbance.byOthers(otherCores);
    }
  }

  /** results.json. */
  record Findings(Machine machine, List<Point> points, List<String> findings) {}

  private StreamsAnalysis() {}

  static Path plan(Path out) {
    return out.resolve("plan.json");
  }

  static boolean complete(Path out) throws IOException {
    List<Point> points = points(out, Json.read(plan(out), Plan.class).load());
    return points.size() == Servers.ALL.size()
        && points.stream().allMatch(point -> point.failures() == 0 && point.lostItems() == 0);
  }

  static ReportPage report(Path out) throws IOException {
    Plan plan = Json.read(plan(out), Plan.class);
    List<Point> points = points(out, plan.load());
    List<String> findings = points.stream().map(StreamsAnalysis::finding).toList();
    ReportPage page =
        new ReportPage(
            "Streams at once", setting(plan), findings, List.of(section(points, plan.load())));
    return ReportPageWriter.write(out, page, new Findings(plan.machine(), points, findings));
  }

  private static List<Point> points(Path out, StreamLoad.Plan load) throws IOException {
    List<Point> points = new ArrayList<>();
    for (String server : Servers.ALL) {
      Path raw = Raw.file(out, server);
      if (Files.exists(raw)) {
        points.add(point(Json.read(raw, Raw.class), load));
      }
    }
    return points;
  }

  private static String setting(Plan plan) {
    return String.format(
        Locale.ROOT,
        ("%s streams at once, an item every %d ms on each, for %d s after %d s of warm-up, from"
            + " the load generator of streams (one thread); a pool of %s threads. %s"),
        Numbers.whole(plan.load().streams()),
        plan.load().everyMs(),
        plan.load().windowMs() / 1000,
        plan.load().warmupMs() / 1000,
        Numbers.whole(plan.load().streams()),
        plan.machine().sentence());
  }

  static Point point(Raw raw, StreamLoad.Plan load) {
    StreamLoad.Outcome outcome = raw.outcome();
    double scheduled = load.streams() * 1000.0 / load.everyMs();
    Double rssPeakMiB = Numbers.mib(raw.ended().rssPeakKiB());
    boolean enough = load.streams() >= TARGET_STREAMS;
    return new Point(
        raw.server(),
        outcome.open(),
        outcome.openedInMs(),
        ms(outcome.openP50Us()),
        ms(outcome.openP99Us()),
        Numbers.round(outcome.perSecond(), 1),
        Numbers.round(outcome.perSecond() / scheduled, 4),
        ms(outcome.lateP50Us()),
        ms(outcome.lateP99Us()),
        ms(outcome.lateMaxUs()),
        Numbers.differenceFor(raw.ended().cpuMs(), raw.began().cpuMs(), outcome.events() / 1000.0),
        Numbers.differenceFor(raw.ended().gcPauseMs(), raw.began().gcPauseMs(), 1),
        Numbers.differenceFor(raw.ended().heapBytes(), raw.idle().heapBytes(), outcome.open()),
        Numbers.differenceFor(raw.ended().rssKiB(), raw.idle().rssKiB(), outcome.open() / KIB),
        rssPeakMiB,
        raw.ended().osThreads(),
        outcome.failures(),
        outcome.lostItems(),
        outcome.cores(),
        raw.otherCores(),
        !enough || rssPeakMiB == null
            ? null
            : (Boolean) (outcome.open() >= TARGET_STREAMS && rssPeakMiB < TARGET_RSS_MIB));
  }

  private static double ms(long us) {
    return Numbers.round(us / 1000.0, 2);
  }

  static String finding(Point point) {
    String target =
        point.targetReached() == null
            ? ""
            : String.format(
                Locale.ROOT,
                " Target, %s streams in %d MiB: %s.",
                Numbers.whole(TARGET_STREAMS),
                TARGET_RSS_MIB,
                point.targetReached() ? "reached" : "not reached");
    String lost =
        point.failures() + point.lostItems() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                " %s streams failed, %s items were lost.",
                Numbers.whole(point.failures()),
                Numbers.whole(point.lostItems()));
    String disturbed =
        point.disturbed()
            ? String.format(
                Locale.ROOT,
                " Disturbed: the generator used %s cores of its one, others %s; lateness is not"
                    + " the server's alone.",
                Numbers.text(point.generatorCores(), 2),
                Numbers.text(point.otherCores(), 2))
            : "";
    return String.format(
        Locale.ROOT,
        ("%s: %s streams, %s of the scheduled events, late by %s ms (p50) and %s ms (p99);"
            + " between two items each stream holds %s: %s KiB of live heap and %s KiB of memory"
            + " in all; RSS peak %s MiB on %s OS threads.%s%s%s"),
        point.server(),
        Numbers.whole(point.open()),
        Numbers.percent(point.shareOfSchedule()),
        Numbers.text(point.lateP50Ms(), 1),
        Numbers.text(point.lateP99Ms(), 1),
        WHY.get(Servers.model(point.server())),
        Numbers.kib(point.heapBytesPerStream()),
        Numbers.kib(point.rssBytesPerStream()),
        Numbers.whole(point.rssPeakMiB()),
        Numbers.whole(point.osThreads()),
        target,
        lost,
        disturbed);
  }

  private static Section section(List<Point> points, StreamLoad.Plan load) {
    return new Section(
        String.format(
            Locale.ROOT,
            "%s streams, an item every %d ms",
            Numbers.whole(load.streams()),
            load.everyMs()),
        points.stream().anyMatch(Point::disturbed)
            ? List.of(
                PUBLISHED,
                "* the load generator was near its own limit, or others used the machine:"
                    + " lateness is not the server's alone.")
            : List.of(PUBLISHED),
        HEAD,
        points.stream().map(StreamsAnalysis::cells).toList(),
        List.of(
            bars("Memory of the server, peak", "MiB", points, Point::rssPeakMiB),
            bars("Lateness of an event, p99", "ms", points, Point::lateP99Ms)));
  }

  private static Chart bars(
      String title, String unit, List<Point> points, Function<Point, Double> value) {
    return Chart.bars(
        title,
        unit,
        points.stream().map(Point::server).toList(),
        points.stream().map(value).toList());
  }

  private static List<String> cells(Point point) {
    return List.of(
        point.server() + (point.disturbed() ? " *" : ""),
        Numbers.whole(point.open()),
        Numbers.whole(point.openedInMs()) + " ms",
        Numbers.text(point.openP50Ms(), 1) + " ms",
        Numbers.text(point.openP99Ms(), 1) + " ms",
        Numbers.whole(point.eventsPerSecond()),
        Numbers.text(point.lateP50Ms(), 1) + " ms",
        Numbers.text(point.lateP99Ms(), 1) + " ms",
        Numbers.text(point.cpuUsPerEvent(), 0) + " µs",
        point.gcPauseMs() == null ? Numbers.NONE : Numbers.whole(point.gcPauseMs()) + " ms",
        Numbers.kib(point.heapBytesPerStream()) + " KiB",
        Numbers.kib(point.rssBytesPerStream()) + " KiB",
        Numbers.whole(point.rssPeakMiB()) + " MiB",
        Numbers.whole(point.osThreads()),
        Numbers.whole(point.failures()));
  }
}
