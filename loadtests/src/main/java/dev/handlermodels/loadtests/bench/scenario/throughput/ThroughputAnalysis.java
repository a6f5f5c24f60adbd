package dev.handlermodels.loadtests.bench.scenario.throughput;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code /} of each server beside the bare framework that serves the same bytes. */
final class ThroughputAnalysis {
  /** The share of the bare framework's rate that {@code /} has to reach. */
  static final double TARGET = 0.85;

  private static final String PUBLISHED =
      "Published for Python, of other machines and not measured here: sync workers 5,589"
          + " requests/s at a p99 of 31 ms, async 4,501 to 4,952 at 75 ms; FastAPI 15,000 to"
          + " 20,000, Flask 2,000 to 3,000.";

  /** Gatling and the second generator agree within this. */
  static final double AGREE = 0.03;

  private static final List<String> HEAD =
      List.of("", "requests/s", "p50", "p99", "server CPU/request", "generator, cores", "rounds");

  /** The server that served a round. */
  enum Kind {
    OURS,
    BARE,

    /** A server of another project, which has no bare program beside it. */
    PEER
  }

  /**
   * One round.
   *
   * @param cpuUsPerRequest CPU time of the server's process ÷ requests, start of the load included;
   *     null where it could not be read
   * @param otherCores what neither server nor generator used of the machine, while it was busy;
   *     null where there is no /proc/stat
   */
  record Round(
      String server,
      Kind kind,
      int round,
      KeepAliveLoad.Outcome outcome,
      Double cpuUsPerRequest,
      Double otherCores) {}

  /** rounds.json. */
  record Rounds(Machine machine, String setting, List<Round> rounds) {}

  /**
   * Medians of a server's rounds.
   *
   * @param ratio ours ÷ bare; the median of the rounds' own ratios
   */
  record Compared(
      String server,
      double oursPerSecond,
      double barePerSecond,
      double ratio,
      double ratioMin,
      double ratioMax,
      Double oursCpuUs,
      Double bareCpuUs,
      double generatorCores,
      Double otherCores) {

    /** Bare ÷ ours: it moves less than requests/s while others use the machine. */
    Double cpuRatio() {
      return oursCpuUs == null || bareCpuUs == null ? null : bareCpuUs / oursCpuUs;
    }
  }

  /** Medians of a peer's rounds. */
  record Peer(
      String server, double perSecond, Double cpuUs, double generatorCores, Double otherCores) {}

  /** results.json. */
  record Findings(
      Machine machine,
      List<Compared> servers,
      List<Peer> peers,
      Agreement agreement,
      List<Round> rounds,
      List<String> findings) {}

  /** Answers per second of {@code vertx /io} at 500 connections by both generators. */
  record Agreement(double gatling, double keepAliveLoad, double difference) {
    String sentence() {
      return String.format(
          Locale.ROOT,
          ("Gatling and the second generator %s on "
              + Servers.EVENT_LOOP
              + " /io at 500 connections: %s and %s"
              + " answers/s, %s apart (bound: %s)."),
          difference <= AGREE ? "agree" : "do not agree",
          Numbers.text(gatling, 1),
          Numbers.text(keepAliveLoad, 1),
          Numbers.percent(difference),
          Numbers.percent(AGREE));
    }
  }

  private ThroughputAnalysis() {}

  static Path rounds(Path out) {
    return out.resolve("rounds.json");
  }

  /** Gatling's side of the agreement: a plain run of one row. */
  static Path check(Path out) {
    return out.resolve("check");
  }

  static Path checkOutcome(Path out) {
    return check(out).resolve("keep-alive-load.json");
  }

  static ReportPage report(Path out) throws IOException {
    Rounds all = Json.read(rounds(out), Rounds.class);
    List<Compared> servers = compare(all.rounds());
    List<Peer> peers = peers(all.rounds());
    Agreement agreement = agreement(out);
    List<String> findings =
        new ArrayList<>(servers.stream().map(ThroughputAnalysis::finding).toList());
    peers.forEach(peer -> findings.add(finding(peer)));
    if (agreement != null) {
      findings.add(agreement.sentence());
    }
    ReportPage page =
        new ReportPage(
            "GET / beside the bare framework",
            all.setting(),
            findings,
            List.of(section(all.rounds(), servers, peers)));
    return ReportPageWriter.write(
        out, page, new Findings(all.machine(), servers, peers, agreement, all.rounds(), findings));
  }

