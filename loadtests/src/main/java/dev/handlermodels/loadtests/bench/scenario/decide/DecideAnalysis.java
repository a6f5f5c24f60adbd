package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Chart;
import dev.handlermodels.loadtests.bench.report.ReportPage.Line;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.Disturbance;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The decision matrix, measured: which model for which kind of work, for the caller's figures. */
final class DecideAnalysis {
  /**
   * A candidate within this share of the best counts as equal: the rest is noise of a shared
   * machine.
   */
  static final double AS_GOOD = 0.95;

  /** A candidate meets the SLO if it gives this share of its answers in time. */
  static final double IN_TIME = 0.99;

  private static final String MARKS =
      "* others used more than 0.2 cores; † the load generator was near its own limit, so more"
          + " may be possible.";

  private static final List<String> HEAD =
      List.of(
          "",
          "in time/s",
          "answers/s",
          "in time",
          "p50",
          "p99",
          "failures",
          "CPU/answer",
          "peak RSS",
          "");

  /**
   * A server and the endpoint that is its right way for a kind of work, or its wrong one.
   *
   * @param advised whether it is what the documents advise
   */
  record Candidate(String server, String path, boolean advised) {
    String label() {
      return server + " " + path;
    }

    /** It computes where others wait for it, so it does not win, however fast it is. */
    boolean antiPattern() {
      return path.endsWith("/inline");
    }
  }

  /** A kind of work, with what the documents advise for it. */
  enum Work {
    MANY_CALLS(
        "many outbound calls",
        "event loop",
        advised(Servers.EVENT_LOOP, "/io"),
        other(Servers.VIRTUAL_THREADS, "/io"),
        other(Servers.THREAD_POOL, "/io")),
    BLOCKING_LIBRARY(
        "a blocking library that cannot be changed",
        "thread pool",
        advised(Servers.EVENT_LOOP, "/io/offloaded"),
        other(Servers.VIRTUAL_THREADS, "/io/blocking"),
        advised(Servers.THREAD_POOL, "/io/blocking")),
    CPU_BOUND(
        "CPU-bound",
        "processes; in a JVM platform threads, because it has no GIL",
        advised(Servers.EVENT_LOOP, "/cpu"),
        advised(Servers.VIRTUAL_THREADS, "/cpu"),
        advised(Servers.THREAD_POOL, "/cpu"),
        other(Servers.EVENT_LOOP, "/cpu/inline"),
        other(Servers.VIRTUAL_THREADS, "/cpu/inline")),
    MIXED(
        "mixed: a call, then CPU work",
        "event loop plus executor",
        advised(Servers.EVENT_LOOP, "/mixed"),
        other(Servers.VIRTUAL_THREADS, "/mixed"),
        other(Servers.THREAD_POOL, "/mixed")),
    FEW_USERS(
        "few users",
        null,
        other(Servers.EVENT_LOOP, "/io"),
        other(Servers.VIRTUAL_THREADS, "/io"),
        other(Servers.THREAD_POOL, "/io")),
    LITTLE_MEMORY(
        "little memory",
        "event loop, then threads",
        advised(Servers.EVENT_LOOP, "/io"),
        other(Servers.VIRTUAL_THREADS, "/io"),
        other(Servers.THREAD_POOL, "/io"));

    final String label;

    /** Null where the documents say nothing. */
    final String advice;

    final List<Candidate> candidates;

    Work(String label, String advice, Candidate... candidates) {
      this.label = label;
      this.advice = advice;
      this.candidates = List.of(candidates);
    }

    private static Candidate advised(String server, String path) {
      return new Candidate(server, path, true);
    }

    private static Candidate other(String server, String path) {
      return new Candidate(server, path, false);
    }
  }

  /**
   * What the caller's work looks like.
   *
   * @param cpuMs of CPU-bound work for each request
   * @param sloMs what an answer may take
   * @param fewUsers of the kinds {@link Work#FEW_USERS} and {@link Work#CPU_BOUND}
   * @param cpuUnitMs time of a unit of CPU work on this machine; null where it was not measured
   */
  record Question(
      int users,
      int waitMs,
      int cpuMs,
      int sloMs,
      int poolSize,
      int fewUsers,
      int littleHeapMiB,
      Double cpuUnitMs) {

    /** So many units take {@link #cpuMs} on this machine. */
    int work() {
      return CpuUnit.units(cpuMs, cpuUnitMs);
    }
  }

