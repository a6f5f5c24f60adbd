package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.Warmup;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Evidence.CpuUse;
import dev.handlermodels.loadtests.bench.evidence.Evidence.UpstreamUse;
import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import dev.handlermodels.loadtests.bench.row.OpenLoadStats;
import dev.handlermodels.loadtests.bench.row.RowData;
import dev.handlermodels.loadtests.bench.row.RowOutcome;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.sampling.Sample.ProcessUse;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** From the raw files of a row to its place in results.json. */
public final class RowAnalysis {
  /** A sampler may wake a moment before its tick, as the wall clock sees it. */
  private static final long CLOCK_SLACK_MS = 100;

  private final RowData data;
  private final Settings settings;
  private final Row row;
  private final Ceiling ceiling;
  private final int cores;
  private final long fromMs;
  private final long toMs;

  private RowAnalysis(RowData data, RunManifest run) {
    this.data = data;
    row = Servers.row(data.facts().id(), run.servers());
    ServerDescription server = Servers.get(row.server(), run.servers());
    settings = run.settings().of(server);
    ceiling = Ceiling.of(row, server.limits(), settings, data.serverSettings());
    cores = run.machine().cores();
    Long startedAtMs = data.startedAtMs();
    fromMs = startedAtMs == null ? 0 : windowStartMs();
    toMs = startedAtMs == null ? 0 : windowEndMs();
  }

  public static RowResult of(RowData data, RunManifest run) {
    return new RowAnalysis(data, run).result();
  }

  private long windowStartMs() {
    return data.window() == null
        ? data.startedAtMs() + settings.leadSeconds() * 1000L
        : data.window().fromMs();
  }

  /** A row that was cut short ends with its trouble, or with its log if that ends before. */
  private long windowEndMs() {
    long plannedMs = fromMs + settings.durationSeconds() * 1000L;
    if (data.facts().trouble() == null) {
      return plannedMs;
    }
    long lastMs = data.responses().stream().mapToLong(Response::endMs).max().orElse(0);
    return Math.min(plannedMs, Math.min(lastMs, data.facts().troubleAtMs()));
  }

  private RowResult result() {
    boolean reachedWindow = toMs > fromMs;
    WindowStats window = reachedWindow ? WindowStats.of(data.responses(), fromMs, toMs) : null;
    UpstreamUse upstream = reachedWindow ? upstreamUse() : null;
    CpuUse cpu = reachedWindow ? cpuUse() : null;
    OpenLoadStats open = null;
    if (reachedWindow && data.arrivals() != null) {
      window = window.withLatency(data.arrivals().latency(fromMs, toMs));
      open = data.arrivals().load(fromMs, toMs);
    }
    Warmup warmup = data.window() == null ? null : data.window().warmup();
    Evidence evidence =
        new Evidence(
            settings,
            ceiling,
            window,
            data.users(),
            upstream,
            cpu,
            warmup,
            proof(reachedWindow),
            open);
    return result(evidence, reachedWindow);
  }

  private RowResult result(Evidence evidence, boolean reachedWindow) {
    RowOutcome facts = data.facts();
    WindowStats window = evidence.window();
    UpstreamUse upstream = evidence.upstream();
    CpuUse cpu = evidence.cpu();
    Double successes = reachedWindow ? evidence.successesPerSecond() : null;
    return new RowResult(
        row.id(),
        row.server(),
        row.endpoint(),
        facts.repeat(),
        settings.users(),
        facts.trouble() == null ? "complete" : reachedWindow ? "partial" : "failed",
        facts.trouble(),
        facts.lastLogLines(),
        reachedWindow ? (fromMs - data.startedAtMs()) / 1000.0 : null,
        reachedWindow ? window.seconds() : null,
        reachedWindow ? window.requests() : null,
        reachedWindow ? window.failures() : null,
        reachedWindow ? window.failuresByKind() : null,
        reachedWindow ? rate(window.perSecond(window.requests())) : null,
        rate(successes),
        reachedWindow ? rate(window.perSecond(window.failures())) : null,
        reachedWindow ? window.latencyMs() : null,
        threads(),
        ceiling.perSecond(),
        successes == null || ceiling.perSecond() == null
            ? null
            : Numbers.round(successes / ceiling.perSecond(), 4),
        ceiling.perSecond() == null ? null : ceiling.limitedBy(),
        ceiling.perSecond() == null ? null : ceiling.setting(),
        data.users() == null || settings.isOpen() ? null : settings.users() - data.users().served(),
        data.users() == null ? null : data.users().unfinished(),
        data.users() == null ? null : data.users().oldestUnfinishedMs(),
        upstream == null ? null : upstream.received(),
        upstream == null ? null : upstream.wasted(),
        upstream == null ? null : upstream.p99Ms(),
        cpu == null || settings.target() != null ? null : cpuSeconds(cpu),
        benchShareOfCore(),
        rssPeakMiB(),
        facts.startupMs(),
        loopLagMaxMs(),
        evidence.proof(),
        evidence.open(),
        reachedWindow
            ? Verdicts.of(row, evidence, loopLagMaxMs(), facts.trouble())
            : Verdicts.none(facts.trouble()));
  }

  private static Double rate(Double value) {
    return value == null ? null : Numbers.round(value, 2);
  }

  private static RowResult.CpuSeconds cpuSeconds(CpuUse cpu) {
    return new RowResult.CpuSeconds(
        Numbers.round(cpu.server(), 2),
        Numbers.round(cpu.upstream(), 2),
        Numbers.round(cpu.gatling(), 2),
        cpu.other() == null ? null : Numbers.round(cpu.other(), 2));
  }

