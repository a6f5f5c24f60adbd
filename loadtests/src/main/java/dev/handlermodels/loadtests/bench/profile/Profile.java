package dev.handlermodels.loadtests.bench.profile;

import dev.handlermodels.loadtests.bench.profile.ProfileProbe.Slices;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What the recordings of one row say.
 *
 * @param title of the row
 * @param sampleEvent of the flight recorder
 * @param calls of all samples
 * @param samplesLost those without a stack
 * @param hottest methods by self time
 * @param pinned virtual threads that kept their carrier, by stack
 * @param waits of threads that read a socket or entered a monitor, by kind and stack
 * @param trouble why it ended early; null where it did not
 */
public record Profile(
    String title,
    String sampleEvent,
    List<ProfileSlice> slices,
    CallTree calls,
    long samplesLost,
    List<Method> hottest,
    List<Wait> pinned,
    List<Wait> waits,
    Pauses pauses,
    String trouble) {
  static final int HOTTEST = 10;

  /**
   * A method.
   *
   * @param share of all samples, in the method itself
   */
  public record Method(String name, double share) {}

  /**
   * Waits that have stack and kind in common.
   *
   * @param kind the event of the flight recorder
   * @param reason as it says it; empty where it says none
   * @param stack the innermost frame first
   */
  public record Wait(String kind, String reason, long count, double totalMs, List<String> stack) {}

  /** Collections of garbage while recordings ran. */
  public record Pauses(long collections, double totalMs) {}

  /**
   * What profiling cost: the slices with it against those without.
   *
   * @param cpuPercent more CPU time for a request, the median of the pairs; null where it could not
   *     be read
   * @param requestsPercent requests a second, likewise
   */
  public record Cost(
      Double cpuPercent,
      Double leastCpuPercent,
      Double mostCpuPercent,
      Double requestsPercent,
      int pairs) {
    /** One sentence. */
    public String sentence() {
      return cpuPercent == null
          ? "What profiling cost could not be read."
          : String.format(
              Locale.ROOT,
              "Profiling cost %s %% more CPU for a request (pairs: %s to %s), at %s %% more"
                  + " requests/s; %s pairs of slices without and with it, in turn.",
              Numbers.text(cpuPercent, 1),
              Numbers.text(leastCpuPercent, 1),
              Numbers.text(mostCpuPercent, 1),
              Numbers.text(requestsPercent, 1),
              Numbers.whole(pairs));
    }
  }

  /** All profiles below a folder, in the order of their names. */
  public static List<Profile> in(Path out) throws IOException {
    try (Stream<Path> files = Files.walk(out)) {
      List<Profile> profiles = new ArrayList<>();
      for (Path file :
          files.filter(path -> path.endsWith("profile/slices.json")).sorted().toList()) {
        profiles.add(read(file.getParent()));
      }
      return List.copyOf(profiles);
    }
  }

  /**
   * Reads one.
   *
   * @param dir of the slices and their recordings
   */
  static Profile read(Path dir) throws IOException {
    Slices slices = Json.read(dir.resolve("slices.json"), Slices.class);
    RecordingReader reader = new RecordingReader(slices.sampleEvent());
    for (ProfileSlice slice : slices.slices()) {
      if (slice.isProfiled() && Files.exists(dir.resolve(slice.recording()))) {
        reader.read(dir.resolve(slice.recording()));
      }
    }
    return reader.profile(slices);
  }

  /** Share of the samples without a stack. */
  public double lostShare() {
    long all = calls.samples() + samplesLost;
    return all == 0 ? 0 : samplesLost / (double) all;
  }

  public Cost cost() {
    List<Double> cpu = differences(ProfileSlice::cpuUsPerRequest);
    List<Double> rate = differences(ProfileSlice::requestsPerSecond);
    return cpu.isEmpty() || rate.isEmpty()
        ? new Cost(null, null, null, null, cpu.size())
        : new Cost(
            Numbers.median(cpu), cpu.getFirst(), cpu.getLast(), Numbers.median(rate), cpu.size());
  }

  /** With against without, in percent, of each pair that follow each other; sorted. */
  private List<Double> differences(Function<ProfileSlice, Double> figure) {
    List<Double> percents = new ArrayList<>();
    for (int i = 1; i < slices.size(); i++) {
      Double without = figure.apply(slices.get(i - 1));
      Double with = figure.apply(slices.get(i));
      boolean pair = slices.get(i).isProfiled() && !slices.get(i - 1).isProfiled();
      if (pair && without != null && with != null && without > 0) {
        percents.add((with / without - 1) * 100);
      }
    }
    return percents.stream().sorted().toList();
  }

  /** A second, of all slices without a recording; null where they could not be read. */
  public Double switchesPerSecond(Function<ContextSwitches, Long> which) {
    return perSecond(slice -> slice.switches() == null ? null : which.apply(slice.switches()));
  }

  /** Requests a second in the slices without a recording; null where they could not be read. */
  public Double requestsPerSecond() {
    return perSecond(ProfileSlice::requests);
  }

  private Double perSecond(Function<ProfileSlice, Long> count) {
    List<ProfileSlice> free =
        slices.stream().filter(Predicate.not(ProfileSlice::isProfiled)).toList();
    if (free.isEmpty() || free.stream().anyMatch(slice -> count.apply(slice) == null)) {
      return null;
    }
    double seconds = free.stream().mapToDouble(ProfileSlice::seconds).sum();
    return free.stream().mapToLong(slice -> count.apply(slice)).sum() / seconds;
  }
}
