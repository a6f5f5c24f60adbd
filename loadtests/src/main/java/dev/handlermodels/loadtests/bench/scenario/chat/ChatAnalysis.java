package dev.handlermodels.loadtests.bench.scenario.chat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ChatLoad;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Analyses what chats cost on each model. */
final class ChatAnalysis {
  /** What the 99th percentile of a delivery shall not exceed. */
  static final double TARGET_P99_MS = 250;

  private static final List<Integer> ROOM_SIZES = List.of(10, 1000);
  private static final double KIB = 1024;

  private static final String PUBLISHED =
      "Published, not measured here: an event loop holds 10,000 WebSockets on one machine, a thread"
          + " for each gives out near 1000.";

  private static final List<String> HEAD =
      List.of(
          "",
          "open",
          "all open after",
          "deliveries/s",
          "p50",
          "p99",
          "last p99",
          "lost",
          "CPU/delivery",
          "heap/connection",
          "RSS/connection",
          "RSS peak",
          "OS threads",
          "failures",
          "slow reader",
          "p99 meanwhile");

  /**
   * A row: a server, how it serves, how many are connected, and in rooms of which size.
   *
   * @param threadEach whether each connection has a thread of its own
   */
  record Row(String server, boolean threadEach, int connections, int roomSize) {
    static List<Row> all(List<Integer> connections) {
      List<Row> rows = new ArrayList<>();
      for (int count : connections) {
        for (int roomSize : ROOM_SIZES) {
          if (count >= roomSize) {
            for (String server : Servers.ALL) {
              rows.add(new Row(server, false, count, roomSize));
              if (Servers.model(server) == HandlerModel.THREAD_POOL) {
                rows.add(new Row(server, true, count, roomSize));
              }
            }
          }
        }
      }
      return rows;
    }

    String id() {
      return server + (threadEach ? "-thread-each" : "") + "-" + connections + "-" + roomSize;
    }

    String name() {
      return server + (threadEach ? ", a thread each" : "");
    }
  }

  /** A server from outside, at one moment. What could not be read is null. */
  record Reading(Long cpuMs, Long rssKiB, Long rssPeakKiB, Integer osThreads, Long heapBytes) {}

  /**
   * A row's folder.
   *
   * @param idle before the load
   * @param opened with all connections, before the first message
   * @param began when the window began, {@code ended} when it ended
   * @param otherCores what neither server nor generator used of the machine in the window
   */
  record Raw(
      Row row,
      ChatLoad.Outcome outcome,
      Reading idle,
      Reading opened,
      Reading began,
      Reading ended,
      Double otherCores) {

    static Path file(Path out, Row row) {
      return out.resolve(row.id()).resolve("chat.json");
    }
  }

  /** plan.json. */
  record Plan(Machine machine, int deliveriesPerSecond, List<Row> rows) {}

  /**
   * One row. What was not measured is null.
   *
   * @param targetReached nothing lost, and a p99 of at most {@value #TARGET_P99_MS} ms
   */
  record Point(
      Row row,
      int open,
      Long openedInMs,
      double deliveriesPerSecond,
      double shareOfPlan,
      double p50Ms,
      double p99Ms,
      double lastP99Ms,
      long lost,
      int disorder,
      Double cpuUsPerDelivery,
      Double heapBytesPerConnection,
      Double rssBytesPerConnection,
      Double rssPeakMiB,
      Integer osThreads,
      int failures,
      String slowReader,
      double slowPhaseP99Ms,
      double generatorCores,
      double generatorLateP99Ms,
      Double otherCores,
      boolean targetReached) {

    boolean disturbed() {
      return Disturbance.byGenerator(generatorCores) || Disturbance.byOthers(otherCores);
    }
  }

  /** results.json. */
  record Findings(Machine machine, List<Point> points, List<String> findings) {}

  private ChatAnalysis() {}

  static Path plan(Path out) {
    return out.resolve("plan.json");
  }

  static boolean complete(Path out) throws IOException {
    Plan plan = Json.read(plan(out), Plan.class);
    List<Point> points = points(out, plan);
    return points.size() == plan.rows().size();
  }

  static ReportPage report(Path out) throws IOException {
    Plan plan = Json.read(plan(out), Plan.class);
    List<Point> points = points(out, plan);
    List<String> findings = points.stream().map(ChatAnalysis::finding).toList();
    ReportPage page = new ReportPage("Chat rooms", setting(plan), findings, sections(plan, points));
    return ReportPageWriter.write(out, page, new Findings(plan.machine(), points, findings));
  }

  private static List<Point> points(Path out, Plan plan) throws IOException {
    List<Point> points = new ArrayList<>();
    for (Row row : plan.rows()) {
      Path raw = Raw.file(out, row);
      if (Files.exists(raw)) {
        points.add(point(Json.read(raw, Raw.class), plan.deliveriesPerSecond()));
      }
    }
    return points;
  }

  private static String setting(Plan plan) {
    return String.format(
        Locale.ROOT,
        "Messages of some 75 bytes, so many that there are %s deliveries a second, from the load"
            + " generator of chats (one thread). %s",
        Numbers.whole(plan.deliveriesPerSecond()),
        plan.machine().sentence());
  }

