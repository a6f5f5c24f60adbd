package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;

/** The progress line: rewritten in place on a terminal, printed now and then to a file. */
public final class Progress {
  private static final int WIDTH = 110;
  private static final long LINE_EACH_SECONDS = 10;

  /** Starting three processes, Gatling's report, stopping: what a row takes beside its load. */
  private static final int OVERHEAD_SECONDS = 8;

  private final PrintStream out;
  private final boolean terminal;
  private final int rows;
  private int rowNumber;
  private String row = "";
  private String line = "";
  private UserStats before;
  private int leadSeconds;

  public Progress(PrintStream out, boolean terminal, int rows) {
    this.out = out;
    this.terminal = terminal;
    this.rows = rows;
  }

  /** On the terminal of this process. */
  public static Progress of(int rows) {
    Console console = System.console();
    return new Progress(System.out, console != null && console.isTerminal(), rows);
  }

  public void row(String next) {
    rowNumber++;
    row = next;
    before = null;
    leadSeconds = Integer.MAX_VALUE;
  }

  public void phase(String phase) {
    show(String.format(Locale.ROOT, "%s %s", prefix(), phase), true);
  }

  /** Shows one of many similar steps; a file gets only each tenth. */
  public void step(String phase, int number) {
    show(String.format(Locale.ROOT, "%s %s", prefix(), phase), number % 10 == 0);
  }

  /** The warm-up took less than it might have. */
  public void measuring(int afterSeconds) {
    leadSeconds = afterSeconds;
  }

  /** A second of load has passed. */
  public void load(long elapsedSeconds, Settings settings, UserStats users) {
    int lead = Math.min(leadSeconds, settings.leadSeconds());
    int loadSeconds = lead + settings.durationSeconds();
    long remaining =
        Math.max(0, loadSeconds + OVERHEAD_SECONDS - elapsedSeconds)
            + (rows - rowNumber) * (long) (settings.loadSeconds() + OVERHEAD_SECONDS);
    String counts = counts(users);
    show(
        String.format(
            Locale.ROOT,
            "%s %s %d of %d s, %d:%02d left in all%s",
            prefix(),
            phaseAt(elapsedSeconds, settings, lead),
            elapsedSeconds,
            loadSeconds,
            remaining / 60,
            remaining % 60,
            counts),
        elapsedSeconds % LINE_EACH_SECONDS == 0);
  }

  /** Answers per second since the line was last written. */
  private String counts(UserStats users) {
    if (users == null || before == null || users.atMs() <= before.atMs()) {
      before = users == null ? before : users;
      return "";
    }
    double rate = (users.ok() - before.ok()) * 1000.0 / (users.atMs() - before.atMs());
    before = users;
    return String.format(
        Locale.ROOT,
        ", %s answers/s, %s failed",
        Numbers.text(rate, 1),
        Numbers.whole(users.failed()));
  }

  /** Prints why a measurement failed, with the last lines of the process that caused it. */
  public void failed(String what, MeasurementException e) {
    say(what + ": " + e.getMessage());
    e.lastLogLines().forEach(this::say);
  }

  /** Prints a line that stays. */
  public void say(String sentence) {
    if (terminal && !line.isEmpty()) {
      out.print("\r" + " ".repeat(line.length()) + "\r");
      line = "";
    }
    out.println(sentence);
  }

  private static String phaseAt(long elapsedSeconds, Settings settings, int lead) {
    if (elapsedSeconds <= settings.rampSeconds()) {
      return "ramp";
    }
    return elapsedSeconds <= lead ? "warm-up" : "measure";
  }

  private String prefix() {
    return String.format(Locale.ROOT, "[%d/%d] %s:", rowNumber, rows, row);
  }

  private void show(String text, boolean due) {
    if (terminal) {
      String padded = text + " ".repeat(Math.max(0, line.length() - text.length()));
      out.print("\r" + padded.substring(0, Math.min(WIDTH, padded.length())));
      out.flush();
      line = text;
    } else if (due) {
      out.println(text);
    }
  }
}
