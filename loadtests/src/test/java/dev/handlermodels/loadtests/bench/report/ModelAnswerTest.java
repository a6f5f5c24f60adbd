package dev.handlermodels.loadtests.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.evidence.Rows;
import dev.handlermodels.loadtests.bench.evidence.SettingsComparison;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.TableRows;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ModelAnswerTest {
  private static Results results(RowResult... rows) {
    List<RowResult> all = Stream.of(rows).toList();
    return new Results(
        Results.SCHEMA,
        "2026-01-01T00:00:00Z",
        new Machine("os", "cpu", 2, 1024, "jdk", null, List.of(), List.of()),
        new Settings(500, 1000, 10, 30, 10, 30_000, 1, 40, 40, 1, 2, 3),
        all,
        RowSummary.of(all),
        SettingsComparison.of(List.of()),
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void eachModelHasItsFigureAndWhatABlockingCallDoesToIt() {
    List<ModelAnswer> answers =
        ModelAnswer.of(
            results(
                Rows.row(TableRows.VERTX_IO, 500, 4990, 0, 1004, null),
                Rows.row(TableRows.VERTX_IO_BLOCKING, 500, 0, 150, 30_001, null),
                Rows.row(TableRows.NIMA_IO, 500, 4980, 0, 1005, null),
                Rows.row(TableRows.VERTX_IO_OFFLOADED, 500, 400, 0, 12_900, null),
                Rows.row(TableRows.NIMA_IO_BLOCKING, 500, 4970, 0, 1005, null)));

    assertThat(answers)
        .containsExactly(
            new ModelAnswer(
                HandlerModel.EVENT_LOOP,
                "499.0 answers/s",
                "99.8 % of what is possible: all 500 users wait at the same time. With a blocking"
                    + " call on the loop: 0.0 answers/s. Handed to 40 workers: 40.0 answers/s."),
            new ModelAnswer(
                HandlerModel.VIRTUAL_THREADS,
                "498.0 answers/s",
                "99.6 % of what is possible: all 500 users wait at the same time. A blocking call"
                    + " does no harm: 497.0 answers/s."));
  }

  @Test
  void aRunWithoutTheRightWayOfAModelSaysNothingOfIt() {
    assertThat(
            ModelAnswer.of(
                results(Rows.row(TableRows.VERTX_IO_BLOCKING, 500, 0, 150, 30_001, null))))
        .isEmpty();
  }
}