  /**
   * One candidate under one kind of work. What was not measured is null.
   *
   * @param cpuUsPerAnswer CPU time of the server's process ÷ requests, warm-up included
   */
  record Measured(
      Work work,
      Candidate candidate,
      int users,
      Outcome outcome,
      Double cpuUsPerAnswer,
      Double rssPeakMiB,
      Double otherCores) {

    double inTimePerSecond() {
      return outcome.inTime() / outcome.seconds();
    }

    double inTimeShare() {
      return outcome.inWindow() == 0 ? 0 : outcome.inTime() / (double) outcome.inWindow();
    }

    boolean meetsSlo() {
      return inTimeShare() >= IN_TIME;
    }

    boolean disturbed() {
      return Disturbance.byOthers(otherCores);
    }

    boolean generatorFull() {
      return Disturbance.byGenerator(outcome.cores());
    }
  }

  /** measured.json. */
  record Raw(
      Machine machine, String setting, Question question, int planned, List<Measured> rows) {}

  /**
   * The answer for one kind of work.
   *
   * @param winner null where no candidate meets the SLO
   * @param asGood candidates within 5 % of the winner
   * @param adviceHeld null where the documents say nothing, or nobody won
   */
  record Choice(Work work, String winner, List<String> asGood, Boolean adviceHeld, String why) {}

  /** results.json. */
  record Findings(
      Machine machine,
      String setting,
      Question question,
      List<Measured> rows,
      List<Choice> choices) {}

  private DecideAnalysis() {}

  static Path raw(Path out) {
    return out.resolve("measured.json");
  }

  static boolean complete(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    return raw.rows().size() == raw.planned();
  }

  static ReportPage report(Path out) throws IOException {
    Raw raw = Json.read(raw(out), Raw.class);
    List<Choice> choices = new ArrayList<>();
    List<Section> sections = new ArrayList<>();
    for (Work work : Work.values()) {
      List<Measured> rows = raw.rows().stream().filter(row -> row.work() == work).toList();
      if (rows.size() == work.candidates.size()) {
        Choice choice = choice(work, rows, raw.question());
        choices.add(choice);
        sections.add(section(choice, rows, raw.question(), raw.machine().cores()));
      }
    }
    List<String> findings = new ArrayList<>(choices.stream().map(Choice::why).toList());
    if (raw.rows().size() < raw.planned()) {
      findings.add(ReportPage.cutShort(raw.planned(), raw.rows().size(), "measurements"));
    }
    if (!choices.isEmpty()) {
      sections.addFirst(inShort(choices, raw));
    }
    ReportPage page =
        new ReportPage("Which model for this work", raw.setting(), findings, sections);
    return ReportPageWriter.write(
        out, page, new Findings(raw.machine(), raw.setting(), raw.question(), raw.rows(), choices));
  }

  /**
   * Most answers in time win; of those that are as good, the one with the least CPU for each answer
   * or, where memory is the question, with the least memory.
   */
  static Choice choice(Work work, List<Measured> rows, Question question) {
    List<Measured> able =
        rows.stream().filter(row -> row.meetsSlo() && !row.candidate().antiPattern()).toList();
    if (able.isEmpty()) {
      return new Choice(work, null, List.of(), null, nobody(work, rows, question));
    }
    double most = able.stream().mapToDouble(Measured::inTimePerSecond).max().orElseThrow();
    List<Measured> good =
        able.stream()
            .filter(row -> row.inTimePerSecond() >= AS_GOOD * most)
            .sorted(cheapFirst(work, able, most))
            .toList();
    Boolean held =
        work.advice == null ? null : good.stream().anyMatch(row -> holds(work, row, good));
    List<String> asGood = good.stream().skip(1).map(row -> row.candidate().label()).toList();
    return new Choice(
        work, good.getFirst().candidate().label(), asGood, held, sentence(work, good, rows, held));
  }

  /**
   * Those within 5 % of the least cost before the others; among each, most answers in time first.
   */
  private static Comparator<Measured> cheapFirst(Work work, List<Measured> able, double most) {
    double least =
        able.stream()
            .filter(row -> row.inTimePerSecond() >= AS_GOOD * most)
            .mapToDouble(row -> cost(work, row))
            .min()
            .orElseThrow();
    Comparator<Measured> cheap = Comparator.comparing(row -> cost(work, row) * AS_GOOD > least);
    return cheap.thenComparing(Comparator.comparing(Measured::inTimePerSecond).reversed());
  }

  /** Where memory matters most, a candidate must also need little of it. */
  private static boolean holds(Work work, Measured row, List<Measured> good) {
    boolean cheap =
        work != Work.LITTLE_MEMORY || cost(work, row) * AS_GOOD <= cost(work, good.getFirst());
    return row.candidate().advised() && cheap;
  }

  private static double cost(Work work, Measured row) {
    Double cost = work == Work.LITTLE_MEMORY ? row.rssPeakMiB() : row.cpuUsPerAnswer();
    return cost == null ? Double.MAX_VALUE : cost;
  }

