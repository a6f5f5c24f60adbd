package dev.handlermodels.loadtests.bench.scenario.telemetry;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import dev.handlermodels.loadtests.load.SpanSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** {@code /} with and without traces: what they cost, and which spans are lost. */
final class TelemetryAnalysis {
  /** Tracing may cost a tenth of {@code /}. */
  static final double TARGET = 0.90;

  /**
   * What the source material says of Python's batch span processor; see
   * docs/scenarios/telemetry.md.
   */
  static final String PUBLISHED = "150 to 250 µs";

  private static final String WHY =
      "Why: the thread of the request makes a span and puts it into a queue. A thread of the SDK"
          + " sends spans from there in batches, on the cores that also serve. A"
          + " server without a core to spare pays for each span in requests; by default"
          + " TRACES_PER_SECOND begin, however many requests come. A full queue drops spans and"
          + " holds up no request.";

  private static final String BESIDE =
      "Published for Python, not measured here: "
          + PUBLISHED
          + " a span with a batch span processor, a limit near 10,000 operations/s, and 50 to 100"
          + " µs a span where it is moved out of the process.";

  private static final List<String> HEAD =
      List.of(
          "",
          "requests/s",
          "share of off's",
          "p50",
          "p99",
          "server CPU/request",
          "off's CPU ÷ this",
          "CPU/span",
          "collector, cores",
          "spans exported",
          "dropped, queue full",
          "failed",
          "rounds");

  /** How a server traces. */
  enum Variant {
    OFF("off", "", false),
    DEFAULT("by default", "", false),
    EVERY("every request", "", true),
    SLOW_COLLECTOR("every request, slow collector", SpanSink.SLOW, true);

    final String label;

    private final String path;
    private final boolean everyRequest;

    Variant(String label, String path, boolean everyRequest) {
      this.label = label;
      this.path = path;
      this.everyRequest = everyRequest;
    }

    Map<String, String> environment(String sink) {
      Map<String, String> environment = new HashMap<>();
      if (this != OFF) {
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", sink + path);
      }
      if (everyRequest) {
        environment.put("OTEL_TRACES_SAMPLER", "parentbased_always_on");
      }
      return environment;
    }
  }

  /** How many spans a server exported, dropped and failed to export, by its own metrics. */
  record Spans(long exported, long dropped, long failed) {
    private static final String PROCESSED = "otel_sdk_processor_span_processed_total{";
    private static final String EXPORTED = "otel_sdk_exporter_span_exported_total{";

    /** Reads Prometheus text; all zero where tracing is off. */
    static Spans of(String metrics) {
      return new Spans(
          count(metrics, EXPORTED, ""),
          count(metrics, PROCESSED, "queue_full"),
          count(metrics, EXPORTED, "failed"));
    }

    private static long count(String metrics, String name, String error) {
      return metrics
          .lines()
          .filter(line -> line.startsWith(name))
          .filter(line -> line.contains("error_type=\"" + error + "\""))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }

    Spans since(Spans before) {
      return new Spans(
          exported - before.exported, dropped - before.dropped, failed - before.failed);
    }

    Spans plus(Spans other) {
      return new Spans(exported + other.exported, dropped + other.dropped, failed + other.failed);
    }

    long all() {
      return exported + dropped + failed;
    }
  }

  /**
   * One round.
   *
   * @param cpuUsPerRequest CPU time of the server's process ÷ requests, export included; null where
   *     it could not be read
   * @param collectorCores what the collector used
   * @param otherCores what neither server, collector nor generator used of the machine; null where
   *     there is no /proc/stat
   */
  record Round(
      String server,
      Variant variant,
      int round,
      KeepAliveLoad.Outcome outcome,
      Double cpuUsPerRequest,
      Double collectorCores,
      Double otherCores,
      Spans spans) {}

  /** rounds.json. */
  record Rounds(Machine machine, String setting, List<Round> rounds) {}

  /**
   * Medians of a server's rounds under one variant.
   *
   * @param ratio of the rounds' own ratios to the same round without traces
   * @param cpuRatio CPU per request without traces ÷ with them: the ratio that the server's own
   *     work would leave, were it alone on its cores
   * @param cpuUsPerSpan what a request costs more than without traces; null where not every request
   *     has a span
   * @param collectorCores median of the rounds
   */
  record Compared(
      String server,
      Variant variant,
      double perSecond,
      double ratio,
      double ratioMin,
      double ratioMax,
      double p50Us,
      double p99Us,
      Double cpuUsPerRequest,
      Double cpuRatio,
      Double cpuUsPerSpan,
      Spans spans,
      Double collectorCores,
      Double otherCores) {}

