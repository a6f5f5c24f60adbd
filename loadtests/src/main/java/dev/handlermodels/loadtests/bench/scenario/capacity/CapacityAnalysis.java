package dev.handlermodels.loadtests.bench.scenario.capacity;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Listing;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Stage;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Trial;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what rate a server keeps, what broke above it, and what follows for a demand. */
final class CapacityAnalysis {
  private static final Pattern HEAP = Pattern.compile("-Xmx(\\d+)m");
  private static final double US_PER_MS = 1000;

  private static final List<String> HEAD =
      List.of(
          "",
          "kept, requests/s",
          "p50",
          "p99",
          "errors",
          "server, cores",
          "CPU/request",
          "peak memory",
          "broke at",
          "what gave out",
          "instances");

  private static final List<String> TRIALS_HEAD =
      List.of(
          "",
          "load",
          "arrivals/s",
          "answers/s",
          "p50",
          "p99",
          "errors",
          "server, cores",
          "machine, cores",
          "in GC pauses",
          "promise");

  /** What was not enough above the rate that was kept. */
  enum Limit {
    GENERATOR("the load generator: the server can do more"),
    PROCESSORS("the processors of this machine"),
    COLLECTOR("pauses of the collector, which a larger heap makes rarer; processors were left"),
    PLACES("places to wait in (a pool, a limit, memory); processors were left");

    final String label;

    Limit(String label) {
      this.label = label;
    }

    /** Whether CPU time follows the load up to there. */
    boolean isOfCpu() {
      return this == GENERATOR || this == PROCESSORS;
    }
  }

  /**
   * One row's search.
   *
   * @param rssPeakMiB of the server's process, the loads that broke the promise included
   */
  record Measured(
      String id, String server, String endpoint, List<Trial> trials, Double rssPeakMiB) {
    String title() {
      return server + " " + endpoint;
    }
  }

  /** raw.json. */
  record Raw(
      Machine machine,
      String setting,
      Promise promise,
      int demand,
      int poolSize,
      int planned,
      List<Measured> rows) {}

  /**
   * What one row keeps. All are null where no rate was confirmed.
   *
   * @param brokeAtPerSecond the lowest rate above that broke the promise; null where none was tried
   * @param instances for the demand
   */
  record Point(
      String server,
      String endpoint,
      Double keptPerSecond,
      Double p50Ms,
      Double p99Ms,
      Double errors,
      Double cpuUsPerRequest,
      Double serverCores,
      Double rssPeakMiB,
      Double brokeAtPerSecond,
      Limit why,
      Integer instances,
      boolean disturbed) {}

  /** results.json. */
  record Findings(Machine machine, List<Point> points, List<String> findings) {}