  static Point point(Raw raw, int plannedPerSecond) {
    ChatLoad.Outcome outcome = raw.outcome();
    double p99Ms = ms(outcome.deliveryP99Us());
    return new Point(
        raw.row(),
        outcome.open(),
        outcome.openedInMs(),
        Numbers.round(outcome.deliveriesPerSecond(), 1),
        Numbers.round(outcome.deliveriesPerSecond() / plannedPerSecond, 4),
        ms(outcome.deliveryP50Us()),
        p99Ms,
        ms(outcome.lastP99Us()),
        outcome.lost(),
        outcome.disorder(),
        Numbers.differenceFor(
            raw.ended().cpuMs(), raw.began().cpuMs(), outcome.deliveries() / 1000.0),
        Numbers.differenceFor(raw.opened().heapBytes(), raw.idle().heapBytes(), outcome.open()),
        Numbers.differenceFor(raw.opened().rssKiB(), raw.idle().rssKiB(), outcome.open() / KIB),
        Numbers.mib(raw.ended().rssPeakKiB()),
        raw.ended().osThreads(),
        outcome.failures(),
        outcome.slowFate(),
        ms(outcome.slowPhaseP99Us()),
        outcome.cores(),
        ms(outcome.generatorLateP99Us()),
        raw.otherCores(),
        outcome.open() >= raw.row().connections()
            && outcome.lost() == 0
            && outcome.disorder() == 0
            && outcome.messages() > 0
            && p99Ms <= TARGET_P99_MS);
  }

  private static double ms(long us) {
    return Numbers.round(us / 1000.0, 2);
  }

  static String finding(Point point) {
    String disturbed =
        point.disturbed()
            ? String.format(
                Locale.ROOT,
                " Disturbed: the generator used %s cores of its one and was late by %s ms (p99),"
                    + " others used %s cores; the times are not the server's alone.",
                Numbers.text(point.generatorCores(), 2),
                Numbers.text(point.generatorLateP99Ms(), 1),
                Numbers.text(point.otherCores(), 2))
            : "";
    String wrong =
        point.lost() + point.failures() + point.disorder() == 0
            ? " Nothing was lost."
            : String.format(
                Locale.ROOT,
                " %s deliveries were lost, %s came out of order, %s connections failed.",
                Numbers.whole(point.lost()),
                Numbers.whole(point.disorder()),
                Numbers.whole(point.failures()));
    return String.format(
        Locale.ROOT,
        "%s, %s of %s connections in rooms of %s: %s deliveries/s, p50 %s ms, p99 %s ms; %s µs of"
            + " CPU for each, %s KiB of memory for an idle connection, %s of it live heap; %s OS"
            + " threads. Target, p99 of at most %s ms and nothing lost: %s.%s%s",
        point.row().name(),
        Numbers.whole(point.open()),
        Numbers.whole(point.row().connections()),
        Numbers.whole(point.row().roomSize()),
        Numbers.whole(point.deliveriesPerSecond()),
        Numbers.text(point.p50Ms(), 1),
        Numbers.text(point.p99Ms(), 1),
        Numbers.text(point.cpuUsPerDelivery(), 1),
        Numbers.kib(point.rssBytesPerConnection()),
        Numbers.kib(point.heapBytesPerConnection()),
        Numbers.whole(point.osThreads()),
        Numbers.whole(TARGET_P99_MS),
        point.targetReached() ? "reached" : "not reached",
        wrong,
        disturbed);
  }

  private static List<Section> sections(Plan plan, List<Point> points) {
    List<Section> sections = new ArrayList<>();
    plan.rows().stream()
        .map(row -> List.of(row.connections(), row.roomSize()))
        .distinct()
        .forEach(
            size ->
                sections.add(
                    section(
                        size,
                        points.stream()
                            .filter(
                                point ->
                                    size.equals(
                                        List.of(point.row().connections(), point.row().roomSize())))
                            .toList())));
    return sections;
  }

  private static Section section(List<Integer> size, List<Point> points) {
    return new Section(
        String.format(
            Locale.ROOT,
            "%s connections in rooms of %s",
            Numbers.whole(size.getFirst()),
            Numbers.whole(size.getLast())),
        points.stream().anyMatch(Point::disturbed)
            ? List.of(
                PUBLISHED,
                "* the load generator was near its own limit, or others used the machine: the"
                    + " times are not the server's alone.")
            : List.of(PUBLISHED),
        HEAD,
        points.stream().map(ChatAnalysis::cells).toList(),
        List.of(
            bars("A delivery, p99", "ms", points, Point::p99Ms),
            bars("Memory of the server, peak", "MiB", points, Point::rssPeakMiB)));
  }

  private static Chart bars(
      String title, String unit, List<Point> points, Function<Point, Double> value) {
    return Chart.bars(
        title,
        unit,
        points.stream().map(point -> point.row().name()).toList(),
        points.stream().map(value).toList());
  }

  private static List<String> cells(Point point) {
    return List.of(
        point.row().name() + (point.disturbed() ? " *" : ""),
        Numbers.whole(point.open()),
        Numbers.whole(point.openedInMs()) + " ms",
        Numbers.whole(point.deliveriesPerSecond()),
        Numbers.text(point.p50Ms(), 1) + " ms",
        Numbers.text(point.p99Ms(), 1) + " ms",
        Numbers.text(point.lastP99Ms(), 1) + " ms",
        Numbers.whole(point.lost()),
        Numbers.text(point.cpuUsPerDelivery(), 1) + " µs",
        Numbers.kib(point.heapBytesPerConnection()) + " KiB",
        Numbers.kib(point.rssBytesPerConnection()) + " KiB",
        Numbers.whole(point.rssPeakMiB()) + " MiB",
        Numbers.whole(point.osThreads()),
        Numbers.whole(point.failures()),
        point.slowReader() == null ? Numbers.NONE : point.slowReader(),
        point.slowReader() == null
            ? Numbers.NONE
            : Numbers.text(point.slowPhaseP99Ms(), 1) + " ms");
  }
}
