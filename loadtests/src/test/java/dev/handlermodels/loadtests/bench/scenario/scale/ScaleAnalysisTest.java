package dev.handlermodels.loadtests.bench.scenario.scale;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.Rows;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe.Heap;
import dev.handlermodels.loadtests.bench.servers.TableRows;
import dev.handlermodels.loadtests.load.OpenFiles;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ScaleAnalysisTest {
  @Test
  void costsAreThoseOfOneRequest() {
    RowResult row = Rows.row(TableRows.VERTX_IO, 1000, 10_000, 0, 1100, null);
    Heap heap = new Heap(5_000_000L, 19_000_000L, 1000L);

    ScaleAnalysis.Point point = ScaleAnalysis.point(row, 1000, heap);

    assertThat(point.cpuUsPerRequest()).isEqualTo(200); // 2 s for 10,000 requests
    assertThat(point.heapBytesPerRequest()).isEqualTo(14_000);
    assertThat(point.p99ByWait()).isEqualTo(1.1);
    assertThat(point.failureShare()).isZero();
    assertThat(point.disturbed()).isFalse();
  }

  @Test
  void whatWasNotMeasuredStaysUnknown() {
    RowResult row = Rows.row(TableRows.VERTX_IO, 1000, 0, 0, 1100, null);

    ScaleAnalysis.Point point = ScaleAnalysis.point(row, 1000, null);

    assertThat(point.cpuUsPerRequest()).isNull();
    assertThat(point.heapBytesPerRequest()).isNull();
    assertThat(new Heap(1L, null, 5L).perRequestBytes()).isNull();
    assertThat(new Heap(1L, 2L, 0L).perRequestBytes()).isNull();
  }

  @Test
  void aFindingHoldsTheSmallestLoadAgainstTheLargest() {
    Heap heap = new Heap(0L, 13_312_000L, 1000L);
    List<ScaleAnalysis.Point> points =
        List.of(
            ScaleAnalysis.point(Rows.row(TableRows.VERTX_IO, 100, 1000, 0, 1005, null), 1000, null),
            ScaleAnalysis.point(
                Rows.row(TableRows.VERTX_IO, 1000, 10_000, 0, 1100, null), 1000, heap));

    assertThat(ScaleAnalysis.findings(points))
        .containsExactly(
            "vertx-io: from 100 to 1,000 users, p99 ÷ wait went from 1.01 to 1.10, CPU per request"
                + " from 2,000 to 200 µs; live heap per request in flight at the largest load:"
                + " 13.0 KiB.");
  }

  @Test
  void theHistogramsTotalLessTheCollectorsFillersIsTheLiveHeap() {
    String histogram =
        """
        4242:
         num     #instances         #bytes  class name (module)
           1:         14321        1654321  [B (java.base@25)
           2:           860           1000  [Ljdk.internal.vm.FillerElement; (java.base@25)
           3:            10            678  jdk.internal.vm.FillerObject (java.base@25)
        Total        234567       12345678
        """;

    assertThat(HeapProbe.total(histogram)).isEqualTo(12_344_000);
    assertThat(HeapProbe.total("4242: no such process")).isNull();
  }

  @Test
  void theHardLimitOfOpenFilesCounts() {
    List<String> limits =
        List.of(
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max open files            1024                 20000                files     ");

    assertThat(OpenFiles.limit(limits)).hasValue(20_000);
    assertThat(OpenFiles.limit(List.of("Max open files   1024   unlimited   files")))
        .isEqualTo(OptionalLong.empty());
    assertThat(OpenFiles.needed(9000)).isEqualTo(18_500);
    assertThat(OpenFiles.neededForConnections(10_000)).isEqualTo(10_500);
  }
}