  private CapacityAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("raw.json");
  }

  /** The manifests of one row. */
  static Path manifests(Path out, Measured row) {
    return out.resolve("manifests").resolve(row.id() + ".yaml");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().size() == raw.planned()
        && raw.rows().stream().allMatch(row -> confirmed(raw, row) != null);
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<Point> points = new ArrayList<>();
    List<String> findings = new ArrayList<>();
    List<Listing> listings = new ArrayList<>();
    for (Measured row : raw.rows()) {
      points.add(point(raw, row));
      findings.add(finding(raw, row));
      Sizing sizing = sizing(raw, row);
      if (sizing != null) {
        Files.createDirectories(manifests(out, row).getParent());
        Files.writeString(manifests(out, row), sizing.yaml());
        listings.add(
            new Listing(
                String.format(Locale.ROOT, "%s for %s/s", row.title(), Numbers.whole(raw.demand())),
                "yaml",
                sizing.yaml()));
      }
    }
    if (raw.rows().size() < raw.planned()) {
      findings.add(ReportPage.cutShort(raw.planned(), raw.rows().size(), "rows"));
    }
    ReportPage page =
        new ReportPage(
            "The rate that can be promised: " + raw.promise().text(),
            raw.setting(),
            findings,
            List.of(rates(raw, points), trials(raw)),
            listings);
    return ReportPageWriter.write(out, page, new Findings(raw.machine(), points, findings));
  }

  private static Trial confirmed(Raw raw, Measured row) {
    return CapacitySearch.confirmed(raw.promise(), row.trials());
  }

  /** The lowest rate above the one that was kept, of those that broke the promise; or null. */
  static Trial brokeAt(Promise promise, List<Trial> trials, int kept) {
    return trials.stream()
        .filter(trial -> trial.stage() != Stage.PROBE)
        .filter(trial -> trial.rate() > kept && !promise.isKept(trial.arrivals()))
        .min(Comparator.comparingInt(Trial::rate))
        .orElse(null);
  }

  /** With these pauses one in a hundred arrivals falls into one: the promise is of p99. */
  private static final double MANY_PAUSES = 0.01;

  /** Judged by the load that broke the promise, or by the highest that did not. */
  static Limit limit(Trial kept, Trial broke, int cores) {
    Trial most = broke == null ? kept : broke;
    if (most.arrivals().notSent() > 0 || Disturbance.byGenerator(most.generatorCores())) {
      return Limit.GENERATOR;
    }
    if (Disturbance.processorsGaveOut(most.busyCores(), cores)) {
      return Limit.PROCESSORS;
    }
    return most.gcPauseShare() != null && most.gcPauseShare() >= MANY_PAUSES
        ? Limit.COLLECTOR
        : Limit.PLACES;
  }

  static Point point(Raw raw, Measured row) {
    Trial kept = confirmed(raw, row);
    if (kept == null) {
      return new Point(
          row.server(),
          row.endpoint(),
          null,
          null,
          null,
          null,
          null,
          null,
          row.rssPeakMiB(),
          null,
          null,
          null,
          row.trials().stream().anyMatch(CapacityAnalysis::isDisturbed));
    }
    Trial broke = brokeAt(raw.promise(), row.trials(), kept.rate());
    return new Point(
        row.server(),
        row.endpoint(),
        (double) kept.rate(),
        ms(kept.arrivals().p50Us()),
        ms(kept.arrivals().p99Us()),
        Numbers.round(Promise.errors(kept.arrivals()), 6),
        kept.cpuUsPerRequest(),
        kept.serverCores() == null ? null : (Double) Numbers.round(kept.serverCores(), 3),
        row.rssPeakMiB(),
        broke == null ? null : (Double) (double) broke.rate(),
        limit(kept, broke, raw.machine().cores()),
        Objects.requireNonNull(sizing(raw, row)).instances(),
        isDisturbed(kept) || broke != null && isDisturbed(broke));
  }

  private static boolean isDisturbed(Trial trial) {
    return Disturbance.byOthers(trial.otherCores());
  }

  /** Null where no rate was confirmed. */
  static Sizing sizing(Raw raw, Measured row) {
    Trial kept = confirmed(raw, row);
    if (kept == null) {
      return null;
    }
    IntervalStats load = kept.arrivals();
    Trial broke = brokeAt(raw.promise(), row.trials(), kept.rate());
    return new Sizing(
        row.server(),
        Servers.model(row.server()),
        row.title(),
        raw.promise(),
        kept.rate(),
        (int) Math.ceil(kept.rate() * (load.p50Us() / 1e6)),
        kept.cpuUsPerRequest(),
        row.rssPeakMiB(),
        heapMiB(raw.machine()),
        limit(kept, broke, raw.machine().cores()).isOfCpu(),
        raw.poolSize(),
        raw.demand());
  }

  private static int heapMiB(Machine machine) {
    return machine.serverFlags().stream()
        .map(HEAP::matcher)
        .filter(Matcher::matches)
        .map(heap -> Integer.valueOf(heap.group(1)))
        .findFirst()
        .orElse(0);
  }

  static String finding(Raw raw, Measured row) {
    Point point = point(raw, row);
    if (point.keptPerSecond() == null) {
      return String.format(
          Locale.ROOT, "%s: no rate kept the promise of %s.", row.title(), raw.promise().text());
    }
    Sizing sizing = Objects.requireNonNull(sizing(raw, row));
    return String.format(
        Locale.ROOT,
        ("%s keeps %s/s: p99 %s ms, errors %s, of %s arrivals in %s s. The server took %s cores, %s"
            + " µs a request. %s What gave out: %s.%s For %s/s, with %s %% of the rate planned for"
            + " each: %s instances."),
        row.title(),
        Numbers.whole(point.keptPerSecond()),
        Numbers.text(point.p99Ms(), 1),
        Promise.percent(point.errors()),
        Numbers.whole(confirmed(raw, row).arrivals().arrivals()),
        Numbers.whole(confirmed(raw, row).arrivals().seconds()),
        Numbers.text(point.serverCores(), 2),
        Numbers.whole(point.cpuUsPerRequest()),
        point.brokeAtPerSecond() == null
            ? "No higher rate was tried."
            : String.format(
                Locale.ROOT, "The promise broke at %s/s.", Numbers.whole(point.brokeAtPerSecond())),
        point.why().label,
        point.disturbed() ? " Disturbed: others used more than 0.2 cores." : "",
        Numbers.whole(raw.demand()),
        Sizing.PLANNED_PERCENT,
        Numbers.whole(sizing.instances()));
  }

  private static Section rates(Raw raw, List<Point> points) {
    List<Line> lines = raw.rows().stream().map(row -> line(row)).toList();
    return new Section(
        "What each keeps",
        List.of(
            "p99 is of the good answers, from the intended arrival. * others used the machine."),
        HEAD,
        points.stream().map(CapacityAnalysis::cells).toList(),
        List.of(new Chart("p99 of the loads", "arrivals/s", "ms", true, List.of(), lines)));
  }

  /** p99 by rate; of several loads at one rate the longest. */
  private static Line line(Measured row) {
    List<Trial> loads =
        row.trials().stream()
            .filter(trial -> trial.stage() != Stage.PROBE)
            .sorted(
                Comparator.comparingInt(Trial::rate)
                    .thenComparing(trial -> trial.arrivals().seconds()))
            .toList();
    List<Integer> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (Trial trial : loads) {
      if (!x.isEmpty() && x.getLast() == trial.rate()) {
        x.removeLast();
        y.removeLast();
      }
      x.add(trial.rate());
      y.add(ms(trial.arrivals().p99Us()));
    }
    return new Line(row.title(), x, y);
  }

  private static List<String> cells(Point point) {
    return List.of(
        point.server() + " " + point.endpoint() + (point.disturbed() ? " *" : ""),
        Numbers.whole(point.keptPerSecond()),
        Numbers.text(point.p50Ms(), 1) + " ms",
        Numbers.text(point.p99Ms(), 1) + " ms",
        point.errors() == null ? Numbers.NONE : Promise.percent(point.errors()),
        Numbers.text(point.serverCores(), 2),
        Numbers.whole(point.cpuUsPerRequest()) + " µs",
        Numbers.whole(point.rssPeakMiB()) + " MiB",
        Numbers.whole(point.brokeAtPerSecond()),
        point.why() == null ? Numbers.NONE : point.why().label,
        Numbers.whole(point.instances()));
  }

  private static Section trials(Raw raw) {
    List<List<String>> cells = new ArrayList<>();
    for (Measured row : raw.rows()) {
      for (Trial trial : row.trials()) {
        IntervalStats load = trial.arrivals();
        cells.add(
            List.of(
                row.title() + (isDisturbed(trial) ? " *" : ""),
                String.format(
                    Locale.ROOT,
                    "%s, %s s",
                    trial.stage().name().toLowerCase(Locale.ROOT),
                    Numbers.whole(load.seconds())),
                Numbers.whole(trial.rate()),
                Numbers.text(load.okPerSecond(), 1),
                Numbers.text(ms(load.p50Us()), 1) + " ms",
                Numbers.text(ms(load.p99Us()), 1) + " ms",
                Promise.percent(Promise.errors(load)),
                Numbers.text(trial.serverCores(), 2),
                Numbers.text(trial.busyCores(), 2),
                trial.gcPauseShare() == null ? Numbers.NONE : Numbers.percent(trial.gcPauseShare()),
                raw.promise().isKept(load) ? "kept" : "broken"));
      }
    }
    return new Section(
        "The search",
        List.of(
            "Probes only tell where to look. Upstream, load generator and server share the"
                + " machine."),
        TRIALS_HEAD,
        cells,
        List.of());
  }

  private static double ms(long us) {
    return Numbers.round(us / US_PER_MS, 1);
  }
}
