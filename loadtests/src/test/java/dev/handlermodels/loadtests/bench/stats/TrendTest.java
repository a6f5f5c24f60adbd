package dev.handlermodels.loadtests.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.stats.Trend.Course;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Half an hour with a look every 20 s, the first five minutes cut off, as {@code ./bench soak} has
 * it: 22 MiB of live heap and noise around it, at 300 requests a second.
 */
class TrendTest {
  private static final int LOOKS = 75;
  private static final double HOURS = LOOKS * 20 / 3600.0;
  private static final double REQUESTS_PER_HOUR = 300 * 3600;

  /** A byte for each request. */
  private static final double TOLERANCE = REQUESTS_PER_HOUR;

  /** One object of 1 KiB for each 100 requests. */
  private static final double LEAK = 10.24 * REQUESTS_PER_HOUR;

  private static final double LEVEL = 22 * 1024 * 1024;
  private static final double NOISE = 0.4 * 1024 * 1024;
  private static final int SEEDS = 200;

  private static Trend heap(long seed, double perHour) {
    return heap(seed, perHour, NOISE);
  }

  /** One look in ten finds a burst of requests in flight. */
  private static Trend heap(long seed, double perHour, double noise) {
    Random random = new Random(seed);
    double[] hours = IntStream.range(0, LOOKS).mapToDouble(i -> i * HOURS / LOOKS).toArray();
    double[] bytes = new double[LOOKS];
    for (int i = 0; i < LOOKS; i++) {
      double burst = random.nextInt(10) == 0 ? 8 * noise : 0;
      bytes[i] = LEVEL + hours[i] * perHour + noise * random.nextGaussian() + burst;
    }
    return Trend.of(hours, bytes, TOLERANCE);
  }

  private static long count(Course course, double perHour) {
    return IntStream.range(0, SEEDS).filter(seed -> heap(seed, perHour).course() == course).count();
  }

  @Test
  void aKilobyteLeakedByEachHundredthRequestIsFoundWhateverTheNoise() {
    assertThat(count(Course.GROWS, LEAK)).isEqualTo(SEEDS);
  }

  @Test
  void whereNothingLeaksNoNoiseIsTakenForALeak() {
    assertThat(count(Course.FLAT, 0)).isGreaterThanOrEqualTo(SEEDS * 97 / 100);
  }

  @Test
  void aGrowthBelowTheToleranceIsFlatHoweverSureItIs() {
    Trend trend = heap(1, TOLERANCE / 2, 1);

    assertThat(trend.lowPerHour()).isPositive();
    assertThat(trend.course()).isEqualTo(Course.FLAT);
  }

  @Test
  void whatFallsIsFlat() {
    assertThat(heap(1, -LEAK).course()).isEqualTo(Course.FLAT);
  }

  @Test
  void noiseInWhichTheLeakCouldHideIsNotCalledFlat() {
    assertThat(heap(1, 0, 30 * NOISE).course()).isEqualTo(Course.UNSURE);
  }

  @Test
  void theSlopeOfTheLeakIsWithinItsInterval() {
    long within =
        IntStream.range(0, SEEDS)
            .mapToObj(seed -> heap(seed, LEAK))
            .filter(trend -> trend.lowPerHour() <= LEAK && LEAK <= trend.highPerHour())
            .count();

    assertThat(within).isBetween(SEEDS * 90L / 100, (long) SEEDS);
  }

  @Test
  void oneDescriptorLostByEachFiveHundredthWhoHangsUpIsFound() {
    Random random = new Random(5);
    double perHour = REQUESTS_PER_HOUR * 0.05 / 500;
    double[] hours = IntStream.range(0, LOOKS).mapToDouble(i -> i * HOURS / LOOKS).toArray();
    double[] files = new double[LOOKS];
    double[] healthy = new double[LOOKS];
    for (int i = 0; i < LOOKS; i++) {
      healthy[i] = Math.round(150 + 15 * random.nextGaussian());
      files[i] = healthy[i] + Math.floor(hours[i] * perHour);
    }

    double tolerance = 1e-5 * REQUESTS_PER_HOUR;
    assertThat(Trend.of(hours, files, tolerance).course()).isEqualTo(Course.GROWS);
    assertThat(Trend.of(hours, healthy, tolerance).course()).isEqualTo(Course.FLAT);
  }

  @Test
  void aFewLooksSayNothing() {
    assertThat(Trend.of(new double[9], new double[9], 1)).isNull();
  }
}