  private static Agreement agreement(Path out) throws IOException {
    if (Files.notExists(Layout.run(check(out))) || Files.notExists(checkOutcome(out))) {
      return null;
    }
    List<RowResult> rows = ReportWriter.write(check(out)).rows();
    if (rows.isEmpty() || rows.getFirst().successesPerSecond() == null) {
      return null;
    }
    KeepAliveLoad.Outcome own = Json.read(checkOutcome(out), KeepAliveLoad.Outcome.class);
    return agreement(rows.getFirst().successesPerSecond(), own.perSecond());
  }

  static Agreement agreement(double gatling, double own) {
    double difference = Math.abs(own - gatling) / Math.max(1, gatling);
    return new Agreement(gatling, Numbers.round(own, 2), Numbers.round(difference, 4));
  }

  static List<Compared> compare(List<Round> rounds) {
    List<Compared> compared = new ArrayList<>();
    for (String server : rounds.stream().map(Round::server).distinct().toList()) {
      List<Round> own = rounds.stream().filter(round -> round.server().equals(server)).toList();
      List<Double> ratios = ratios(own);
      if (!ratios.isEmpty()) {
        compared.add(
            new Compared(
                server,
                median(own, Kind.OURS, round -> round.outcome().perSecond()),
                median(own, Kind.BARE, round -> round.outcome().perSecond()),
                Numbers.round(Numbers.median(ratios), 3),
                Numbers.round(ratios.getFirst(), 3),
                Numbers.round(ratios.getLast(), 3),
                cpu(own, Kind.OURS),
                cpu(own, Kind.BARE),
                generator(own),
                other(own)));
      }
    }
    return compared;
  }

  static List<Peer> peers(List<Round> rounds) {
    Map<String, List<Round>> peers =
        rounds.stream()
            .filter(round -> round.kind() == Kind.PEER)
            .collect(Collectors.groupingBy(Round::server, LinkedHashMap::new, Collectors.toList()));
    return peers.entrySet().stream()
        .map(
            peer ->
                new Peer(
                    peer.getKey(),
                    median(peer.getValue(), Kind.PEER, round -> round.outcome().perSecond()),
                    cpu(peer.getValue(), Kind.PEER),
                    generator(peer.getValue()),
                    other(peer.getValue())))
        .toList();
  }

  private static double generator(List<Round> rounds) {
    return rounds.stream().mapToDouble(round -> round.outcome().cores()).max().orElseThrow();
  }

  /** Ours ÷ bare of each round in which both ran, sorted. */
  private static List<Double> ratios(List<Round> rounds) {
    Map<Integer, Double> bare =
        rounds.stream()
            .filter(round -> round.kind() == Kind.BARE)
            .collect(Collectors.toMap(Round::round, round -> round.outcome().perSecond()));
    return rounds.stream()
        .filter(round -> round.kind() == Kind.OURS && bare.containsKey(round.round()))
        .map(round -> round.outcome().perSecond() / bare.get(round.round()))
        .sorted()
        .toList();
  }

