package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import dev.handlermodels.loadtests.bench.row.RowData;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.sampling.Sample.ProcessUse;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/**
 * A row over time, for the charts: second by second from the first user's arrival. Null where
 * nothing was measured.
 */
record RowTimeSeries(
    String id,
    int repeat,
    int measuredFrom,
    List<Long> ok,
    List<Long> failed,
    List<Long> p50,
    List<Long> p99,
    List<Double> sampledAt,
    List<Double> serverCpu,
    List<Double> upstreamCpu,
    List<Double> gatlingCpu,
    List<Integer> osThreads,
    List<Integer> liveHandlers,
    List<Integer> busyHandlers,
    List<Double> loopLagMs,
    List<Integer> carriers,
    List<Long> virtualThreads,
    List<Long> inFlight,
    List<Double> heapMiB,
    List<Double> gcPauseMs,
    List<List<Double>> livePings,
    List<List<Double>> latency) {

  /** Points of the distribution from each tenth to the next. */
  private static final int STEPS = 10;

  static RowTimeSeries of(RowData data, Settings settings) {
    int measuredFrom = data.leadSeconds(settings);
    int seconds = measuredFrom + settings.durationSeconds();
    long startedAtMs = data.startedAtMs() == null ? 0 : data.startedAtMs();
    List<List<Response>> perSecond = perSecond(data.responses(), startedAtMs, seconds);
    List<Histogram> histograms = perSecond.stream().map(RowTimeSeries::histogram).toList();
    List<Sample> samples = data.samples();
    return new RowTimeSeries(
        data.facts().id(),
        data.facts().repeat(),
        measuredFrom,
        perSecond.stream().map(second -> count(second, true)).toList(),
        perSecond.stream().map(second -> count(second, false)).toList(),
        map(histograms, histogram -> percentile(histogram, 50)),
        map(histograms, histogram -> percentile(histogram, 99)),
        map(samples, sample -> (sample.atMs() - startedAtMs) / 1000.0),
        cores(samples, Sample::server),
        cores(samples, Sample::upstream),
        cores(samples, Sample::gatling),
        map(samples, sample -> sample.server().osThreads()),
        map(samples, sample -> census(sample, census -> census.handlers().live())),
        map(samples, sample -> census(sample, census -> census.handlers().busy())),
        map(
            samples,
            sample -> census(sample, c -> c.loopLagMs() == null ? null : lag(c.loopLagMs()))),
        map(
            samples,
            sample ->
                census(
                    sample,
                    c -> c.virtualThreads() == null ? null : c.virtualThreads().carriers())),
        map(
            samples,
            sample ->
                census(sample, c -> c.virtualThreads() == null ? null : c.virtualThreads().live())),
        map(
            samples,
            sample -> census(sample, c -> c.requests() == null ? null : c.requests().inFlight())),
        map(
            samples,
            sample ->
                census(
                    sample,
                    c ->
                        c.heapUsedBytes() == null
                            ? null
                            : Numbers.round(c.heapUsedBytes() / 1048576.0, 1))),
        gcPauses(samples),
        livePings(samples, startedAtMs),
        latency(
            data.responses(), startedAtMs + measuredFrom * 1000L, startedAtMs + seconds * 1000L));
  }

  private static Double lag(Sample.LoopLag lag) {
    return lag.recentMax() == null ? lag.now() : lag.recentMax();
  }

  /** Milliseconds of collection since the sample before. */
  private static List<Double> gcPauses(List<Sample> samples) {
    List<Double> pauses = new ArrayList<>();
    Double before = null;
    for (Sample sample : samples) {
      Double total = census(sample, Sample.Census::gcPauseMs);
      pauses.add(before == null || total == null ? null : total - before);
      before = total;
    }
    return pauses;
  }

  /** Pairs of second and milliseconds; null milliseconds where there was no answer in time. */
  private static List<List<Double>> livePings(List<Sample> samples, long startedAtMs) {
    return samples.stream()
        .flatMap(sample -> sample.liveProbes().stream())
        .map(probe -> Arrays.asList((probe.atMs() - startedAtMs) / 1000.0, probe.ms()))
        .toList();
  }

  /** Pairs of percentile and milliseconds, in steps that grow finer towards 100. */
  private static List<List<Double>> latency(List<Response> responses, long fromMs, long toMs) {
    Histogram histogram =
        histogram(responses.stream().filter(r -> r.endMs() >= fromMs && r.endMs() < toMs).toList());
    List<List<Double>> points = new ArrayList<>();
    if (histogram.getTotalCount() == 0) {
      return points;
    }
    // One request is the finest share there is.
    double end = Math.log10(histogram.getTotalCount());
    for (int step = 0; step <= end * STEPS; step++) {
      double percentile = 100 * (1 - Math.pow(10, -step / (double) STEPS));
      points.add(
          List.of(
              Numbers.round(percentile, 5), (double) histogram.getValueAtPercentile(percentile)));
    }
    return points;
  }

  private static List<List<Response>> perSecond(
      List<Response> responses, long startedAtMs, int seconds) {
    List<List<Response>> perSecond = new ArrayList<>();
    for (int second = 0; second < seconds; second++) {
      perSecond.add(new ArrayList<>());
    }
    for (Response response : responses) {
      long second = (response.endMs() - startedAtMs) / 1000;
      if (second >= 0 && second < seconds) {
        perSecond.get((int) second).add(response);
      }
    }
    return perSecond;
  }

  private static Histogram histogram(List<Response> responses) {
    Histogram histogram = new Histogram(3);
    responses.forEach(response -> histogram.recordValue(Math.max(0, response.latencyMs())));
    return histogram;
  }

  private static Long percentile(Histogram histogram, double percentile) {
    return histogram.getTotalCount() == 0 ? null : histogram.getValueAtPercentile(percentile);
  }

  private static long count(List<Response> responses, boolean ok) {
    return responses.stream().filter(response -> response.ok() == ok).count();
  }

  /** Cores used between a sample and the one before it. */
  private static List<Double> cores(List<Sample> samples, Function<Sample, ProcessUse> process) {
    List<Double> cores = new ArrayList<>();
    Sample before = null;
    for (Sample sample : samples) {
      cores.add(before == null ? null : cores(before, sample, process));
      before = sample;
    }
    return cores;
  }

  private static Double cores(Sample before, Sample now, Function<Sample, ProcessUse> process) {
    Long from = process.apply(before).cpuMs();
    Long to = process.apply(now).cpuMs();
    long ms = Math.max(1, now.atMs() - before.atMs());
    return from == null || to == null ? null : Numbers.round((to - from) / (double) ms, 3);
  }

  private static <T> T census(Sample sample, Function<Sample.Census, T> part) {
    return sample.threads() == null ? null : part.apply(sample.threads());
  }

  /** Keeps nulls, which a stream's toList would also do, but not by contract. */
  private static <A, B> List<B> map(List<A> values, Function<A, B> function) {
    List<B> mapped = new ArrayList<>();
    values.forEach(value -> mapped.add(function.apply(value)));
    return mapped;
  }
}
