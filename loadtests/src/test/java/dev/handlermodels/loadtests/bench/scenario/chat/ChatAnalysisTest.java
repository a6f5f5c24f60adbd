package dev.handlermodels.loadtests.bench.scenario.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.Scenarios;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.scenario.chat.ChatAnalysis.Reading;
import dev.handlermodels.loadtests.bench.scenario.chat.ChatAnalysis.Row;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.ChatLoad;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatAnalysisTest {
  private static final Machine MACHINE =
      new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of(), List.of());

  private static final Row ROW = new Row(Servers.EVENT_LOOP, false, 1000, 1000);

  @TempDir Path out;

  private static ChatAnalysis.Raw raw(Row row, long p99Us, long lost, double generatorCores) {
    return new ChatAnalysis.Raw(
        row,
        new ChatLoad.Outcome(
            row.connections(),
            row.connections(),
            1500L,
            2_000,
            9_000,
            0,
            200,
            200_000,
            20.0,
            10_000,
            lost,
            0,
            4_000,
            p99Us,
            300_000,
            20_000,
            60_000,
            500,
            "cut after 1000 bytes",
            70_000,
            generatorCores),
        new Reading(1_000L, 100 * 1024L, 100 * 1024L, 20, 4_000_000L),
        new Reading(2_000L, 110 * 1024L, 110 * 1024L, 25, 8_096_000L),
        new Reading(3_000L, 110 * 1024L, 120 * 1024L, 25, null),
        new Reading(7_000L, 110 * 1024L, 120 * 1024L, 26, null),
        0.1);
  }

  @Test
  void costsAreThoseOfOneDeliveryAndOneConnection() {
    ChatAnalysis.Point point = ChatAnalysis.point(raw(ROW, 50_000, 0, 0.3), 10_000);

    assertThat(point.cpuUsPerDelivery()).isEqualTo(20); // 4 s for 200,000
    assertThat(point.heapBytesPerConnection()).isEqualTo(4096);
    assertThat(point.rssBytesPerConnection()).isEqualTo(10_485.8); // 10 MiB ÷ 1000
    assertThat(point.p99Ms()).isEqualTo(50);
    assertThat(point.shareOfPlan()).isEqualTo(1);
    assertThat(point.targetReached()).isTrue();
    assertThat(point.disturbed()).isFalse();
  }

  @Test
  void theTargetIsMissedByALateDeliveryAndByALostOne() {
    assertThat(ChatAnalysis.point(raw(ROW, 251_000, 0, 0.3), 10_000).targetReached()).isFalse();
    assertThat(ChatAnalysis.point(raw(ROW, 50_000, 1, 0.3), 10_000).targetReached()).isFalse();
  }

  @Test
  void aGeneratorAtItsLimitNamesItself() {
    assertThat(ChatAnalysis.finding(ChatAnalysis.point(raw(ROW, 50_000, 0, 0.95), 10_000)))
        .contains("Disturbed: the generator used 0.95 cores of its one");
  }

  @Test
  void thePoolHasARowMoreThanTheOthersAndSmallLoadsNoLargeRooms() {
    assertThat(Row.all(List.of(100))).hasSize(Servers.ALL.size() + 1);
    assertThat(Row.all(List.of(1000, 10_000))).hasSize(4 * (Servers.ALL.size() + 1));
    assertThat(Row.all(List.of(1000)).stream().map(Row::id)).doesNotHaveDuplicates();
  }

  @Test
  void theReportIsMadeFromRawFilesAlone() throws IOException {
    ScenarioFile.write(out, "CHAT");
    List<Row> rows = Row.all(List.of(1000));
    Json.write(ChatAnalysis.plan(out), new ChatAnalysis.Plan(MACHINE, 10_000, rows));
    for (Row row : rows) {
      Files.createDirectories(ChatAnalysis.Raw.file(out, row).getParent());
      Json.write(ChatAnalysis.Raw.file(out, row), raw(row, 50_000, 0, 0.3));
    }
    ReportPage page = Scenarios.rewrite(out);
    assertThat(page.findings()).hasSize(rows.size());
    assertThat(ChatAnalysis.complete(out)).isTrue();
    assertThat(Files.readString(out.resolve("report.md")))
        .contains("1,000 connections in rooms of 10")
        .contains("a thread each")
        .contains("cut after 1000 bytes");
  }
}