  /** results.json. */
  record Findings(
      Machine machine, List<Compared> servers, List<Round> rounds, List<String> findings) {}

  private TelemetryAnalysis() {}

  static Path rounds(Path out) {
    return out.resolve("rounds.json");
  }

  static ReportPage report(Path out) throws IOException {
    Rounds all = Json.read(rounds(out), Rounds.class);
    List<Compared> compared = compare(all.rounds());
    List<String> findings =
        compared.stream()
            .filter(c -> c.variant() == Variant.DEFAULT)
            .map(c -> finding(c, compared))
            .toList();
    ReportPage page =
        new ReportPage(
            "GET / with and without traces",
            all.setting(),
            findings,
            List.of(section(all.rounds(), compared)));
    return ReportPageWriter.write(
        out, page, new Findings(all.machine(), compared, all.rounds(), findings));
  }

  static List<Compared> compare(List<Round> rounds) {
    List<Compared> compared = new ArrayList<>();
    for (String server : rounds.stream().map(Round::server).distinct().toList()) {
      for (Variant variant : Variant.values()) {
        List<Round> own = of(rounds, server, variant);
        List<Double> ratios = ratios(own, of(rounds, server, Variant.OFF));
        if (!ratios.isEmpty()) {
          compared.add(compared(own, ratios, cpu(of(rounds, server, Variant.OFF))));
        }
      }
    }
    return compared;
  }

  private static List<Round> of(List<Round> rounds, String server, Variant variant) {
    return rounds.stream()
        .filter(round -> round.server().equals(server) && round.variant() == variant)
        .toList();
  }

  private static Compared compared(List<Round> own, List<Double> ratios, Double cpuOff) {
    Variant variant = own.getFirst().variant();
    Double cpu = cpu(own);
    return new Compared(
        own.getFirst().server(),
        variant,
        median(own, round -> round.outcome().perSecond()),
        Numbers.round(Numbers.median(ratios), 3),
        Numbers.round(ratios.getFirst(), 3),
        Numbers.round(ratios.getLast(), 3),
        median(own, round -> round.outcome().p50Us()),
        median(own, round -> round.outcome().p99Us()),
        cpu,
        cpu == null || cpuOff == null ? null : Numbers.round(cpuOff / cpu, 3),
        cpu == null || cpuOff == null || !variant.everyRequest
            ? null
            : Numbers.round(cpu - cpuOff, 2),
        own.stream().map(Round::spans).reduce(new Spans(0, 0, 0), Spans::plus),
        own.stream().anyMatch(r -> r.collectorCores() == null)
            ? null
            : median(own, Round::collectorCores),
        own.stream()
            .map(Round::otherCores)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElse(null));
  }

  /** Traced ÷ not traced of each round in which both ran, sorted. */
  private static List<Double> ratios(List<Round> traced, List<Round> off) {
    Map<Integer, Double> plain =
        off.stream().collect(Collectors.toMap(Round::round, r -> r.outcome().perSecond()));
    return traced.stream()
        .filter(round -> plain.containsKey(round.round()))
        .map(round -> round.outcome().perSecond() / plain.get(round.round()))
        .sorted()
        .toList();
  }

  private static Double cpu(List<Round> rounds) {
    return rounds.isEmpty() || rounds.stream().anyMatch(r -> r.cpuUsPerRequest() == null)
        ? null
        : median(rounds, Round::cpuUsPerRequest);
  }

  private static double median(List<Round> rounds, ToDoubleFunction<Round> value) {
    return Numbers.median(rounds.stream().map(value::applyAsDouble).sorted().toList());
  }

