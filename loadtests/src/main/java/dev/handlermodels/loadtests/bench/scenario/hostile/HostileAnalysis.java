package dev.handlermodels.loadtests.bench.scenario.hostile;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Attack;
import dev.handlermodels.loadtests.load.HostileLoad;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Analyses what clients that hold connections do to a server and to its good clients. */
final class HostileAnalysis {
  /** The highest p99 of the good clients under attack, as a multiple of their p99 alone. */
  static final double TARGET = 2.0;

  /** How late the bench may see that a connection was closed: it was opened after the first one. */
  private static final int SLACK_MS = 5_000;

  /** From the end of a connection's time to the end of the window. */
  private static final int REST_MS = SLACK_MS + 3_000;

  /** Descriptors that a pool may have opened for good while the attack went on. */
  private static final int LEFT_OPEN = 60;

  /** For a look at the heap while idle connections are still there. */
  static final int HEAP_PROBE_MS = 5_000;

  private static final double MIB_IN_KIB = 1024;
  private static final double KIB = 1024;

  private static final Map<Attack, Integer> CONNECTIONS =
      Map.of(
          Attack.SILENT, 1000,
          Attack.SLOW_HEADERS, 1000,
          Attack.SLOW_BODY, 1000,
          Attack.SLOW_READING, 1000,
          Attack.IDLE, 15_000);

  private static final List<String> HEAD =
      List.of(
          "",
          "held",
          "refused",
          "rid of all after",
          "good p99",
          "÷ p99 alone",
          "good failures",
          "memory",
          "memory/connection",
          "heap/connection",
          "OS threads",
          "heap left",
          "files left");

  /**
   * A server from outside, at one moment. What could not be read is null.
   *
   * @param heapBytes live heap, see {@link HeapProbe}; null where it was not looked at
   */
  record Reading(Long rssKiB, Integer osThreads, Integer openFiles, Long heapBytes) {
    static Reading of(ProcessHandle process, Long heapBytes) {
      Sample.ProcessUse use = ProcessSampler.process(process);
      return new Reading(
          use.rssKiB(), use.osThreads(), ProcessSampler.openFiles(process), heapBytes);
    }

    Reading withHeap(Long liveBytes) {
      return new Reading(rssKiB, osThreads, openFiles, liveBytes);
    }
  }

  /**
   * One attack on one server.
   *
   * @param alone the good clients without it, {@code beside} while it goes on
   * @param limitMs after which the server may have none of them, but for the idle ones
   * @param held most connections of the attackers that the server had open
   * @param goneAfterMs from the first connection until the server had closed them; null where it
   *     had not by the end
   * @param peak when most were open
   */
  record Measured(
      String server,
      Attack attack,
      int limitMs,
      KeepAliveLoad.Outcome alone,
      KeepAliveLoad.Outcome beside,
      HostileLoad.Outcome hostile,
      Integer held,
      Long goneAfterMs,
      Reading before,
      Reading peak,
      Reading after) {}

  /** measured.json. */
  record Raw(Machine machine, String setting, int planned, List<Measured> rows) {}

  /**
   * A line of the table. What was not measured is null.
   *
   * @param heapLeftBytes live heap after the attack less that before
   * @param targetReached good clients without a failure and, but for idle connections, within
   *     {@value #TARGET} × their p99 alone; attackers closed when their time was up, idle ones all
   *     held; no descriptors left
   */
  record Point(
      String server,
      Attack attack,
      Integer held,
      int refused,
      Long goneAfterMs,
      double goodP99Ms,
      double p99ByAlone,
      long goodFailures,
      Double rssMiB,
      Double rssBytesPerConnection,
      Double heapBytesPerConnection,
      Integer osThreads,
      Long heapLeftBytes,
      Integer filesLeft,
      boolean targetReached) {}

  /** results.json. */
  record Findings(Machine machine, String setting, List<Point> rows, List<String> findings) {}

  private HostileAnalysis() {}

  static int connections(Attack attack) {
    return CONNECTIONS.get(attack);
  }

  /** The server's time-out: attackers stay for most of the window and are gone at its end. */
  static int limitMs(int windowMs) {
    return windowMs - REST_MS;
  }

  /** How long good clients are measured. Idle connections are looked at, and end on time, later. */
  static int windowMs(Attack attack, int windowMs) {
    return attack == Attack.IDLE ? limitMs(windowMs) - HEAP_PROBE_MS - 1_000 : windowMs;
  }

  static String label(Attack attack) {
    return attack.label();
  }

  static Path raw(Path out) {
    return out.resolve("measured.json");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<Point> points = raw.rows().stream().map(HostileAnalysis::point).toList();
    List<String> findings = new ArrayList<>(points.stream().map(HostileAnalysis::finding).toList());
    if (points.size() < raw.planned()) {
      findings.add(ReportPage.cutShort(raw.planned(), points.size(), "rows"));
    }
    ReportPage page =
        new ReportPage("Hostile clients", raw.setting(), findings, List.of(section(points)));
    return ReportPageWriter.write(
        out, page, new Findings(raw.machine(), raw.setting(), points, findings));
  }

