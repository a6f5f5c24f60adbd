package dev.handlermodels.loadtests.bench.scenario.jvm;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.Spread;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Says whether the ranking of the servers changes from one way to run them to another. */
final class JvmAnalysis {
  /** Rates within this are equal in a ranking. */
  static final double EQUAL = 0.05;

  /** What the servers are loaded with; closed users who never pause. */
  enum Load {
    TABLE("/io?waitMs=1000", 500),
    THROUGHPUT("/", 64),
    DB("/db?holdMs=20", 500);

    final String path;
    final int users;

    Load(String path, int users) {
      this.path = path;
      this.users = users;
    }

    static List<String> names() {
      return Arrays.stream(values()).map(load -> load.name().toLowerCase(Locale.ROOT)).toList();
    }
  }

  /**
   * One server, run in one way. What could not be read is null.
   *
   * @param cpuUsPerAnswer CPU time of the server's process ÷ requests, warm-up included
   * @param gcPauseMs in all, warm-up included
   * @param otherCores that neither server, upstream nor generator used; null with a database
   */
  record Measured(
      Variant variant,
      String server,
      int round,
      KeepAliveLoad.Outcome outcome,
      Double cpuUsPerAnswer,
      Double rssPeakMiB,
      Double gcPauseMs,
      Double otherCores) {}

  /** raw.json. */
  record Raw(Machine machine, String setting, Load load, int planned, List<Measured> rows) {}

  /** results.json. */
  record Findings(Machine machine, List<Measured> rows, List<String> findings) {}

  private JvmAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("raw.json");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<String> findings = findings(raw);
    ReportPage page =
        new ReportPage(
            "Collector, heap and processors: " + raw.load().path,
            raw.setting(),
            findings,
            List.of(ranking(raw), costs(raw)));
    return ReportPageWriter.write(out, page, new Findings(raw.machine(), raw.rows(), findings));
  }

  private static List<Variant> variants(Raw raw) {
    return raw.rows().stream().map(Measured::variant).distinct().toList();
  }

  private static List<Measured> rows(Raw raw, Variant variant, String server) {
    return raw.rows().stream()
        .filter(row -> row.variant().equals(variant) && row.server().equals(server))
        .toList();
  }

  private static Spread rate(Raw raw, Variant variant, String server) {
    return Spread.of(
        rows(raw, variant, server).stream().map(row -> row.outcome().perSecond()).toList(), true);
  }

  /** {@code vertx > nima = blocking}: the fastest first, equal where the rates are within 5 %. */
  static String order(Map<String, Double> rates) {
    List<Map.Entry<String, Double>> sorted =
        rates.entrySet().stream()
            .sorted(
                Map.Entry.<String, Double>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .toList();
    List<List<String>> ranks = new ArrayList<>();
    double first = 0;
    for (Map.Entry<String, Double> server : sorted) {
      if (ranks.isEmpty() || server.getValue() < first * (1 - EQUAL)) {
        ranks.add(new ArrayList<>());
        first = server.getValue();
      }
      ranks.getLast().add(server.getKey());
    }
    return ranks.stream()
        .map(equals -> equals.stream().sorted().collect(Collectors.joining(" = ")))
        .collect(Collectors.joining(" > "));
  }

  private static String order(Raw raw, Variant variant) {
    return order(
        Servers.ALL.stream()
            .filter(server -> !rows(raw, variant, server).isEmpty())
            .collect(
                Collectors.toMap(
                    Function.identity(), server -> rate(raw, variant, server).median())));
  }

  static List<String> findings(Raw raw) {
    List<String> findings = new ArrayList<>();
    Map<String, List<Variant>> byOrder =
        variants(raw).stream().collect(Collectors.groupingBy(variant -> order(raw, variant)));
    byOrder.entrySet().stream()
        .sorted(Comparator.comparing(order -> -order.getValue().size()))
        .forEach(
            order ->
                findings.add(
                    String.format(
                        Locale.ROOT,
                        "%s in %s of %s: %s.",
                        order.getKey(),
                        order.getValue().size(),
                        variants(raw).size(),
                        order.getValue().stream()
                            .map(Variant::label)
                            .collect(Collectors.joining("; ")))));
    findings.add(
        byOrder.size() == 1
            ? "The ranking is the same in all of them."
            : "The ranking changes: rates within " + Numbers.percent(EQUAL) + " count as equal.");
    List<String> disturbed =
        raw.rows().stream()
            .filter(row -> Disturbance.byOthers(row.otherCores()))
            .map(row -> row.server() + " (" + row.variant().label() + ")")
            .distinct()
            .toList();
    if (!disturbed.isEmpty()) {
      findings.add("Disturbed, others used the machine: " + String.join("; ", disturbed) + ".");
    }
    if (raw.rows().size() < raw.planned()) {
      findings.add(ReportPage.cutShort(raw.planned(), raw.rows().size(), "measurements"));
    }
    return findings;
  }

  private static Section ranking(Raw raw) {
    List<String> head = new ArrayList<>(List.of(""));
    Servers.ALL.forEach(server -> head.add(server + ", answers/s"));
    head.add("order");
    List<List<String>> cells = new ArrayList<>();
    for (Variant variant : variants(raw)) {
      List<String> line = new ArrayList<>(List.of(variant.label()));
      for (String server : Servers.ALL) {
        Spread rate = rate(raw, variant, server);
        line.add(rate == null ? Numbers.NONE : rate.text(0, ""));
      }
      line.add(order(raw, variant));
      cells.add(line);
    }
    return new Section(
        "Ranking",
        List.of("The median of the rounds, with the least and the most."),
        head,
        cells,
        List.of());
  }

  private static Section costs(Raw raw) {
    List<List<String>> cells = new ArrayList<>();
    for (Variant variant : variants(raw)) {
      for (String server : Servers.ALL) {
        List<Measured> rows = rows(raw, variant, server);
        if (!rows.isEmpty()) {
          cells.add(
              List.of(
                  server + ", " + variant.label(),
                  text(rows, row -> row.outcome().p50Ms(), 1, " ms"),
                  text(rows, row -> row.outcome().p99Ms(), 1, " ms"),
                  text(rows, Measured::cpuUsPerAnswer, 1, " µs"),
                  text(rows, Measured::rssPeakMiB, 0, " MiB"),
                  text(rows, Measured::gcPauseMs, 0, " ms"),
                  text(rows, row -> (double) row.outcome().failures(), 0, "")));
        }
      }
    }
    return new Section(
        "What it costs",
        List.of("Pauses are all of a load, its warm-up included."),
        List.of("", "p50", "p99", "CPU/answer", "peak memory", "pauses", "failures"),
        cells,
        List.of());
  }

  private static String text(
      List<Measured> rows, Function<Measured, Double> figure, int digits, String unit) {
    Spread spread = Spread.of(rows.stream().map(figure).filter(Objects::nonNull).toList(), false);
    return spread == null ? Numbers.NONE : spread.text(digits, unit);
  }
}
