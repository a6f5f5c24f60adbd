package dev.handlermodels.loadtests.bench.scenario.db;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.scenario.db.DbRow.Question;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What limits a handler that waits for the database, from the raw files alone. */
final class DbAnalysis {
  /** The least share of the ceiling that each right way has to reach. */
  static final double TARGET = 0.95;

  /** The least share of a bare loop over the same driver and pool. */
  static final double BARE_TARGET = 0.80;

  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^database_pool_(acquire|usage)_seconds_(sum|count)\\{[^}]*} (\\S+)$");

  private static final List<String> HEAD =
      List.of(
          "",
          "ceiling",
          "answers/s",
          "share of ceiling",
          "refused or failed",
          "p50",
          "p99",
          "wait for a connection",
          "connection held",
          "server CPU a request",
          "database CPU a request",
          "heap a request in flight",
          "peak RSS",
          "connections",
          "slowest /health");

  /**
   * How a load was answered.
   *
   * @param unanswered refused, failed or too late
   */
  record Load(double perSecond, long unanswered, Double p50Ms, Double p99Ms, double cores) {
    static Load of(KeepAliveLoad.Outcome outcome) {
      return new Load(
          outcome.perSecond(),
          outcome.failures(),
          outcome.p50Ms(),
          outcome.p99Ms(),
          outcome.cores());
    }

    /** Latencies are those of good answers. */
    static Load of(ArrivalLoad.Outcome outcome) {
      ArrivalLoad.IntervalStats step = outcome.steps().getFirst();
      return new Load(
          step.okPerSecond(),
          step.arrivals() - step.ok(),
          step.ok() == 0 ? null : (Double) (step.p50Us() / 1000.0),
          step.ok() == 0 ? null : (Double) (step.p99Us() / 1000.0),
          outcome.cores());
    }
  }

  /**
   * A row. What could not be read is null.
   *
   * @param acquireMs mean wait of those who got a connection
   * @param usageMs mean time for which a connection was held
   * @param connections that PostgreSQL served at the end of the window
   * @param healthMs the slowest answer of /health/live meanwhile, 2000 where there was none in time
   */
  record Measured(
      Question question,
      String label,
      String server,
      String path,
      int queries,
      int holdMs,
      int users,
      int arrivals,
      int pool,
      Double ceiling,
      Load load,
      Double serverCpuUs,
      Double databaseCpuUs,
      Double otherCores,
      Double acquireMs,
      Double usageMs,
      Long connections,
      Double healthMs,
      Heap heap) {

    /** Live heap of the idle server and of the loaded one. */
    record Heap(Long idleBytes, Long loadedBytes, Long inFlight, Double rssPeakMiB) {
      Double perRequestBytes() {
        return idleBytes == null || loadedBytes == null || inFlight == null || inFlight < 10
            ? null
            : (Double) ((loadedBytes - idleBytes) / (double) inFlight);
      }
    }

    static Measured of(
        DbRow row,
        Load load,
        Double serverCores,
        Double databaseCores,
        Double otherCores,
        Double acquireMs,
        Double usageMs,
        Long connections,
        Double healthMs) {
      return new Measured(
          row.question(),
          row.label(),
          row.server(),
          row.path(),
          row.queries(),
          row.holdMs(),
          row.users(),
          row.arrivals(),
          row.pool(),
          row.ceiling(),
          load,
          perRequest(serverCores, load),
          perRequest(databaseCores, load),
          otherCores,
          acquireMs,
          usageMs,
          connections,
          healthMs,
          null);
    }

    private static Double perRequest(Double cores, Load load) {
      return cores == null || load.perSecond() == 0
          ? null
          : (Double) Numbers.round(cores * 1e6 / load.perSecond(), 1);
    }

    Measured with(Heap measured) {
      return new Measured(
          question,
          label,
          server,
          path,
          queries,
          holdMs,
          users,
          arrivals,
          pool,
          ceiling,
          load,
          serverCpuUs,
          databaseCpuUs,
          otherCores,
          acquireMs,
          usageMs,
          connections,
          healthMs,
          measured);
    }

    Double share() {
      return ceiling == null ? null : (Double) (load.perSecond() / ceiling);
    }

    boolean disturbed() {
      return Disturbance.byOthers(otherCores);
    }
  }

  /** A driver and its pool, asked in a loop without any HTTP. */
  record BareLoop(String driver, int pool, int holdMs, double perSecond) {}

  /** rows.json. */
  record Raw(
      Machine machine, String setting, int planned, List<BareLoop> loops, List<Measured> rows) {}

  /** results.json. */
  record Results(
      Machine machine,
      String setting,
      List<BareLoop> loops,
      List<Measured> rows,
      List<String> findings) {}

  private DbAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("rows.json");
  }

  /** Sums and counts of the pool's timers, all drivers together; empty for no metrics. */
  static Map<String, Double> pool(String metrics) {
    Map<String, Double> sums = new HashMap<>();
    for (MatchResult sample : SAMPLE.matcher(metrics == null ? "" : metrics).results().toList()) {
      sums.merge(
          sample.group(1) + "_" + sample.group(2), Double.valueOf(sample.group(3)), Double::sum);
    }
    return sums;
  }

  /** The mean in ms of what a timer has recorded in between; null where that is nothing. */
  static Double mean(Map<String, Double> before, Map<String, Double> after, String timer) {
    double count = difference(before, after, timer + "_count");
    double seconds = difference(before, after, timer + "_sum");
    return count <= 0 ? null : (Double) Numbers.round(seconds * 1000 / count, 2);
  }

  private static double difference(
      Map<String, Double> before, Map<String, Double> after, String name) {
    return after.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0);
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().size() + raw.loops().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<String> findings = findings(raw.rows(), raw.loops());
    int measured = raw.rows().size() + raw.loops().size();
    if (measured < raw.planned()) {
      findings.add(ReportPage.cutShort(raw.planned(), measured, "rows"));
    }
    List<Section> sections =
        Arrays.stream(Question.values())
            .filter(question -> !of(raw.rows(), question).isEmpty())
            .map(question -> section(question, of(raw.rows(), question)))
            .toList();
    ReportPage page = new ReportPage("Waiting for the database", raw.setting(), findings, sections);
    return ReportPageWriter.write(
        out, page, new Results(raw.machine(), raw.setting(), raw.loops(), raw.rows(), findings));
  }

  private static List<Measured> of(List<Measured> rows, Question question) {
    return rows.stream().filter(row -> row.question() == question).toList();
  }

  static List<String> findings(List<Measured> rows, List<BareLoop> loops) {
    List<String> findings = new ArrayList<>();
    limits(of(rows, Question.POOL), findings);
    bareHold(loops, findings);
    guards(of(rows, Question.GUARD), findings);
    loop(of(rows, Question.LOOP), findings);
    claim(of(rows, Question.NO_HOLD), findings);
    bare(of(rows, Question.NO_HOLD), loops, findings);
    if (rows.stream().anyMatch(Measured::disturbed)) {
      findings.add("Some rows were disturbed (marked *): others used more than 0.2 cores.");
    }
    return findings;
  }

  private static void limits(List<Measured> rows, List<String> findings) {
    for (String server : rows.stream().map(Measured::server).distinct().toList()) {
      List<Measured> own = rows.stream().filter(row -> row.server().equals(server)).toList();
      Optional<Measured> usual = own.stream().filter(row -> row.pool() == DbRow.POOL).findFirst();
      usual.ifPresent(
          row ->
              findings.add(
                  text(
                      "%s: %s answers/s of %s possible, %s of the ceiling (target %s: %s); a"
                          + " request waits %s ms for a connection and holds it %s ms.",
                      server,
                      Numbers.whole(row.load().perSecond()),
                      Numbers.whole(row.ceiling()),
                      Numbers.percent(row.share()),
                      Numbers.percent(TARGET),
                      row.share() >= TARGET && row.load().unanswered() == 0
                          ? "reached"
                          : "not reached",
                      ms(row.acquireMs()),
                      ms(row.usageMs()))));
      own.stream()
          .filter(row -> row.pool() != DbRow.POOL)
          .forEach(
              row ->
                  findings.add(
                      text(
                          "%s with %d connections: %s answers/s, %s of the ceiling of %s.",
                          server,
                          row.pool(),
                          Numbers.whole(row.load().perSecond()),
                          Numbers.percent(row.share()),
                          Numbers.whole(row.ceiling()))));
    }
  }

  /** What of the ceiling is lost without any server. */
  private static void bareHold(List<BareLoop> loops, List<String> findings) {
    loops.stream()
        .filter(loop -> loop.holdMs() > 0)
        .forEach(
            loop -> {
              double ceiling = loop.pool() * 1000.0 / loop.holdMs();
              findings.add(
                  text(
                      "A bare loop of %s without any server reaches %s queries/s, %s of the same"
                          + " ceiling: the rest is the way to the database and back, and its own"
                          + " lateness.",
                      loop.driver(),
                      Numbers.whole(loop.perSecond()),
                      Numbers.percent(loop.perSecond() / ceiling)));
            });
  }

  private static void guards(List<Measured> rows, List<String> findings) {
    for (Measured row : rows) {
      findings.add(
          text(
              "Virtual threads at %s arrivals/s, %s: %s good answers/s, p99 %s ms, %s not"
                  + " answered, %s MiB at the peak, /health/live within %s ms.",
              Numbers.whole(row.arrivals()),
              row.label(),
              Numbers.whole(row.load().perSecond()),
              ms(row.load().p99Ms()),
              Numbers.whole(row.load().unanswered()),
              row.heap() == null || row.heap().rssPeakMiB() == null
                  ? Numbers.NONE
                  : Numbers.whole(row.heap().rssPeakMiB()),
              ms(row.healthMs())));
    }
  }

  private static void loop(List<Measured> rows, List<String> findings) {
    for (Measured row : rows) {
      findings.add(
          text(
              "%s: %s answers/s of %s possible; /health/live took up to %s ms.",
              row.label(),
              Numbers.whole(row.load().perSecond()),
              Numbers.whole(row.ceiling()),
              ms(row.healthMs())));
    }
  }

  /** The source material's claim on drivers that wrap a blocking one in a pool of threads. */
  private static void claim(List<Measured> rows, List<String> findings) {
    Optional<Measured> async = row(rows, Servers.EVENT_LOOP, "/db", 1);
    Optional<Measured> wrapped = row(rows, Servers.EVENT_LOOP, "/db/offloaded", 1);
    Optional<Measured> asyncFull = row(rows, Servers.EVENT_LOOP, "/db", DbRow.USERS);
    Optional<Measured> wrappedFull = row(rows, Servers.EVENT_LOOP, "/db/offloaded", DbRow.USERS);
    Optional<Measured> blocking = row(rows, Servers.THREAD_POOL, "/db", 1);
    Optional<Measured> blockingFull = row(rows, Servers.THREAD_POOL, "/db", DbRow.USERS);
    if (async.isEmpty()
        || wrapped.isEmpty()
        || asyncFull.isEmpty()
        || wrappedFull.isEmpty()
        || blocking.isEmpty()
        || blockingFull.isEmpty()) {
      return;
    }
    boolean slower = wrapped.get().load().p50Ms() > blocking.get().load().p50Ms();
    boolean better = wrappedFull.get().load().perSecond() > blockingFull.get().load().perSecond();
    findings.add(
        text(
            "\"A driver that wraps a blocking one in threads is slower a query\": %s (p50 of one"
                + " user: %s ms wrapped, %s ms blocking, %s ms asynchronous).",
            slower ? "yes" : "no",
            ms(wrapped.get().load().p50Ms()),
            ms(blocking.get().load().p50Ms()),
            ms(async.get().load().p50Ms())));
    findings.add(
        text(
            "\"... and better under high concurrency\": %s (%d users: %s answers/s wrapped, %s"
                + " blocking, %s asynchronous).",
            better ? "yes" : "no",
            DbRow.USERS,
            Numbers.whole(wrappedFull.get().load().perSecond()),
            Numbers.whole(blockingFull.get().load().perSecond()),
            Numbers.whole(asyncFull.get().load().perSecond())));
  }

  private static void bare(List<Measured> rows, List<BareLoop> loops, List<String> findings) {
    for (Measured row : rows) {
      String driver = row.server().equals(Servers.EVENT_LOOP) ? "r2dbc" : "jdbc";
      Optional<BareLoop> bare =
          loops.stream()
              .filter(loop -> loop.driver().equals(driver) && loop.holdMs() == 0)
              .findFirst();
      if (bare.isEmpty() || !row.path().equals("/db") || row.users() != DbRow.USERS) {
        continue;
      }
      double queries = row.load().perSecond() * row.queries();
      double share = queries / bare.get().perSecond();
      findings.add(
          text(
              "%s without hold, %s a request: %s queries/s, %s of a bare loop of %s without HTTP,"
                  + " which makes %s (target %s: %s).",
              row.server(),
              row.queries() == 1 ? "one query" : row.queries() + " queries",
              Numbers.whole(queries),
              Numbers.percent(share),
              driver,
              Numbers.whole(bare.get().perSecond()),
              Numbers.percent(BARE_TARGET),
              share >= BARE_TARGET ? "reached" : "not reached"));
    }
  }

  private static Optional<Measured> row(
      List<Measured> rows, String server, String path, int users) {
    return rows.stream()
        .filter(row -> row.server().equals(server))
        .filter(row -> row.path().equals(path) && row.users() == users && row.queries() == 1)
        .filter(row -> row.load().p50Ms() != null)
        .findFirst();
  }

  private static Section section(Question question, List<Measured> rows) {
    List<String> labels = rows.stream().map(Measured::label).toList();
    return new Section(
        question.heading,
        List.of(
            "The ceiling is what can be at the database at once ÷ hold. A request that waits for a"
                + " connection costs a callback on the loop, a stack on the heap on virtual"
                + " threads, and a thread in the pool. CPU of the database is that of all its"
                + " processes."),
        HEAD,
        rows.stream().map(DbAnalysis::cells).toList(),
        List.of(
            chart("Answers/s", "answers/s", labels, rows, row -> row.load().perSecond()),
            chart("p99", "ms", labels, rows, row -> row.load().p99Ms())));
  }

  private static Chart chart(
      String title,
      String unit,
      List<String> labels,
      List<Measured> rows,
      Function<Measured, Double> value) {
    return Chart.bars(title, unit, labels, rows.stream().map(value).toList());
  }

  private static List<String> cells(Measured row) {
    Double perRequest = row.heap() == null ? null : row.heap().perRequestBytes();
    Double rss = row.heap() == null ? null : row.heap().rssPeakMiB();
    return List.of(
        row.label() + (row.disturbed() ? " *" : ""),
        row.ceiling() == null ? Numbers.NONE : Numbers.whole(row.ceiling()),
        Numbers.whole(row.load().perSecond()),
        row.share() == null ? Numbers.NONE : Numbers.percent(row.share()),
        Numbers.whole(row.load().unanswered()),
        unit(row.load().p50Ms(), "ms"),
        unit(row.load().p99Ms(), "ms"),
        unit(row.acquireMs(), "ms"),
        unit(row.usageMs(), "ms"),
        unit(row.serverCpuUs(), "µs"),
        unit(row.databaseCpuUs(), "µs"),
        perRequest == null ? Numbers.NONE : Numbers.whole(perRequest) + " B",
        rss == null ? Numbers.NONE : Numbers.whole(rss) + " MiB",
        row.connections() == null ? Numbers.NONE : Numbers.whole(row.connections()),
        unit(row.healthMs(), "ms"));
  }

  private static String unit(Double value, String unit) {
    return value == null ? Numbers.NONE : ms(value) + " " + unit;
  }

  private static String ms(Double value) {
    return value == null ? Numbers.NONE : Numbers.text(value, value < 10 ? 2 : 0);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
