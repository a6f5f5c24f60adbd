package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.Warmup;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.row.MeasuredWindow;
import dev.handlermodels.loadtests.bench.row.RowData;
import dev.handlermodels.loadtests.bench.row.RowOutcome;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Merges the runs of several injectors that loaded one target at the same time into one run. Its
 * figures are computed from all their records, in the time in which all of them measured; no figure
 * of one injector is averaged with another's.
 */
public final class InjectorMerge {
  /** Below this share of the planned window the injectors did not run at the same time. */
  private static final double COMMON_SHARE = 0.5;

  private final Path out;
  private final List<Path> injectors;
  private final List<RunManifest> runs;

  private InjectorMerge(Path out, List<Path> injectors) throws IOException {
    this.out = out;
    this.injectors = injectors;
    this.runs = new ArrayList<>();
    for (Path injector : injectors) {
      runs.add(Json.read(Layout.run(injector), RunManifest.class));
    }
  }

  /** Whether this folder holds folders of runs, and no run itself. */
  public static boolean isOf(Path out) throws IOException {
    return Files.notExists(Layout.run(out)) && !injectors(out).isEmpty();
  }

  /**
   * Writes the run of all injectors into {@code out}.
   *
   * @throws IOException with a sentence, where they did not do the same at the same time
   */
  public static void write(Path out) throws IOException {
    new InjectorMerge(out, injectors(out)).write();
  }

  private static List<Path> injectors(Path out) throws IOException {
    if (!Files.isDirectory(out)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(out)) {
      return folders.filter(folder -> Files.exists(Layout.run(folder))).sorted().toList();
    }
  }

  private void write() throws IOException {
    requireTheSame();
    RunManifest first = runs.getFirst();
    int users = runs.stream().mapToInt(run -> run.settings().users()).sum();
    int seconds = Integer.MAX_VALUE;
    for (String id : first.rows()) {
      seconds = Math.min(seconds, mergeRow(id));
    }
    Json.write(
        Layout.run(out),
        new RunManifest(
            first.startedAt(),
            first.machine(),
            first.settings().merged(users, seconds),
            first.rows(),
            1,
            notes(),
            first.servers()));
  }

  private void requireTheSame() throws IOException {
    RunManifest first = runs.getFirst();
    for (int i = 0; i < runs.size(); i++) {
      RunManifest run = runs.get(i);
      boolean same =
          run.rows().equals(first.rows())
              && run.timesEach() == 1
              && !run.settings().isOpen()
              && run.settings().target() != null
              && alike(run.settings()).equals(alike(first.settings()));
      if (!same) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                ("%s is not the same load as %s: injectors run the same rows once, closed,"
                    + " against one --target, and differ in their users only."),
                injectors.get(i),
                injectors.getFirst()));
      }
    }
  }

  /** Each may have reached the census of another instance, or none. */
  private static Settings alike(Settings settings) {
    return settings
        .against(new Target(settings.target().url(), null))
        .merged(0, settings.durationSeconds());
  }

  /**
   * @return whole seconds in which all injectors measured
   */
  private int mergeRow(String id) throws IOException {
    List<RowOutcome> facts = new ArrayList<>();
    List<UserStats> users = new ArrayList<>();
    List<MeasuredWindow> windows = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    Path row = Files.createDirectories(new Layout(null, out).row(id));
    for (Path injector : injectors) {
      Path part = new Layout(null, injector).row(id);
      if (Files.notExists(Layout.window(part)) || Files.notExists(Layout.users(part))) {
        throw new IOException(part + " never reached its measured window.");
      }
      facts.add(Json.read(Layout.facts(part), RowOutcome.class));
      users.add(Json.read(Layout.users(part), UserStats.class));
      windows.add(Json.read(Layout.window(part), MeasuredWindow.class));
      rows.add(row.relativize(part).toString());
    }
    int planned = runs.getFirst().settings().durationSeconds();
    long fromMs = windows.stream().mapToLong(MeasuredWindow::fromMs).max().orElseThrow();
    long toMs =
        windows.stream().mapToLong(MeasuredWindow::fromMs).min().orElseThrow() + planned * 1000L;
    if (toMs - fromMs < COMMON_SHARE * planned * 1000) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "The injectors measured %s together for %d of %d s only; start them at the same"
                  + " time.",
              id,
              Math.max(0, (toMs - fromMs) / 1000),
              planned));
    }
    Json.write(Layout.injectors(row), rows);
    Json.write(Layout.facts(row), facts(id, facts));
    Json.write(Layout.users(row), users(users));
    Json.write(Layout.window(row), new MeasuredWindow(fromMs, restless(windows)));
    return (int) ((toMs - fromMs) / 1000);
  }

  private static RowOutcome facts(String id, List<RowOutcome> all) {
    RowOutcome worst =
        all.stream().filter(f -> f.trouble() != null).findFirst().orElse(all.getFirst());
    Long troubleAtMs =
        all.stream()
            .map(RowOutcome::troubleAtMs)
            .filter(Objects::nonNull)
            .min(Comparator.naturalOrder())
            .orElse(null);
    return new RowOutcome(id, 1, null, worst.trouble(), troubleAtMs, worst.lastLogLines());
  }

  private static UserStats users(List<UserStats> all) {
    return new UserStats(
        all.stream().mapToLong(UserStats::startedAtMs).min().orElseThrow(),
        all.stream().mapToLong(UserStats::atMs).max().orElseThrow(),
        all.stream().allMatch(UserStats::finished),
        all.stream().mapToLong(UserStats::ok).sum(),
        all.stream().mapToLong(UserStats::failed).sum(),
        all.stream().mapToInt(UserStats::users).sum(),
        all.stream().mapToInt(UserStats::served).sum(),
        all.stream().mapToInt(UserStats::unfinished).sum(),
        all.stream().mapToLong(UserStats::oldestUnfinishedMs).max().orElseThrow());
  }

  /** The warm-up of an injector that had not settled, where there is one. */
  private static Warmup restless(List<MeasuredWindow> windows) {
    return windows.stream()
        .map(MeasuredWindow::warmup)
        .filter(warmup -> !warmup.settled())
        .findFirst()
        .orElse(windows.getFirst().warmup());
  }

  /** Whether an injector was itself the limit, which only that injector knows. */
  private List<String> notes() throws IOException {
    List<String> notes = new ArrayList<>();
    notes.add(
        String.format(
            Locale.ROOT,
            ("Merged from the records of %d injectors, in the time in which all of them measured."
                + " Each injector reports on its own process:"),
            injectors.size()));
    for (int i = 0; i < injectors.size(); i++) {
      for (String id : runs.get(i).rows()) {
        Path row = new Layout(null, injectors.get(i)).row(id);
        RowResult result = RowAnalysis.of(RowData.read(row, runs.get(i).settings()), runs.get(i));
        notes.add(
            String.format(
                Locale.ROOT,
                "%s, %s: %s",
                injectors.get(i).getFileName(),
                id,
                result.verdict().limitedBy().sentence()));
      }
    }
    notes.add(runs.getFirst().settings().target().sentence());
    return notes;
  }
}
