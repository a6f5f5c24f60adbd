package dev.handlermodels.loadtests.bench.profile;

import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.StopSignal;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.sampling.ServerProbe;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Profiles a server under load: slices with and without a recording, in turn, so that what the
 * recording costs is known from the same load. They follow the measured window, whose figures are
 * free of it.
 */
public final class ProfileProbe implements ServerProbe {
  /** What a recording's start or end takes beside its slice. */
  private static final int BESIDE_MS = 2_000;

  private final LoopbackClient loopback;
  private final StopSignal stop;
  private final String censusUrl;
  private final int sliceMs;
  private final int pairs;

  /** profile.json of a row: the slices in their order, and how their samples were taken. */
  public record Slices(
      String title, String sampleEvent, List<ProfileSlice> slices, String trouble) {
    /** The folder of a row's profile. */
    public static Path folder(Path row) {
      return row.resolve("profile");
    }

    public static Path file(Path row) {
      return folder(row).resolve("slices.json");
    }
  }

  /** All that is counted at a moment. */
  private record Moment(
      long atNs, Long cpuMs, Long requests, Map<String, ContextSwitches> switches) {}

  /**
   * @param censusUrl of the server's own census of threads and requests
   */
  public ProfileProbe(LoopbackClient loopback, StopSignal stop, String censusUrl, boolean quick) {
    this(loopback, stop, censusUrl, quick ? 2_000 : 5_000, quick ? 2 : 4);
  }

  ProfileProbe(LoopbackClient loopback, StopSignal stop, String censusUrl, int sliceMs, int pairs) {
    this.loopback = loopback;
    this.stop = stop;
    this.censusUrl = censusUrl;
    this.sliceMs = sliceMs;
    this.pairs = pairs;
  }

  /** As long as the load has to go on, at most. */
  public int ms() {
    return 2 * BESIDE_MS + 2 * pairs * (sliceMs + BESIDE_MS);
  }

  @Override
  public void idle(ProcessHandle server, Path row) {
    // Nothing to see before there is a load.
  }

  @Override
  public void loaded(ProcessHandle server, Path row) throws IOException, InterruptedException {
    run(server, row, row.getFileName().toString());
  }

  /** A profile that fails leaves its reason, and the row goes on. */
  public void run(ProcessHandle server, Path row, String title)
      throws IOException, InterruptedException {
    Path dir = Files.createDirectories(Slices.folder(row));
    List<ProfileSlice> slices = new ArrayList<>();
    String trouble = null;
    try {
      Recorder recorder = new Recorder(server, dir);
      recorder.prepare();
      for (int pair = 1; pair <= pairs; pair++) {
        slices.add(slice(server, null));
        Path recording = dir.resolve(String.format(Locale.ROOT, "recording-%d.jfr", pair));
        recorder.start();
        slices.add(slice(server, recording.getFileName().toString()));
        recorder.stop(recording);
      }
    } catch (MeasurementException e) {
      trouble = e.getMessage();
    }
    Json.write(
        Slices.file(row), new Slices(title, Recorder.sampleEvent(), List.copyOf(slices), trouble));
  }

  private ProfileSlice slice(ProcessHandle server, String recording)
      throws InterruptedException, MeasurementException {
    Moment before = moment(server);
    stop.pause(sliceMs);
    Moment after = moment(server);
    return new ProfileSlice(
        recording,
        (after.atNs - before.atNs) / 1e9,
        before.cpuMs == null || after.cpuMs == null ? null : (Long) (after.cpuMs - before.cpuMs),
        before.requests == null || after.requests == null
            ? null
            : (Long) (after.requests - before.requests),
        ContextSwitches.between(before.switches, after.switches));
  }

  private Moment moment(ProcessHandle server) throws InterruptedException {
    Sample.Census census = censusUrl == null ? null : loopback.get(censusUrl, Sample.Census.class);
    return new Moment(
        System.nanoTime(),
        ProcessSampler.process(server).cpuMs(),
        census == null || census.requests() == null ? null : census.requests().started(),
        ContextSwitches.ofThreads(server));
  }
}
