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
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

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

  /** The longest that a newcomer may wait for an answer once the attackers have left. */
  private static final long NEWCOMER_MS = 2_000;

  /**
   * Live heap that may stay: what a server builds once, when something happens for the first time.
   */
  private static final long LEFT_HEAP_BYTES = 4L * 1024 * 1024;

  /** What the kernel may hold for a hundred clients that do not read. */
  private static final long KERNEL_BYTES = 64L * 1024 * 1024;

  /** The heap of jvm.options, and a small one. */
  private static final List<Integer> HEAPS = List.of(256, 64);

  /** The attacks that do not test memory: with as much of it as in ./bench scale. */
  private static final Set<Attack> WITH_MUCH_HEAP =
      EnumSet.of(
          Attack.SILENT, Attack.SLOW_HEADERS, Attack.SLOW_BODY, Attack.SLOW_READING, Attack.IDLE);

  private static final List<Integer> MUCH_HEAP = List.of(1024);

  /**
   * A setting that is not the server's default, and the attacks beside which it is set.
   *
   * @param name the environment variable
   */
  private record Own(String name, int value, Set<Attack> beside) {}

  private static final List<Own> OWN =
      List.of(
          // Their requests are valid and take places: of MAX_IN_FLIGHT, or of a pool of threads.
          // This leaves some to others: it is half of POOL_SIZE, and more than good clients have.
          new Own(
              "MAX_IN_FLIGHT_PER_CLIENT",
              20,
              EnumSet.of(
                  Attack.LARGE_HEADS,
                  Attack.WAITING,
                  Attack.PIPELINING,
                  Attack.RACE,
                  Attack.FANOUT)),
          new Own("MAX_CONNECTIONS_PER_CLIENT", 1000, EnumSet.of(Attack.WAITING)),
          // Each of them asks for ten times as many.
          new Own("FANOUT_CONCURRENCY", 100, EnumSet.of(Attack.FANOUT)),
          // By default half of the descriptors are for the upstream, and of 20,000 the other half
          // is not enough for all clients.
          new Own("UPSTREAM_MAX_CONNECTIONS", 1000, EnumSet.of(Attack.IDLE)));

  /** Until 15,000 connections have come, and the good clients have been measured beside them. */
  private static final int IDLE_LIMIT_MS = 22_000;

  /** The attackers whom the server has to close when their time is up. */
  private static final Set<Attack> CLOSED_ON_TIME =
      EnumSet.of(
          Attack.SILENT, Attack.SLOW_HEADERS, Attack.SLOW_BODY, Attack.SLOW_READING, Attack.UNREAD);

  private static final List<String> HEAD =
      List.of(
          "",
          "process",
          "held",
          "refused",
          "rid of all after",
          "good p99",
          "÷ p99 alone",
          "slowest",
          "good refused",
          "good failures",
          "newcomer after",
          "memory",
          "memory/connection",
          "heap/connection",
          "OS threads",
          "heap left",
          "kernel memory",
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
   * @param kernelBytes by which the kernel's memory for TCP grew, of the whole machine
   * @param newcomerMs from the end of the attack until a new connection had an answer; null where
   *     none had
   * @param peak when most were open
   * @param exitCode of the server; null where it was alive at the end. A dead one has no readings
   */
  record Measured(
      String server,
      Attack attack,
      int heapMiB,
      int limitMs,
      KeepAliveLoad.Outcome alone,
      KeepAliveLoad.Outcome beside,
      HostileLoad.Outcome hostile,
      Integer held,
      Long goneAfterMs,
      Long kernelBytes,
      Long newcomerMs,
      Reading before,
      Reading peak,
      Reading after,
      Integer exitCode) {}

  /** measured.json. */
  record Raw(Machine machine, String setting, int planned, List<Measured> rows) {}

  /**
   * A line of the table. What was not measured is null.
   *
   * @param heapLeftBytes live heap after the attack less that before
   * @param goodRefused answers 503 and 429 to good clients, none of which is one of {@code
   *     goodFailures}
   * @param targetReached the process alive; good clients without a failure or a refusal, and, but
   *     for {@link Attack#IDLE}, within {@value #TARGET} × their p99 alone; slow attackers closed
   *     when their time was up, with at most {@value #KERNEL_BYTES} bytes in the kernel for those
   *     of {@link Attack#UNREAD}, those of {@link Attack#IDLE} all held; afterwards newcomers
   *     answered within {@value #NEWCOMER_MS} ms, and neither heap nor descriptors left
   */
  record Point(
      String server,
      Attack attack,
      int heapMiB,
      Integer exitCode,
      Integer held,
      Integer refused,
      Long goneAfterMs,
      Double goodP99Ms,
      Double p99ByAlone,
      Double goodMaxMs,
      Long goodRefused,
      Long goodFailures,
      Long newcomerMs,
      Double rssMiB,
      Double rssBytesPerConnection,
      Double heapBytesPerConnection,
      Integer osThreads,
      Long heapLeftBytes,
      Long kernelBytes,
      Integer filesLeft,
      boolean targetReached) {
    String label() {
      return String.format(Locale.ROOT, "%s, %s, %d MiB", server, attack.label(), heapMiB);
    }
  }

  /** results.json. */
  record Findings(Machine machine, String setting, List<Point> rows, List<String> findings) {}

  private HostileAnalysis() {}

  /** The heaps at which an attack is measured, in MiB, unless others are asked for. */
  static List<Integer> heaps(Attack attack) {
    return WITH_MUCH_HEAP.contains(attack) ? MUCH_HEAP : HEAPS;
  }

  /** Whether the server's limits of time are to end within the window. */
  static boolean isClosedOnTime(Attack attack) {
    return CLOSED_ON_TIME.contains(attack);
  }

  /** Those of a server beside this attack that are not its defaults, but for limits of time. */
  static Map<String, String> ownSettings(Attack attack) {
    return OWN.stream()
        .filter(own -> own.beside().contains(attack))
        .collect(Collectors.toMap(Own::name, own -> Integer.toString(own.value())));
  }

  /** {@code MAX_IN_FLIGHT_PER_CLIENT is 20 beside large heads, waiting. …}: all of them. */
  static String ownSettingsText() {
    return OWN.stream()
        .map(
            own ->
                String.format(
                    Locale.ROOT,
                    "%s is %d beside %s.",
                    own.name(),
                    own.value(),
                    own.beside().stream().map(Attack::label).collect(Collectors.joining(", "))))
        .collect(Collectors.joining(" "));
  }

  /** The server's time-out: attackers stay for most of the window and are gone at its end. */
  static int limitMs(Attack attack, int windowMs) {
    return attack == Attack.IDLE ? IDLE_LIMIT_MS : windowMs - REST_MS;
  }

  /** How long good clients are measured. Idle connections are looked at, and end on time, later. */
  static int windowMs(Attack attack, int windowMs) {
    return attack == Attack.IDLE ? limitMs(attack, windowMs) - HEAP_PROBE_MS - 1_000 : windowMs;
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
    List<String> findings = new ArrayList<>(findings(points));
    if (points.size() < raw.planned()) {
      findings.add(ReportPage.cutShort(raw.planned(), points.size(), "rows"));
    }
    List<Section> sections =
        points.stream()
            .map(Point::heapMiB)
            .distinct()
            .map(heap -> section(heap, points.stream().filter(p -> p.heapMiB() == heap).toList()))
            .toList();
    ReportPage page = new ReportPage("Hostile clients", raw.setting(), findings, sections);
    return ReportPageWriter.write(
        out, page, new Findings(raw.machine(), raw.setting(), points, findings));
  }

  /** How many rows of each server reach their target, and a sentence for each that does not. */
  private static List<String> findings(List<Point> points) {
    List<String> findings = new ArrayList<>();
    for (String server : points.stream().map(Point::server).distinct().toList()) {
      List<Point> own = points.stream().filter(point -> point.server().equals(server)).toList();
      List<Point> missed = own.stream().filter(point -> !point.targetReached()).toList();
      findings.add(
          String.format(
              Locale.ROOT,
              "%s: %d of %d rows reach their target.",
              server,
              own.size() - missed.size(),
              own.size()));
      missed.forEach(point -> findings.add(finding(point)));
    }
    return findings;
  }

  static Point point(Measured row) {
    KeepAliveLoad.Outcome beside = row.beside();
    HostileLoad.Outcome hostile = row.hostile();
    Double byAlone =
        beside == null || beside.p99Ms() == null
            ? null
            : (Double) Numbers.round((double) beside.p99Us() / row.alone().p99Us(), 2);
    Integer filesLeft = less(row.after().openFiles(), row.before().openFiles());
    Long heapLeft =
        row.after().heapBytes() == null || row.before().heapBytes() == null
            ? null
            : (Long) (row.after().heapBytes() - row.before().heapBytes());
    return new Point(
        row.server(),
        row.attack(),
        row.heapMiB(),
        row.exitCode(),
        row.held(),
        hostile == null ? null : (Integer) hostile.refused(),
        row.goneAfterMs(),
        beside == null ? null : beside.p99Ms(),
        byAlone,
        beside == null ? null : beside.maxMs(),
        beside == null ? null : (Long) refused(beside),
        beside == null ? null : (Long) (beside.failures() - refused(beside)),
        row.newcomerMs(),
        row.peak().rssKiB() == null
            ? null
            : (Double) Numbers.round(row.peak().rssKiB() / MIB_IN_KIB, 1),
        perConnection(row),
        heapPerConnection(row),
        row.peak().osThreads(),
        heapLeft,
        row.kernelBytes(),
        filesLeft,
        row.exitCode() == null
            && isServed(row, byAlone)
            && isDealtWith(row)
            && row.newcomerMs() != null
            && row.newcomerMs() <= NEWCOMER_MS
            && (heapLeft == null || heapLeft <= LEFT_HEAP_BYTES)
            && (filesLeft == null || filesLeft <= LEFT_OPEN));
  }

  /** While thousands ask at once a server is busy with that; that nobody fails is enough then. */
  private static boolean isServed(Measured row, Double byAlone) {
    return row.beside() != null
        && row.beside().failures() == 0
        && (byAlone != null && byAlone <= TARGET || row.attack() == Attack.IDLE);
  }

  private static long refused(KeepAliveLoad.Outcome good) {
    return good.refused() == null ? 0 : good.refused();
  }

  private static boolean isDealtWith(Measured row) {
    if (row.attack() == Attack.IDLE) {
      return row.hostile() != null
          && row.hostile().refused() == 0
          && row.held() != null
          && row.held() >= row.hostile().connections();
    }
    if (row.attack() == Attack.UNREAD
        && row.kernelBytes() != null
        && row.kernelBytes() > KERNEL_BYTES) {
      return false;
    }
    return !isClosedOnTime(row.attack())
        || row.goneAfterMs() != null && row.goneAfterMs() <= row.limitMs() + SLACK_MS;
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
    if (point.exitCode() != null) {
      return String.format(
          Locale.ROOT,
          "%s: the process ended with code %d. Target not reached.",
          point.label(),
          point.exitCode());
    }
    return String.format(
        Locale.ROOT,
        "%s: %s; %s; %s; %s. Target %s.",
        point.label(),
        end(point),
        good(point),
        point.newcomerMs() == null
            ? "no newcomer answered afterwards"
            : String.format(
                Locale.ROOT, "a newcomer answered after %s ms", Numbers.whole(point.newcomerMs())),
        kib(point.heapLeftBytes()) + " more live heap afterwards",
        point.targetReached() ? "reached" : "not reached" + why(point));
  }

  /** What keeps a row from its target, where one look tells it. */
  private static String why(Point point) {
    if (point.p99ByAlone() != null && point.p99ByAlone() > TARGET) {
      return ": p99";
    }
    if (point.filesLeft() != null && point.filesLeft() > LEFT_OPEN) {
      return String.format(
          Locale.ROOT, ": %s descriptors are left", Numbers.whole(point.filesLeft()));
    }
    if (point.attack() == Attack.IDLE
        && point.held() != null
        && point.held() < point.attack().connections()) {
      return ": not all are held";
    }
    boolean isHeapLeft = point.heapLeftBytes() != null && point.heapLeftBytes() > LEFT_HEAP_BYTES;
    return isHeapLeft ? ": heap is left" : "";
  }

  private static String end(Point point) {
    String held = Numbers.whole(point.held()) + " descriptors held";
    if (!isClosedOnTime(point.attack())) {
      return String.format(Locale.ROOT, "%s, %s refused", held, Numbers.whole(point.refused()));
    }
    return point.goneAfterMs() == null
        ? held + ", not all closed by the end"
        : String.format(
            Locale.ROOT, "%s, all closed after %s ms", held, Numbers.whole(point.goneAfterMs()));
  }

  private static String good(Point point) {
    if (point.goodP99Ms() == null) {
      return point.goodFailures() == null
          ? "good clients were not measured"
          : "no good request was served";
    }
    return String.format(
        Locale.ROOT,
        "p99 of the good clients is %s ms, %s times that alone%s%s",
        Numbers.text(point.goodP99Ms(), 1),
        Numbers.text(point.p99ByAlone(), 2),
        point.goodRefused() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ", %s of their requests were refused",
                Numbers.whole(point.goodRefused())),
        point.goodFailures() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ", and %s of their requests failed",
                Numbers.whole(point.goodFailures())));
  }

  private static Section section(int heapMiB, List<Point> points) {
    List<String> servers = points.stream().map(Point::server).distinct().toList();
    List<Line> bars =
        points.stream()
            .map(Point::attack)
            .distinct()
            .map(
                attack ->
                    new Line(
                        attack.label(),
                        List.of(),
                        servers.stream().map(server -> p99(points, server, attack)).toList()))
            .toList();
    return new Section(
        String.format(Locale.ROOT, "Good clients beside hostile ones, heap of %d MiB", heapMiB),
        List.of(
            "process: alive at the end, or the code with which it ended. held: the most descriptors"
                + " that the server had open at once, beside those before."
                + " Memory and threads are of that moment; memory for each connection is what the"
                + " process has grown by, which is the heap it has touched meanwhile, too, and heap"
                + " for each what is live of it. slowest: the slowest good request. newcomer after:"
                + " from the end of the attack until a new connection had an answer. good refused:"
                + " answers 503 and 429; good failures: what else was no answer 200. p99 and"
                + " slowest are of the answers 200 and of what was given up after 5 s. Heap and"
                + " files left are those after the attack less those before; kernel memory is by"
                + " how much that of TCP grew. A fresh server for each row."),
        HEAD,
        points.stream().map(HostileAnalysis::cells).toList(),
        List.of(new Chart("p99 of the good clients", "", "ms", true, servers, bars)));
  }

  private static Double p99(List<Point> points, String server, Attack attack) {
    return points.stream()
        .filter(point -> point.server().equals(server) && point.attack() == attack)
        .findFirst()
        .map(Point::goodP99Ms)
        .orElse(null);
  }

  private static List<String> cells(Point point) {
    return List.of(
        point.server() + ", " + point.attack().label(),
        point.exitCode() == null ? "alive" : "ended with " + point.exitCode(),
        Numbers.whole(point.held()),
        Numbers.whole(point.refused()),
        Numbers.unit(point.goneAfterMs(), 0, "ms"),
        Numbers.unit(point.goodP99Ms(), 1, "ms"),
        Numbers.text(point.p99ByAlone(), 2),
        Numbers.unit(point.goodMaxMs(), 1, "ms"),
        Numbers.whole(point.goodRefused()),
        Numbers.whole(point.goodFailures()),
        Numbers.unit(point.newcomerMs(), 0, "ms"),
        Numbers.whole(point.rssMiB()) + " MiB",
        kib(point.rssBytesPerConnection()),
        kib(point.heapBytesPerConnection()),
        Numbers.whole(point.osThreads()),
        kib(point.heapLeftBytes()),
        kib(point.kernelBytes()),
        Numbers.whole(point.filesLeft()));
  }

  private static String kib(Number bytes) {
    return bytes == null ? Numbers.NONE : Numbers.text(bytes.doubleValue() / KIB, 1) + " KiB";
  }
}