  private static Double other(List<Round> rounds) {
    return rounds.stream()
        .map(Round::otherCores)
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  private static Double cpu(List<Round> rounds, Kind kind) {
    return rounds.stream().anyMatch(round -> round.cpuUsPerRequest() == null)
        ? null
        : median(rounds, kind, Round::cpuUsPerRequest);
  }

  private static double median(List<Round> rounds, Kind kind, ToDoubleFunction<Round> value) {
    return Numbers.median(
        rounds.stream()
            .filter(round -> round.kind() == kind)
            .map(value::applyAsDouble)
            .sorted()
            .toList());
  }

  private static String disturbed(Double otherCores) {
    return Disturbance.byOthers(otherCores)
        ? String.format(
            Locale.ROOT,
            " Disturbed: others used up to %s cores, so compare the CPU per request instead.",
            Numbers.text(otherCores, 2))
        : "";
  }

  static String finding(Peer peer) {
    String limited =
        Disturbance.byGenerator(peer.generatorCores())
            ? String.format(
                Locale.ROOT,
                " The load generator used %s cores of the one it can use, so the figure is also"
                    + " its limit.",
                Numbers.text(peer.generatorCores(), 2))
            : "";
    return String.format(
        Locale.ROOT,
        "%s: / serves %s requests/s; CPU per request %s µs.%s%s",
        peer.server(),
        Numbers.whole(peer.perSecond()),
        Numbers.text(peer.cpuUs(), 1),
        limited,
        disturbed(peer.otherCores()));
  }

  static String finding(Compared server) {
    String limited =
        Disturbance.byGenerator(server.generatorCores())
            ? String.format(
                Locale.ROOT,
                (" The load generator used %s cores of the one it can use. So both figures are"
                    + " also its limit, and the ratio looks better than it is."),
                Numbers.text(server.generatorCores(), 2))
            : "";
    return String.format(
        Locale.ROOT,
        ("%s: / serves %s requests/s, %s of the bare framework's %s/s (rounds: %s to %s; target"
            + " %s: %s); CPU per request %s and %s µs, %s of it the framework's.%s%s"),
        server.server(),
        Numbers.whole(server.oursPerSecond()),
        Numbers.text(server.ratio(), 2),
        Numbers.whole(server.barePerSecond()),
        Numbers.text(server.ratioMin(), 2),
        Numbers.text(server.ratioMax(), 2),
        Numbers.text(TARGET, 2),
        server.ratio() >= TARGET ? "reached" : "not reached",
        Numbers.text(server.oursCpuUs(), 1),
        Numbers.text(server.bareCpuUs(), 1),
        Numbers.text(server.cpuRatio(), 2),
        limited,
        disturbed(server.otherCores()));
  }

  private static Section section(List<Round> rounds, List<Compared> servers, List<Peer> peers) {
    List<List<String>> cells = new ArrayList<>();
    for (Compared server : servers) {
      cells.add(cells(server.server(), Kind.OURS, rounds));
      cells.add(cells(server.server(), Kind.BARE, rounds));
    }
    peers.forEach(peer -> cells.add(cells(peer.server(), Kind.PEER, rounds)));
    List<String> labels =
        Stream.concat(servers.stream().map(Compared::server), peers.stream().map(Peer::server))
            .toList();
    Chart chart =
        new Chart(
            "Requests per second",
            "",
            "requests/s",
            false,
            labels,
            List.of(
                new Line(
                    peers.isEmpty() ? "/ of this project" : "/",
                    List.of(),
                    Stream.concat(
                            servers.stream().map(Compared::oursPerSecond),
                            peers.stream().map(Peer::perSecond))
                        .toList()),
                new Line(
                    "bare framework",
                    List.of(),
                    Stream.concat(
                            servers.stream().map(Compared::barePerSecond),
                            peers.stream().map(_ -> (Double) null))
                        .toList())));
    return new Section("No wait, 64 connections", List.of(PUBLISHED), HEAD, cells, List.of(chart));
  }

  private static List<String> cells(String server, Kind kind, List<Round> rounds) {
    List<Round> own =
        rounds.stream()
            .filter(round -> round.server().equals(server) && round.kind() == kind)
            .sorted(Comparator.comparingDouble(round -> round.outcome().perSecond()))
            .toList();
    return List.of(
        server + (kind == Kind.BARE ? ", bare" : " /"),
        Numbers.whole(median(own, kind, r -> r.outcome().perSecond())),
        Numbers.whole(median(own, kind, r -> r.outcome().p50Us())) + " µs",
        Numbers.whole(median(own, kind, r -> r.outcome().p99Us())) + " µs",
        Numbers.text(cpu(own, kind), 1) + " µs",
        Numbers.text(median(own, kind, r -> r.outcome().cores()), 2),
        own.stream()
            .map(r -> Numbers.whole(r.outcome().perSecond()))
            .collect(Collectors.joining(" · ")));
  }
}
