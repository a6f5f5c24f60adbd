package dev.handlermodels.loadtests.bench.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.servers.TableRows;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CeilingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vertx-io | 500 | 1000 | 500 | 500 users / 1,000 ms",
        "nima-io | 500 | 1000 | 500 | 500 users / 1,000 ms",
        "nima-io-blocking | 500 | 2000 | 250 | 500 users / 2,000 ms",
        "vertx-io-blocking | 500 | 1000 | 1 | 1 event loop / 1,000 ms",
        "vertx-io-offloaded | 500 | 1000 | 40 | 40 workers / 1,000 ms",
        "blocking-io | 500 | 1000 | 40 | 40 pool threads / 1,000 ms",
        "blocking-io-blocking | 500 | 500 | 80 | 40 pool threads / 500 ms",
        "blocking-io | 10 | 1000 | 10 | 10 users / 1,000 ms",
        "vertx-io-offloaded | 10 | 100 | 100 | 10 users / 100 ms",
        "fastapi-sync-http | 500 | 1000 | 40 | 40 AnyIO threads / 1,000 ms",
        "fastapi-async-http-sync | 500 | 1000 | 1 | 1 event loop / 1,000 ms",
      })
  void littlesLawBoundsEveryRow(
      String id, int users, int waitMs, double perSecond, String arithmetic) {
    Ceiling ceiling = Ceiling.of(Servers.row(id, List.of()), Samples.settings(users, waitMs));

    assertThat(ceiling.perSecond()).isEqualTo(perSecond);
    assertThat(ceiling.arithmetic(waitMs)).isEqualTo(arithmetic);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "settings.upstreamMaxConnections=20 | 20 connections to the upstream / 20 ms | 1000 |"
            + " UPSTREAM_MAX_CONNECTIONS",
        "settings.maxInFlight=100 | 100 requests in flight / 20 ms | 5000 | MAX_IN_FLIGHT",
        "settings.maxInFlight=10 settings.upstreamMaxConnections=20 | 10 requests in flight / 20 ms"
            + " | 500 | MAX_IN_FLIGHT",
        "settings.maxInFlight=10000 settings.upstreamMaxConnections=10000 | 300 users / 20 ms |"
            + " 15000 | -",
        "settings.upstreamMaxConnections=- | 300 users / 20 ms | 15000 | -",
        "nothing=1 | 300 users / 20 ms | 15000 | -",
      })
  void theLeastOfWhatTheServerReportsLimits(
      String reported, String arithmetic, double perSecond, String setting) {
    Map<String, String> report =
        Arrays.stream(reported.split(" "))
            .map(pair -> pair.split("="))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));

    Ceiling ceiling =
        Ceiling.of(
            TableRows.VERTX_IO, Servers.get("vertx").limits(), Samples.settings(300, 20), report);

    assertThat(ceiling.arithmetic(20)).isEqualTo(arithmetic);
    assertThat(ceiling.perSecond()).isEqualTo(perSecond);
    assertThat(ceiling.setting()).isEqualTo(setting);
  }

  @Test
  void aPoolOfAnotherSizeThanWasAskedForCountsAsReported() {
    Ceiling ceiling =
        Ceiling.of(
            TableRows.BLOCKING_IO,
            List.of(),
            Samples.settings(500, 1000),
            Map.of("settings.poolSize", "8"));

    assertThat(ceiling.perSecond()).isEqualTo(8);
    assertThat(ceiling.movedBy()).isEqualTo("; POOL_SIZE moves it");
  }

  @Test
  void aTargetHasACeilingOnlyWhereItsPlacesAreKnown() {
    Settings outside = Samples.settings(500, 1000).against(new Target("http://h:1", null));

    assertThat(Ceiling.of(TableRows.BLOCKING_IO, outside).perSecond()).isNull();
    assertThat(Ceiling.of(TableRows.VERTX_IO, outside).perSecond()).isEqualTo(500);
    Row described = ServerDescription.running("spring", "http://h:1", "/x", 40).rows().getFirst();
    assertThat(Ceiling.of(described, outside).perSecond()).isEqualTo(40);
    Row unknown = ServerDescription.running("spring", "http://h:1", "/x", null).rows().getFirst();
    assertThat(Ceiling.of(unknown, outside).perSecond()).isNull();
    assertThat(Ceiling.of(unknown, outside).waitKnown()).isFalse();
  }

  @Test
  void withoutAWaitThereIsNoCeiling() {
    assertThat(Ceiling.of(TableRows.VERTX_IO, Samples.settings(500, 0)).perSecond()).isNull();
  }

  @Test
  void pinnedCallsWaitInAsManyPlacesAsTheServerReportsCarriers() {
    Row pinned = Servers.row("nima-io-pinned", List.of());
    Ceiling two =
        Ceiling.of(pinned, List.of(), Samples.settings(500, 1000), Map.of("jvm.carriers", "2"));
    assertThat(two.perSecond()).isEqualTo(2);
    assertThat(two.arithmetic(1000)).isEqualTo("2 carriers / 1,000 ms");
    assertThat(Ceiling.of(pinned, Samples.settings(500, 1000)).perSecond()).isNull();
  }
}
