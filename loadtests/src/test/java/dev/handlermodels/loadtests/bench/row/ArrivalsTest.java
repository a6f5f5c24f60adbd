package dev.handlermodels.loadtests.bench.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Ceiling;
import dev.handlermodels.loadtests.bench.evidence.Evidence;
import dev.handlermodels.loadtests.bench.evidence.Samples;
import dev.handlermodels.loadtests.bench.evidence.Verdict;
import dev.handlermodels.loadtests.bench.evidence.Verdicts;
import dev.handlermodels.loadtests.bench.row.Arrivals.Arrival;
import dev.handlermodels.loadtests.bench.row.Arrivals.Lateness;
import dev.handlermodels.loadtests.bench.row.Arrivals.Outcome;
import dev.handlermodels.loadtests.bench.servers.TableRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivalsTest {
  @Test
  void latencyCountsFromTheIntendedStartNotFromTheActualOne() {
    // Ten a second: intended at 1000, 1100, 1200; the injector stalls after the first.
    Arrivals arrivals = new Arrivals(10, List.of(ok(1000, 1050), ok(1300, 1350), ok(1300, 1350)));

    assertThat(arrivals.latency(0, 2000).max()).isEqualTo(250);
    assertThat(arrivals.latency(0, 2000).p50()).isEqualTo(150);
    assertThat(arrivals.lateness(0, 2000)).isEqualTo(new Lateness(100, 200, 200));
  }

  @Test
  void theMostPunctualArrivalWasOnTime() {
    Arrivals arrivals = new Arrivals(10, List.of(ok(1040, 1050), ok(1100, 1150)));

    assertThat(arrivals.lateness(0, 2000).max()).isEqualTo(40);
    assertThat(arrivals.latency(0, 2000).max()).isEqualTo(50);
  }

  @Test
  void onlyWhatEndedInTheWindowHasALatency() {
    Arrivals arrivals =
        new Arrivals(
            10, List.of(ok(1000, 1010), ok(1100, 2000), new Arrival(1200, 0, Outcome.UNFINISHED)));

    assertThat(arrivals.latency(0, 2000).max()).isEqualTo(10);
    assertThat(arrivals.latency(5000, 6000)).isNull();
  }

  @Test
  void aQueueThatGrowsShowsInTheRequestsInFlight() {
    Arrivals arrivals =
        new Arrivals(
            10,
            List.of(
                ok(1000, 1500),
                new Arrival(1100, 0, Outcome.UNFINISHED),
                new Arrival(1200, 0, Outcome.UNFINISHED),
                new Arrival(1300, 0, Outcome.NOT_SENT)));

    OpenLoadStats load = arrivals.load(1000, 1600);

    assertThat(load.inFlightAtStart()).isEqualTo(1);
    assertThat(load.inFlightAtEnd()).isEqualTo(2);
    assertThat(load.notSent()).isEqualTo(1);
  }

  @Test
  void theFileIsReadAsItWasWritten(@TempDir Path dir) throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("arrivals.csv"),
            "arrival,startedAtMs,endedAtMs,outcome\n0,1000,1050,failed\n1,1100,0,not-sent\n");

    assertThat(Arrivals.read(file, 10).all())
        .containsExactly(
            new Arrival(1000, 1050, Outcome.FAILED), new Arrival(1100, 0, Outcome.NOT_SENT));
  }

  @Test
  void aServerThatAnswersFewerThanArriveStarvesThem() {
    OpenLoadStats load = new OpenLoadStats(400, 400, 6000, 10, new Lateness(1, 3, 20));

    Verdict starved = Verdicts.starved(load, evidence(40 * 60));

    assertThat(starved.fires()).isTrue();
    assertThat(starved.sentence())
        .startsWith("Starved: 400 arrivals/s, 40.0 answers/s; requests in flight went from 400")
        .contains("to 6,000 in the window, where 400 would be waiting if nobody queued")
        .contains("10 arrivals sent nothing, at the cap");
  }

  @Test
  void aServerThatKeepsUpStarvesNobody() {
    OpenLoadStats load = new OpenLoadStats(400, 400, 401, 0, new Lateness(1, 3, 20));

    assertThat(Verdicts.starved(load, evidence(398 * 60)).fires()).isFalse();
  }

  @Test
  void theCeilingOfAnOpenLoadIsItsRateOrFewerPlaces() {
    Settings open = Samples.settings(500, 1000).open(400);

    assertThat(Ceiling.of(TableRows.VERTX_IO, open).perSecond()).isEqualTo(400);
    assertThat(Ceiling.of(TableRows.VERTX_IO, open).limitedBy()).isEqualTo("arrivals in one wait");
    assertThat(Ceiling.of(TableRows.BLOCKING_IO, open).perSecond()).isEqualTo(40);
  }

  private static Evidence evidence(long successes) {
    WindowStats window = new WindowStats(60, successes, 0, Map.of(), null);
    Settings open = Samples.settings(500, 1000).open(400);
    return new Evidence(
        open, Ceiling.of(TableRows.VERTX_IO, open), window, null, null, null, null, null);
  }

  private static Arrival ok(long startedAtMs, long endedAtMs) {
    return new Arrival(startedAtMs, endedAtMs, Outcome.OK);
  }
}