  static Point point(Measured row) {
    double p99Ms = row.beside().p99Us() / 1000.0;
    double byAlone = Numbers.round((double) row.beside().p99Us() / row.alone().p99Us(), 2);
    Integer filesLeft = less(row.after().openFiles(), row.before().openFiles());
    // While thousands connect at once a server is busy with that; that nobody fails is enough.
    boolean goodOnes =
        row.beside().failures() == 0 && (byAlone <= TARGET || row.attack() == Attack.IDLE);
    boolean badOnes =
        row.attack() == Attack.IDLE
            ? row.hostile().refused() == 0
                && row.held() != null
                && row.held() >= row.hostile().connections()
            : row.goneAfterMs() != null && row.goneAfterMs() <= row.limitMs() + SLACK_MS;
    return new Point(
        row.server(),
        row.attack(),
        row.held(),
        row.hostile().refused(),
        row.goneAfterMs(),
        p99Ms,
        byAlone,
        row.beside().failures(),
        row.peak().rssKiB() == null
            ? null
            : (Double) Numbers.round(row.peak().rssKiB() / MIB_IN_KIB, 1),
        perConnection(row),
        heapPerConnection(row),
        row.peak().osThreads(),
        row.after().heapBytes() == null || row.before().heapBytes() == null
            ? null
            : (Long) (row.after().heapBytes() - row.before().heapBytes()),
        filesLeft,
        goodOnes && badOnes && (filesLeft == null || filesLeft <= LEFT_OPEN));
  }

  private static Integer less(Integer more, Integer fewer) {
    return more == null || fewer == null ? null : (Integer) (more - fewer);
  }

  private static Double perConnection(Measured row) {
    return row.peak().rssKiB() == null
            || row.before().rssKiB() == null
            || row.held() == null
            || row.held() == 0
        ? null
        : Numbers.round((row.peak().rssKiB() - row.before().rssKiB()) * KIB / row.held(), 0);
  }

  private static Double heapPerConnection(Measured row) {
    return row.peak().heapBytes() == null
            || row.before().heapBytes() == null
            || row.held() == null
            || row.held() == 0
        ? null
        : Numbers.round(
            (row.peak().heapBytes() - row.before().heapBytes()) / (double) row.held(), 0);
  }

  static String finding(Point point) {
    String end =
        point.attack() == Attack.IDLE
            ? String.format(
                Locale.ROOT,
                "%s idle connections held, %s refused",
                Numbers.whole(point.held()),
                Numbers.whole(point.refused()))
            : point.goneAfterMs() == null
                ? String.format(
                    Locale.ROOT,
                    "%s connections held, not all closed by the end",
                    Numbers.whole(point.held()))
                : String.format(
                    Locale.ROOT,
                    "%s connections held, all closed after %s ms",
                    Numbers.whole(point.held()),
                    Numbers.whole(point.goneAfterMs()));
    return String.format(
        Locale.ROOT,
        "%s, %s: %s; p99 of the good clients is %s ms, %s times that alone%s. Target %s.",
        point.server(),
        label(point.attack()),
        end,
        Numbers.text(point.goodP99Ms(), 1),
        Numbers.text(point.p99ByAlone(), 2),
        point.goodFailures() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ", and %s of their requests failed",
                Numbers.whole(point.goodFailures())),
        point.targetReached() ? "reached" : "not reached");
  }

  private static Section section(List<Point> points) {
    List<String> servers = points.stream().map(Point::server).distinct().toList();
    List<Line> bars =
        Arrays.stream(Attack.values())
            .map(
                attack ->
                    new Line(
                        label(attack),
                        List.of(),
                        servers.stream().map(server -> p99(points, server, attack)).toList()))
            .toList();
    return new Section(
        "Good clients beside hostile ones",
        List.of(
            "held: connections that the server had open beside its good clients' and its own,"
                + " most of them at once. Memory and threads are of that moment; memory for each"
                + " connection is what the process has grown by, which is the heap it has touched"
                + " meanwhile, too, and heap for each what is live of it. Heap and files left are"
                + " those after the attack less those before. A fresh server for each row."),
        HEAD,
        points.stream().map(HostileAnalysis::cells).toList(),
        List.of(new Chart("p99 of the good clients", "", "ms", true, servers, bars)));
  }

  private static Double p99(List<Point> points, String server, Attack attack) {
    return points.stream()
        .filter(point -> point.server().equals(server) && point.attack() == attack)
        .map(Point::goodP99Ms)
        .findFirst()
        .orElse(null);
  }

  private static List<String> cells(Point point) {
    return List.of(
        point.server() + ", " + label(point.attack()),
        Numbers.whole(point.held()),
        Numbers.whole(point.refused()),
        point.goneAfterMs() == null ? Numbers.NONE : Numbers.whole(point.goneAfterMs()) + " ms",
        Numbers.text(point.goodP99Ms(), 1) + " ms",
        Numbers.text(point.p99ByAlone(), 2),
        Numbers.whole(point.goodFailures()),
        Numbers.whole(point.rssMiB()) + " MiB",
        kib(point.rssBytesPerConnection()),
        kib(point.heapBytesPerConnection()),
        Numbers.whole(point.osThreads()),
        kib(point.heapLeftBytes()),
        Numbers.whole(point.filesLeft()));
  }

  private static String kib(Number bytes) {
    return bytes == null ? Numbers.NONE : Numbers.text(bytes.doubleValue() / KIB, 1) + " KiB";
  }
}