  private static String nobody(Work work, List<Measured> rows, Question question) {
    Measured best =
        rows.stream()
            .filter(row -> !row.candidate().antiPattern())
            .max(Comparator.comparing(Measured::inTimeShare))
            .orElseThrow();
    return String.format(
        Locale.ROOT,
        "%s: no model. The best, %s, gave %s of its answers within %s ms; %s are needed.%s",
        heading(work),
        best.candidate().label(),
        Numbers.percent(best.inTimeShare()),
        Numbers.whole(question.sloMs()),
        Numbers.percent(IN_TIME),
        work == Work.MIXED || work == Work.CPU_BOUND
            ? " Compare users × --cpu-ms with the machine's cores."
            : "");
  }

  private static String sentence(
      Work work, List<Measured> good, List<Measured> rows, Boolean held) {
    Measured winner = good.getFirst();
    StringBuilder text = new StringBuilder(heading(work) + ": " + winner.candidate().label());
    text.append(
        String.format(
            Locale.ROOT,
            ", %s answers/s in time, p99 %s ms, %s µs of CPU each, peak RSS %s MiB.",
            Numbers.text(winner.inTimePerSecond(), 1),
            Numbers.whole(winner.outcome().p99Ms()),
            Numbers.whole(winner.cpuUsPerAnswer()),
            Numbers.whole(winner.rssPeakMiB())));
    for (Measured row : rows) {
      if (row != winner) {
        text.append(' ').append(beside(work, row, winner, good.contains(row))).append('.');
      }
    }
    if (held != null) {
      text.append(
          String.format(
              Locale.ROOT,
              " The published advice (%s) %s here.",
              work.advice,
              held ? "held" : "did not hold"));
    }
    if (rows.stream().anyMatch(Measured::disturbed)) {
      text.append(" Disturbed: others used the machine meanwhile.");
    }
    return text.toString();
  }

  private static String beside(Work work, Measured row, Measured winner, boolean asGood) {
    String name = row.candidate().label();
    if (row.candidate().antiPattern()) {
      return String.format(
          Locale.ROOT,
          "%s: an anti-pattern, which never wins: with its %s answers/s in time it serves nobody"
              + " else meanwhile, as ./bench cpu shows",
          name,
          Numbers.text(row.inTimePerSecond(), 1));
    }
    if (asGood) {
      return work == Work.LITTLE_MEMORY
          ? String.format(
              Locale.ROOT, "%s: as many, with %s MiB", name, Numbers.whole(row.rssPeakMiB()))
          : String.format(
              Locale.ROOT,
              "%s: as good within 5 %%, with %s µs of CPU each",
              name,
              Numbers.whole(row.cpuUsPerAnswer()));
    }
    if (!row.meetsSlo()) {
      return String.format(
          Locale.ROOT,
          "%s: only %s of its %s answers/s in time",
          name,
          Numbers.percent(row.inTimeShare()),
          Numbers.text(row.outcome().perSecond(), 1));
    }
    double share = row.inTimePerSecond() / winner.inTimePerSecond();
    return share > 0.5
        ? String.format(Locale.ROOT, "%s: %s fewer", name, Numbers.percent(1 - share))
        : String.format(Locale.ROOT, "%s: %s times fewer", name, Numbers.text(1 / share, 1));
  }

  private static String heading(Work work) {
    return work.label.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + work.label.substring(1);
  }

  /** The page's first table: the answer for each kind of work, a line each. */
  private static Section inShort(List<Choice> choices, Raw raw) {
    List<List<String>> lines = new ArrayList<>();
    for (Choice choice : choices) {
      lines.add(
          List.of(
              heading(choice.work()),
              choice.winner() == null ? "none is in time" : choice.winner(),
              String.join(", ", choice.asGood()),
              limit(choice, raw.question(), raw.machine().cores())));
    }
    return new Section(
        "In short",
        List.of(
            "The advice that is judged below is that of the documents on sync, async, threads and"
                + " processes in Python which this project was asked for with (docs/choosing.md)."),
        List.of("kind of work", "model", "as good", "what limits it"),
        lines,
        List.of());
  }

