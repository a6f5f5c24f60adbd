package dev.handlermodels.loadtests.bench.scenario.openvsclosed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.Rows;
import dev.handlermodels.loadtests.bench.row.Arrivals;
import dev.handlermodels.loadtests.bench.row.OpenLoadStats;
import dev.handlermodels.loadtests.bench.scenario.openvsclosed.OpenVsClosedAnalysis.Pair;
import dev.handlermodels.loadtests.bench.servers.TableRows;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenVsClosedAnalysisTest {
  private static final Arrivals.Lateness PUNCTUAL = new Arrivals.Lateness(0, 1, 5);

  @Test
  void aServerThatKeepsUpHasNothingHidden() {
    RowResult closed = Rows.row(TableRows.VERTX_IO, 500, 5000, 0, 1010, null);
    RowResult open =
        Rows.row(
            TableRows.VERTX_IO, 400, 3990, 0, 1020, new OpenLoadStats(400, 400, 401, 0, PUNCTUAL));

    assertThat(OpenVsClosedAnalysis.hidden(new Pair(closed, open)))
        .isEqualTo(
            "vertx /io: the closed load hid nothing. At 400 arrivals/s it answers 399.0/s with p99"
                + " 1,020 ms; closed, p99 was 1,010 ms.");
  }

  @Test
  void aLongerTailUnderTheOpenLoadWasHidden() {
    RowResult closed = Rows.row(TableRows.VERTX_IO, 500, 5000, 0, 1010, null);
    RowResult open =
        Rows.row(
            TableRows.VERTX_IO, 400, 3990, 0, 1500, new OpenLoadStats(400, 400, 401, 0, PUNCTUAL));

    assertThat(OpenVsClosedAnalysis.hidden(new Pair(closed, open)))
        .contains("hid part of the tail");
  }

  @Test
  void aPoolThatIsOverrunHidItBehindWaitingUsers() {
    RowResult closed = Rows.row(TableRows.BLOCKING_IO, 500, 400, 0, 12_000, null);
    RowResult open =
        Rows.row(
            TableRows.BLOCKING_IO,
            400,
            400,
            3600,
            25_000,
            new OpenLoadStats(400, 1040, 1041, 7, PUNCTUAL));

    assertThat(OpenVsClosedAnalysis.hidden(new Pair(closed, open)))
        .startsWith("blocking /io: the closed load hid the overload.")
        .contains("asked for only 40.0 requests/s; at 400 arrivals/s")
        .contains("40.0/s are answered, 90.0 % of the requests fail, and 1,041 are in flight");
  }

  @Test
  void failuresAreAnOverloadEvenWhileAnOldQueueIsAnswered() {
    RowResult closed = Rows.row(TableRows.VERTX_IO, 500, 5000, 0, 1010, null);
    RowResult open =
        Rows.row(
            TableRows.VERTX_IO,
            400,
            5000,
            1000,
            1500,
            new OpenLoadStats(400, 2000, 425, 0, PUNCTUAL));

    assertThat(OpenVsClosedAnalysis.hidden(new Pair(closed, open))).contains("hid the overload");
  }

  @Test
  void anOpenRunThatWasCutShortComparesWithNothing() {
    RowResult row = Rows.row(TableRows.VERTX_IO, 400, 100, 0, 1000, null);

    assertThat(OpenVsClosedAnalysis.hidden(new Pair(row, row))).contains("cut short");
  }

  @Test
  void onlyRowsThatHaveBothLoadsArePaired() {
    RowResult vertx = Rows.row(TableRows.VERTX_IO, 500, 5000, 0, 1010, null);
    RowResult nima = Rows.row(TableRows.NIMA_IO, 500, 5000, 0, 1010, null);

    assertThat(OpenVsClosedAnalysis.pairs(List.of(vertx, nima), List.of(nima)))
        .containsExactly(new Pair(nima, nima));
  }
}
