package dev.handlermodels.loadtests.bench.scenario.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.jvm.JvmAnalysis.Load;
import dev.handlermodels.loadtests.bench.scenario.jvm.JvmAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.jvm.JvmAnalysis.Raw;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmAnalysisTest {
  private static final Machine MACHINE =
      new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of(), List.of());

  private static final Variant SERIAL = new Variant("serial", 256, 2);
  private static final Variant ZGC = new Variant("zgc", 1024, 1);

  @TempDir Path out;

  private static Measured row(Variant variant, String server, int round, double perSecond) {
    return new Measured(
        variant,
        server,
        round,
        new KeepAliveLoad.Outcome(
            10_000, 0, 1000, 10, perSecond, 1500, 9000, 9999, 0.2, null, 0L, 1000L),
        40.0,
        300.0,
        12.0,
        0.05);
  }

  private static List<Measured> rows(Variant variant, double loop, double virtual, double pool) {
    List<Measured> rows = new ArrayList<>();
    for (int round = 1; round <= 2; round++) {
      rows.add(row(variant, Servers.EVENT_LOOP, round, loop + round));
      rows.add(row(variant, Servers.VIRTUAL_THREADS, round, virtual + round));
      rows.add(row(variant, Servers.THREAD_POOL, round, pool + round));
    }
    return rows;
  }

  private static Raw raw(int planned, List<Measured> first, List<Measured> second) {
    List<Measured> all = new ArrayList<>(first);
    all.addAll(second);
    return new Raw(MACHINE, "The setting.", Load.THROUGHPUT, planned, all);
  }

  @Test
  void ratesWithinFivePercentOfTheFirstAreEqual() {
    assertThat(JvmAnalysis.order(Map.of("a", 100.0, "b", 95.0, "c", 94.9))).isEqualTo("a = b > c");
    assertThat(JvmAnalysis.order(Map.of("a", 10.0, "b", 200.0, "c", 100.0))).isEqualTo("b > c > a");
  }

  @Test
  void theSameRankingEverywhereIsSaid() {
    List<String> findings =
        JvmAnalysis.findings(raw(12, rows(SERIAL, 3000, 2000, 1000), rows(ZGC, 300, 200, 100)));

    assertThat(findings)
        .containsExactly(
            String.join(" > ", Servers.EVENT_LOOP, Servers.VIRTUAL_THREADS, Servers.THREAD_POOL)
                + " in 2 of 2: serial, 256 MiB, 2 processors; zgc, 1,024 MiB, 1 processor.",
            "The ranking is the same in all of them.");
  }

  @Test
  void aRankingThatChangesIsSaidWithWhereItDoes() {
    List<String> findings =
        JvmAnalysis.findings(raw(14, rows(SERIAL, 3000, 2000, 1000), rows(ZGC, 2000, 3000, 1000)));

    assertThat(findings)
        .anyMatch(
            finding ->
                finding.startsWith(Servers.VIRTUAL_THREADS + " > ")
                    && finding.endsWith("in 1 of 2: zgc, 1,024 MiB, 1 processor."))
        .contains("The ranking changes: rates within 5.0 % count as equal.")
        .contains("2 of 14 measurements are missing: the run was cut short.");
  }

  @Test
  void theReportIsMadeFromTheRawFileAlone() throws IOException {
    Json.write(
        JvmAnalysis.raw(out), raw(12, rows(SERIAL, 3000, 2000, 1000), rows(ZGC, 300, 200, 100)));
    ReportPage page = JvmAnalysis.report(out);

    assertThat(JvmAnalysis.complete(out)).isTrue();
    assertThat(page.sections().getFirst().cells().getFirst())
        .startsWith("serial, 256 MiB, 2 processors", "3,001 (3,001–3,002)");
    assertThat(page.sections().getLast().cells()).hasSize(6);
  }
}