  /** What bounds the winner's answers, or would bound anybody's where nobody won. */
  static String limit(Choice choice, Question question, int cores) {
    Work work = choice.work();
    boolean few = work == Work.FEW_USERS || work == Work.CPU_BOUND;
    int users = few ? question.fewUsers() : question.users();
    boolean pool =
        choice.winner() != null
            && (choice.winner().startsWith(Servers.THREAD_POOL + " ")
                || choice.winner().endsWith("/offloaded"));
    int places = pool ? Math.min(users, question.poolSize()) : users;
    String name = places < users ? " threads / " : " users / ";
    String waiting =
        Numbers.whole(places)
            + name
            + Numbers.whole(question.waitMs())
            + " ms = "
            + perSecond(places, question.waitMs());
    String computing =
        Numbers.whole(cores)
            + " processors / "
            + Numbers.whole(question.cpuMs())
            + " ms = "
            + perSecond(cores, question.cpuMs());
    return switch (work) {
      case CPU_BOUND -> computing;
      case MIXED ->
          places * 1.0 / question.waitMs() < cores * 1.0 / question.cpuMs() ? waiting : computing;
      default -> waiting;
    };
  }

  /** The arithmetic that the outcome follows from. */
  static String why(Work work, Question question, int cores) {
    int places = Math.min(question.users(), question.poolSize());
    String all =
        String.format(
            Locale.ROOT,
            "all %d users wait at once, so at most %s",
            question.users(),
            perSecond(question.users(), question.waitMs()));
    String pool =
        String.format(
            Locale.ROOT,
            "threads of a pool of %d let %d, so at most %s",
            question.poolSize(),
            places,
            perSecond(places, question.waitMs()));
    String computing =
        String.format(
            Locale.ROOT,
            "%d cores make at most %s of %d ms each, on whatever threads",
            cores,
            perSecond(cores, question.cpuMs()),
            question.cpuMs());
    return switch (work) {
      case MANY_CALLS ->
          String.format(
              Locale.ROOT,
              "Why: an event loop and virtual threads let %s; %s. Between equals the CPU for each"
                  + " answer decides.",
              all,
              pool);
      case BLOCKING_LIBRARY ->
          String.format(
              Locale.ROOT,
              "Why: a blocking call holds its thread. A virtual thread for each call lets %s; %s."
                  + " The same holds for the workers of a loop.",
              all,
              pool);
      case CPU_BOUND ->
          String.format(
              Locale.ROOT,
              "Why: %s. In place (/cpu/inline) the loop or the carrier that computes serves"
                  + " nobody else meanwhile.",
              computing);
      case MIXED ->
          String.format(
              Locale.ROOT,
              "Why: the lower of two ceilings holds. An event loop and virtual threads let %s;"
                  + " %s. And %s.",
              all,
              pool,
              computing);
      case FEW_USERS ->
          String.format(
              Locale.ROOT,
              "Why: with %d users nobody queues where the pool has as many threads, so the CPU"
                  + " for each answer decides. For so few users, most of that is the warm-up of"
                  + " the JVM.",
              question.fewUsers());
      case LITTLE_MEMORY ->
          "Why: a waiting request holds a callback or the stack of a virtual thread on the heap,"
              + " or a thread of the operating system. A pool has few of those, so others wait"
              + " for one.";
    };
  }

  private static String perSecond(int places, int ms) {
    return Numbers.whole(places * 1000.0 / ms) + "/s";
  }

  private static Section section(Choice choice, List<Measured> rows, Question question, int cores) {
    return new Section(
        heading(choice.work()) + " (" + Numbers.whole(rows.getFirst().users()) + " users)",
        rows.stream().anyMatch(row -> row.disturbed() || row.generatorFull())
            ? List.of(why(choice.work(), question, cores), MARKS)
            : List.of(why(choice.work(), question, cores)),
        HEAD,
        rows.stream().map(row -> cells(row, choice)).toList(),
        List.of(
            new Chart(
                "Answers in time per second",
                "",
                "answers/s",
                false,
                rows.stream().map(row -> row.candidate().label()).toList(),
                List.of(
                    new Line(
                        "in time/s",
                        List.of(),
                        rows.stream().map(Measured::inTimePerSecond).toList())))));
  }

  private static List<String> cells(Measured row, Choice choice) {
    Outcome outcome = row.outcome();
    String label = row.candidate().label();
    return List.of(
        label + (row.disturbed() ? " *" : "") + (row.generatorFull() ? " †" : ""),
        Numbers.text(row.inTimePerSecond(), 1),
        Numbers.text(outcome.perSecond(), 1),
        Numbers.percent(row.inTimeShare()),
        Numbers.unit(outcome.p50Ms(), 0, "ms"),
        Numbers.unit(outcome.p99Ms(), 0, "ms"),
        Numbers.whole(outcome.failures()),
        Numbers.whole(row.cpuUsPerAnswer()) + " µs",
        Numbers.whole(row.rssPeakMiB()) + " MiB",
        label.equals(choice.winner())
            ? "winner"
            : choice.asGood().contains(label)
                ? "as good"
                : row.candidate().advised() ? "advised" : "");
  }
}
