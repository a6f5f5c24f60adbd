package dev.handlermodels.loadtests.bench.scenario.jobs;

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
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/** Four equal CPU jobs, done in six ways: what threads gain without a GIL. */
final class JobsAnalysis {
  static final int JOBS = 4;

  /** Threads have to use this share of the cores that the jobs can use. */
  static final double TARGET_PER_CORE = 0.9;

  /** The cores of the published measurements. */
  private static final int PUBLISHED_CORES = 4;

  private static final double PUBLISHED_SEQUENTIAL_SECONDS = 40;

  private static final String WHY =
      "Why: one event loop is one thread, which computes one job at a time. Threads of one JVM"
          + " compute on all cores, because no lock lets only one of them run. So processes gain"
          + " nothing over threads here; in Python they are the only way.";

  private static final List<String> HEAD =
      List.of(
          "",
          "wall time",
          "rounds",
          "speed-up",
          "per core",
          "CPU",
          "published: Python, 4 cores",
          "its speed-up",
          "its per core");

  /** How the jobs are done. */
  enum ExecutionMode {
    SEQUENTIAL(
        "one after the other, " + Servers.EVENT_LOOP + " /cpu", Servers.EVENT_LOOP, "/cpu", 40.0),
    LOOP(
        "at once on one event loop, " + Servers.EVENT_LOOP + " /cpu/inline",
        Servers.EVENT_LOOP,
        "/cpu/inline",
        39.0),
    THREADS_VERTX(
        "at once in threads, " + Servers.EVENT_LOOP + " /cpu", Servers.EVENT_LOOP, "/cpu", 38.0),
    THREADS_NIMA(
        "at once in threads, " + Servers.VIRTUAL_THREADS + " /cpu",
        Servers.VIRTUAL_THREADS,
        "/cpu",
        null),
    THREADS_BLOCKING(
        "at once in threads, " + Servers.THREAD_POOL + " /cpu", Servers.THREAD_POOL, "/cpu", null),
    PROCESSES(
        "at once in four JVMs, " + Servers.THREAD_POOL + " /cpu",
        Servers.THREAD_POOL,
        "/cpu",
        10.0);

    final String label;
    final String server;
    final String path;

    /** The published time; null where another row has it already. */
    final Double publishedSeconds;

    ExecutionMode(String label, String server, String path, Double publishedSeconds) {
      this.label = label;
      this.server = server;
      this.path = path;
      this.publishedSeconds = publishedSeconds;
    }

    boolean inThreads() {
      return path.equals("/cpu") && this != SEQUENTIAL && this != PROCESSES;
    }
  }

  /**
   * The four jobs once.
   *
   * @param wallMs from the first request to the last answer
   * @param cpuMs of the servers meanwhile; null where it could not be read
   * @param otherCores that the servers did not use; null likewise
   */
  record Round(ExecutionMode way, int round, double wallMs, Double cpuMs, Double otherCores) {}

  /** rounds.json. */
  record Raw(
      Machine machine, String setting, int work, String hash, int planned, List<Round> rounds) {}

  /**
   * An execution mode, over its rounds.
   *
   * @param speedUp median of the sequential rounds ÷ median of these
   * @param perCore speed-up ÷ cores that four jobs can use
   */
  record Point(
      ExecutionMode way,
      Spread wallMs,
      Double speedUp,
      Double perCore,
      Double cpuMs,
      Double otherCores,
      Double publishedSeconds,
      Boolean targetReached) {

    boolean disturbed() {
      return Disturbance.byOthers(otherCores);
    }
  }

  /** results.json. */
  record Findings(
      Machine machine,
      String setting,
      int work,
      String hash,
      List<Point> ways,
      List<Round> rounds,
      List<String> findings) {}