  static String finding(Compared standard, List<Compared> all) {
    Compared off = find(all, standard.server(), Variant.OFF);
    return String.format(
        Locale.ROOT,
        ("%s: tracing leaves %s of /, the median of the rounds' own ratios (%s to %s; target %s:"
            + " %s); medians of all rounds: %s instead of %s requests/s, p99 %s instead of %s"
            + " µs.%s%s%s"),
        standard.server(),
        Numbers.text(standard.ratio(), 2),
        Numbers.text(standard.ratioMin(), 2),
        Numbers.text(standard.ratioMax(), 2),
        Numbers.text(TARGET, 2),
        standard.ratio() >= TARGET ? "reached" : "not reached",
        Numbers.whole(standard.perSecond()),
        Numbers.whole(off.perSecond()),
        Numbers.whole(standard.p99Us()),
        Numbers.whole(off.p99Us()),
        everyRequest(find(all, standard.server(), Variant.EVERY)),
        fate(
            String.format(
                Locale.ROOT,
                " Where the collector takes %d ms for a batch, of the spans",
                SpanSink.SLOW_MS),
            find(all, standard.server(), Variant.SLOW_COLLECTOR)),
        disturbed(all.stream().filter(c -> c.server().equals(standard.server())).toList()));
  }

  private static String everyRequest(Compared every) {
    return every == null
        ? ""
        : String.format(
            Locale.ROOT,
            (" Every request traced leaves %s, while the collector used %s cores of this machine;"
                + " by the server's own CPU it would be %s. A span costs %s µs of CPU, export"
                + " included; published for Python are %s.%s"),
            Numbers.text(every.ratio(), 2),
            Numbers.text(every.collectorCores(), 2),
            Numbers.text(every.cpuRatio(), 2),
            Numbers.text(every.cpuUsPerSpan(), 1),
            PUBLISHED,
            fate(" Of these spans", every));
  }

  private static String disturbed(List<Compared> variants) {
    double worst =
        variants.stream()
            .map(Compared::otherCores)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElse(0.0);
    return Disturbance.byOthers(worst)
        ? String.format(
            Locale.ROOT,
            " Others used up to %s cores, so compare the CPU per request instead.",
            Numbers.text(worst, 2))
        : "";
  }

  private static String fate(String of, Compared traced) {
    if (traced == null || traced.spans().all() == 0) {
      return "";
    }
    double all = traced.spans().all();
    return String.format(
        Locale.ROOT,
        "%s %s are exported and %s dropped by the full queue, at %s of /.",
        of,
        Numbers.percent(traced.spans().exported() / all),
        Numbers.percent(traced.spans().dropped() / all),
        Numbers.text(traced.ratio(), 2));
  }

  private static Compared find(List<Compared> all, String server, Variant variant) {
    return all.stream()
        .filter(c -> c.server().equals(server) && c.variant() == variant)
        .findFirst()
        .orElse(null);
  }

  private static Section section(List<Round> rounds, List<Compared> compared) {
    List<List<String>> cells =
        compared.stream().map(c -> cells(c, of(rounds, c.server(), c.variant()))).toList();
    List<String> servers = compared.stream().map(Compared::server).distinct().toList();
    List<Line> bars =
        Arrays.stream(Variant.values()).map(variant -> bars(variant, servers, compared)).toList();
    Chart chart = new Chart("Requests per second", "", "requests/s", false, servers, bars);
    return new Section(
        "No wait, 64 connections", List.of(WHY, BESIDE), HEAD, cells, List.of(chart));
  }

  private static Line bars(Variant variant, List<String> servers, List<Compared> compared) {
    List<Double> perSecond = new ArrayList<>();
    for (String server : servers) {
      Compared found = find(compared, server, variant);
      perSecond.add(found == null ? null : found.perSecond());
    }
    return new Line(variant.label, List.of(), perSecond);
  }

  private static List<String> cells(Compared c, List<Round> own) {
    return List.of(
        c.server() + ", " + c.variant().label,
        Numbers.whole(c.perSecond()),
        Numbers.text(c.ratio(), 2),
        Numbers.whole(c.p50Us()) + " µs",
        Numbers.whole(c.p99Us()) + " µs",
        Numbers.text(c.cpuUsPerRequest(), 1) + " µs",
        Numbers.text(c.cpuRatio(), 2),
        c.cpuUsPerSpan() == null ? Numbers.NONE : Numbers.text(c.cpuUsPerSpan(), 1) + " µs",
        Numbers.text(c.collectorCores(), 2),
        Numbers.whole(c.spans().exported()),
        Numbers.whole(c.spans().dropped()),
        Numbers.whole(c.spans().failed()),
        own.stream()
            .map(r -> Numbers.whole(r.outcome().perSecond()))
            .collect(Collectors.joining(" · ")));
  }
}