  /** The sample taken for that moment; null where there is none that can read {@code part}. */
  private Sample nearest(long atMs, Function<Sample, Object> part) {
    return data.samples().stream()
        .filter(sample -> part.apply(sample) != null)
        .min(Comparator.comparingLong(sample -> Math.abs(sample.atMs() - atMs)))
        .orElse(null);
  }

  private List<Sample> inWindow() {
    return data.samples().stream()
        .filter(sample -> sample.atMs() >= fromMs && sample.atMs() <= toMs)
        .toList();
  }

  /** The upstream's counters were reset just before this sample, so no earlier one can be used. */
  private Sample firstAfterReset() {
    return data.samples().stream()
        .filter(
            sample -> sample.atMs() >= fromMs - CLOCK_SLACK_MS && sample.upstreamStats() != null)
        .findFirst()
        .orElse(null);
  }

  private UpstreamUse upstreamUse() {
    Sample first = firstAfterReset();
    Sample last = nearest(toMs, Sample::upstreamStats);
    if (first == null || last.atMs() <= first.atMs()) {
      return null;
    }
    long received = last.upstreamStats().received() - first.upstreamStats().received();
    long inFlightGrowth = last.upstreamStats().active() - first.upstreamStats().active();
    long answers =
        data.responses().stream()
            .filter(Response::ok)
            .filter(r -> r.endMs() > first.upstreamAtMs() && r.endMs() <= last.upstreamAtMs())
            .count();
    long clientsGone =
        data.responses().stream().filter(r -> !r.ok() && r.endMs() <= last.upstreamAtMs()).count();
    Sample.ServiceTime serviceTime = last.upstreamStats().serviceTimeMs();
    return new UpstreamUse(
        received,
        received - inFlightGrowth,
        answers,
        clientsGone,
        serviceTime == null ? null : serviceTime.p99());
  }

  private CpuUse cpuUse() {
    boolean ours = settings.target() == null;
    Function<Sample, Object> complete =
        s ->
            hasCpu(s.gatling()) && (!ours || hasCpu(s.server()) && hasCpu(s.upstream())) ? s : null;
    Sample first = nearest(fromMs, complete);
    Sample last = nearest(toMs, complete);
    if (first == null || first == last) {
      return null;
    }
    double server = ours ? seconds(first, last, s -> s.server().cpuMs()) : 0;
    double upstream = ours ? seconds(first, last, s -> s.upstream().cpuMs()) : 0;
    double gatling = seconds(first, last, s -> s.gatling().cpuMs());
    double available = cores * (last.atMs() - first.atMs()) / 1000.0;
    Double other = null;
    if (first.machine() != null && last.machine() != null) {
      double busy = last.machine().busyTicks() - first.machine().busyTicks();
      double total = Math.max(1, last.machine().totalTicks() - first.machine().totalTicks());
      other = Math.max(0, busy / total * available - server - upstream - gatling);
    }
    return new CpuUse(server, upstream, gatling, other, available);
  }

  /** The CPU time of the bench itself, as a share of a core. */
  private Double benchShareOfCore() {
    List<Sample> samples = inWindow().stream().filter(s -> s.benchCpuMs() != null).toList();
    if (samples.size() < 2) {
      return null;
    }
    Sample first = samples.getFirst();
    Sample last = samples.getLast();
    double cpuMs = last.benchCpuMs() - first.benchCpuMs();
    return Numbers.round(cpuMs / (last.atMs() - first.atMs()), 4);
  }

  private static boolean hasCpu(ProcessUse use) {
    return use != null && use.cpuMs() != null;
  }

  private static double seconds(Sample first, Sample last, ToLongFunction<Sample> cpuMs) {
    return (cpuMs.applyAsLong(last) - cpuMs.applyAsLong(first)) / 1000.0;
  }

  private RowResult.Threads threads() {
    List<Sample.Handlers> inWindow =
        inWindow().stream()
            .map(Sample::threads)
            .filter(Objects::nonNull)
            .map(Sample.Census::handlers)
            .toList();
    Sample last = nearest(Long.MAX_VALUE / 2, Sample::threads);
    if (last == null) {
      return null;
    }
    return new RowResult.Threads(
        last.threads().handlers().distinct(),
        mean(inWindow, Sample.Handlers::live),
        mean(inWindow, Sample.Handlers::busy),
        osPeak());
  }

  private static Double mean(
      List<Sample.Handlers> handlers, Function<Sample.Handlers, Integer> count) {
    return handlers.isEmpty()
        ? null
        : Numbers.round(handlers.stream().mapToInt(count::apply).average().orElseThrow(), 1);
  }

  private Integer osPeak() {
    return data.samples().stream()
        .map(sample -> sample.server().osThreads())
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  private Double rssPeakMiB() {
    return data.samples().stream()
        .map(sample -> sample.server().rssPeakKiB())
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder())
        .map(Numbers::mib)
        .orElse(null);
  }

  private LivenessResult proof(boolean reachedWindow) {
    List<Sample.LiveProbe> probes =
        data.samples().stream().flatMap(sample -> sample.liveProbes().stream()).toList();
    return reachedWindow && !probes.isEmpty()
        ? LivenessResult.of(probes, data.blocked(), fromMs, toMs)
        : null;
  }

  private Double loopLagMaxMs() {
    return data.samples().stream()
        // A reading looks back, and what lies before the window does not count.
        .filter(s -> s.atMs() >= fromMs + Sample.LAG_RECENT_MS - CLOCK_SLACK_MS && s.atMs() <= toMs)
        .map(Sample::threads)
        .filter(census -> census != null && census.loopLagMs() != null)
        .map(census -> census.loopLagMs().recentMax())
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder())
        .map(ms -> Numbers.round(ms, 1))
        .orElse(null);
  }
}