  private JobsAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("rounds.json");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rounds().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    int cores = Math.min(JOBS, raw.machine().cores());
    List<Point> points = points(raw.rounds(), cores);
    List<String> findings = findings(points, cores);
    if (raw.rounds().size() < raw.planned()) {
      findings.add("The run was cut short: rounds are missing.");
    }
    ReportPage page =
        new ReportPage("Four equal CPU jobs", raw.setting(), findings, List.of(section(points)));
    return ReportPageWriter.write(
        out,
        page,
        new Findings(
            raw.machine(), raw.setting(), raw.work(), raw.hash(), points, raw.rounds(), findings));
  }

  static List<Point> points(List<Round> rounds, int cores) {
    Spread sequential = wall(rounds, ExecutionMode.SEQUENTIAL);
    List<Point> points = new ArrayList<>();
    for (ExecutionMode way : ExecutionMode.values()) {
      Spread wall = wall(rounds, way);
      if (wall != null) {
        Double speedUp =
            sequential == null ? null : Numbers.round(sequential.median() / wall.median(), 3);
        Double perCore = speedUp == null ? null : Numbers.round(speedUp / cores, 3);
        Spread cpu = spread(rounds, way, Round::cpuMs);
        Spread others = spread(rounds, way, Round::otherCores);
        points.add(
            new Point(
                way,
                wall,
                speedUp,
                perCore,
                cpu == null ? null : cpu.median(),
                others == null ? null : others.max(),
                way.publishedSeconds,
                way.inThreads() && perCore != null ? perCore >= TARGET_PER_CORE : null));
      }
    }
    return points;
  }

  private static Spread wall(List<Round> rounds, ExecutionMode way) {
    return spread(rounds, way, Round::wallMs);
  }

  private static Spread spread(
      List<Round> rounds, ExecutionMode way, Function<Round, Double> value) {
    return Spread.of(
        rounds.stream()
            .filter(round -> round.way() == way)
            .map(value)
            .filter(Objects::nonNull)
            .toList(),
        false);
  }

  static List<String> findings(List<Point> points, int cores) {
    List<String> findings = new ArrayList<>();
    for (Point point : points) {
      if (point.targetReached() != null) {
        findings.add(
            String.format(
                Locale.ROOT,
                ("%s: %s times as fast as one after the other on %d cores (target %s: %s);"
                    + " published for Python, where the GIL lets one thread compute at a time: %s"
                    + " times on %d."),
                point.way().label,
                Numbers.text(point.speedUp(), 2),
                cores,
                Numbers.text(TARGET_PER_CORE * cores, 1),
                point.targetReached() ? "reached" : "not reached",
                Numbers.text(
                    PUBLISHED_SEQUENTIAL_SECONDS / ExecutionMode.THREADS_VERTX.publishedSeconds, 2),
                PUBLISHED_CORES));
      }
    }
    points.stream()
        .filter(
            point -> point.way() == ExecutionMode.LOOP || point.way() == ExecutionMode.PROCESSES)
        .filter(point -> point.speedUp() != null)
        .map(JobsAnalysis::beside)
        .forEach(findings::add);
    if (points.stream().anyMatch(Point::disturbed)) {
      findings.add("Some rounds were disturbed (marked *): others used more than 0.2 cores.");
    }
    return findings;
  }

  private static String beside(Point point) {
    return String.format(
        Locale.ROOT,
        "%s: %s times as fast as one after the other; published for Python: %s times on %d cores.",
        point.way().label,
        Numbers.text(point.speedUp(), 2),
        Numbers.text(PUBLISHED_SEQUENTIAL_SECONDS / point.publishedSeconds(), 2),
        PUBLISHED_CORES);
  }

  private static Section section(List<Point> points) {
    List<String> labels = points.stream().map(point -> point.way().label).toList();
    List<Double> perCore = points.stream().map(Point::perCore).toList();
    List<Double> published =
        points.stream()
            .map(p -> p.publishedSeconds() == null ? null : publishedPerCore(p.publishedSeconds()))
            .toList();
    return new Section(
        "Four jobs",
        List.of(WHY, "The published figures are of another machine: read them for the shape."),
        HEAD,
        points.stream().map(JobsAnalysis::cells).toList(),
        List.of(
            new Chart(
                "Speed-up for each core",
                "",
                "× one after the other ÷ cores",
                false,
                labels,
                Arrays.asList(
                    new Line("measured", List.of(), perCore),
                    new Line("published: Python, 4 cores", List.of(), published)))));
  }

  private static double publishedPerCore(double seconds) {
    return Numbers.round(PUBLISHED_SEQUENTIAL_SECONDS / seconds / PUBLISHED_CORES, 3);
  }

  private static List<String> cells(Point point) {
    Double published = point.publishedSeconds();
    return List.of(
        point.way().label + (point.disturbed() ? " *" : ""),
        Numbers.text(point.wallMs().median() / 1000, 2) + " s",
        String.format(
            Locale.ROOT,
            "%s–%s",
            Numbers.text(point.wallMs().min() / 1000, 2),
            Numbers.text(point.wallMs().max() / 1000, 2)),
        Numbers.text(point.speedUp(), 2),
        Numbers.text(point.perCore(), 2),
        point.cpuMs() == null ? Numbers.NONE : Numbers.text(point.cpuMs() / 1000, 2) + " s",
        published == null ? Numbers.NONE : Numbers.whole(published) + " s",
        published == null
            ? Numbers.NONE
            : Numbers.text(PUBLISHED_SEQUENTIAL_SECONDS / published, 2),
        published == null ? Numbers.NONE : Numbers.text(publishedPerCore(published), 2));
  }
}
