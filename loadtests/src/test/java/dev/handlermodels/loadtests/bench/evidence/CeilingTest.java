package dev.handlermodels.loadtests.bench.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.row.Row;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CeilingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "VERTX_IO | 500 | 1000 | 500 | 500 users / 1,000 ms",
        "NIMA_IO | 500 | 1000 | 500 | 500 users / 1,000 ms",
        "NIMA_IO_BLOCKING | 500 | 2000 | 250 | 500 users / 2,000 ms",
        "VERTX_IO_BLOCKING | 500 | 1000 | 1 | 1 event loop / 1,000 ms",
        "VERTX_IO_OFFLOADED | 500 | 1000 | 40 | 40 workers / 1,000 ms",
        "BLOCKING_IO | 500 | 1000 | 40 | 40 pool threads / 1,000 ms",
        "BLOCKING_IO_BLOCKING | 500 | 500 | 80 | 40 pool threads / 500 ms",
        "BLOCKING_IO | 10 | 1000 | 10 | 10 users / 1,000 ms",
        "VERTX_IO_OFFLOADED | 10 | 100 | 100 | 10 users / 100 ms",
      })
  void littlesLawBoundsEveryRow(
      Row row, int users, int waitMs, double perSecond, String arithmetic) {
    Ceiling ceiling = Ceiling.of(row, Samples.settings(users, waitMs));

    assertThat(ceiling.perSecond()).isEqualTo(perSecond);
    assertThat(ceiling.arithmetic(waitMs)).isEqualTo(arithmetic);
  }

  @Test
  void withoutAWaitThereIsNoCeiling() {
    assertThat(Ceiling.of(Row.VERTX_IO, Samples.settings(500, 0)).perSecond()).isNull();
  }

  @Test
  void pinnedCallsWaitInAsManyPlacesAsTheServerReportsCarriers() {
    Ceiling two =
        Ceiling.of(Row.NIMA_IO_PINNED, Samples.settings(500, 1000), Map.of("jvm.carriers", "2"));
    assertThat(two.perSecond()).isEqualTo(2);
    assertThat(two.arithmetic(1000)).isEqualTo("2 carriers / 1,000 ms");
    assertThat(Ceiling.of(Row.NIMA_IO_PINNED, Samples.settings(500, 1000)).perSecond()).isNull();
  }
}
