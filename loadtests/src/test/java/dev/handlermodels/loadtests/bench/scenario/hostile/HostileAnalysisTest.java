package dev.handlermodels.loadtests.bench.scenario.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.scenario.hostile.HostileAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.hostile.HostileAnalysis.Reading;
import dev.handlermodels.loadtests.load.Attack;
import dev.handlermodels.loadtests.load.HostileLoad;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileAnalysisTest {
  private static final Reading BEFORE = new Reading(100 * 1024L, 20, 50, 5_000_000L);
  private static final Reading PEAK = new Reading(120 * 1024L, 22, 1060, null);

  @TempDir Path out;

  private static KeepAliveLoad.Outcome good(long p99Us, long failures) {
    return good(p99Us, failures, 0);
  }

  private static KeepAliveLoad.Outcome good(long p99Us, long failures, long refused) {
    return new KeepAliveLoad.Outcome(
        8000, failures, 8000, 10, 800, 21_000, p99Us, 50_000, 0.1, null, refused, 8000 - failures);
  }

  private static Measured row(Attack attack, long p99Us, long failures, Long goneAfterMs) {
    return row(attack, p99Us, failures, goneAfterMs, 0, 50);
  }

  private static Measured row(
      Attack attack, long p99Us, long failures, Long goneAfterMs, int refused, int filesAfter) {
    return row(attack, good(p99Us, failures), goneAfterMs, refused, filesAfter);
  }

  private static Measured row(
      Attack attack, KeepAliveLoad.Outcome beside, Long goneAfterMs, int refused, int filesAfter) {
    int connections = attack.connections();
    return new Measured(
        "vertx",
        attack,
        256,
        5_000,
        good(22_000, 0),
        beside,
        new HostileLoad.Outcome(
            connections, connections - refused, refused, 0, null, Map.of("408", 1000)),
        attack == Attack.IDLE ? connections - refused : 1010,
        goneAfterMs,
        1_000_000L,
        30L,
        BEFORE,
        PEAK,
        new Reading(110 * 1024L, 21, filesAfter, 5_010_240L),
        null);
  }

  /** The attack of the other row, with what came after it. */
  private static Measured row(Long newcomerMs, long heapAfter) {
    Measured row = row(Attack.SMALL_BODIES, 33_000, 0, null);
    return new Measured(
        row.server(),
        row.attack(),
        row.heapMiB(),
        row.limitMs(),
        row.alone(),
        row.beside(),
        row.hostile(),
        row.held(),
        null,
        row.kernelBytes(),
        newcomerMs,
        BEFORE,
        PEAK,
        new Reading(110 * 1024L, 21, 50, heapAfter),
        null);
  }

  /** A server that did not live to the end. */
  private static Measured dead() {
    return new Measured(
        "nima",
        Attack.SMALL_BODIES,
        64,
        5_000,
        good(22_000, 0),
        null,
        null,
        3000,
        null,
        null,
        null,
        BEFORE,
        PEAK,
        new Reading(null, null, null, null),
        3);
  }

  @Test
  void aRowSaysWhatAConnectionCostsAndWhatIsLeft() {
    HostileAnalysis.Point point =
        HostileAnalysis.point(row(Attack.SLOW_HEADERS, 33_000, 0, 5_400L));

    assertThat(point.p99ByAlone()).isEqualTo(1.5);
    assertThat(point.goodMaxMs()).isEqualTo(50);
    assertThat(point.rssMiB()).isEqualTo(120);
    assertThat(point.rssBytesPerConnection()).isEqualTo(20_764); // 20 MiB ÷ 1010
    assertThat(point.heapLeftBytes()).isEqualTo(10_240);
    assertThat(point.filesLeft()).isZero();
    assertThat(point.targetReached()).isTrue();
  }

  @Test
  void limitsEndWithinTheWindowAndIdleConnectionsAreLookedAtBeforeTheirs() {
    assertThat(HostileAnalysis.limitMs(Attack.SILENT, 30_000)).isEqualTo(22_000);
    assertThat(HostileAnalysis.windowMs(Attack.SLOW_READING, 30_000)).isEqualTo(30_000);
    assertThat(HostileAnalysis.windowMs(Attack.IDLE, 30_000)).isLessThan(22_000);
  }

  @Test
  void theTargetIsMissedByWhateverGoodClientsNotice() {
    assertThat(HostileAnalysis.point(row(Attack.SILENT, 45_000, 0, 5_400L)).targetReached())
        .isFalse();
    assertThat(HostileAnalysis.point(row(Attack.SILENT, 30_000, 1, 5_400L)).targetReached())
        .isFalse();
  }

  @Test
  void aRefusalOfAGoodClientMissesTheTargetAndIsNoFailure() {
    HostileAnalysis.Point waiting =
        HostileAnalysis.point(row(Attack.WAITING, good(33_000, 7, 7), null, 0, 50));

    assertThat(waiting.targetReached()).isFalse();
    assertThat(waiting.goodFailures()).isZero();
    assertThat(HostileAnalysis.finding(waiting))
        .contains("1.50 times that alone, 7 of their requests were refused;");
    assertThat(
            HostileAnalysis.point(row(Attack.WAITING, good(33_000, 0, 0), null, 0, 50))
                .targetReached())
        .isTrue();
  }

  @Test
  void whereEveryGoodClientWasRefusedNobodyKnowsHowLongAnAnswerTakes() {
    HostileAnalysis.Point point =
        HostileAnalysis.point(row(Attack.WAITING, good(0, 8000, 8000), null, 0, 50));

    assertThat(point.goodP99Ms()).isNull();
    assertThat(point.p99ByAlone()).isNull();
    assertThat(point.targetReached()).isFalse();
    assertThat(HostileAnalysis.finding(point)).contains("no good request was served");
  }

  @Test
  void theTargetIsMissedByAttackersWhoStayAndByWhatTheyLeave() {
    assertThat(HostileAnalysis.point(row(Attack.SLOW_BODY, 30_000, 0, null)).targetReached())
        .isFalse();
    assertThat(HostileAnalysis.point(row(Attack.SLOW_BODY, 30_000, 0, 11_000L)).targetReached())
        .isFalse();
    assertThat(
            HostileAnalysis.point(row(Attack.SLOW_BODY, 30_000, 0, 5_400L, 0, 900)).targetReached())
        .isFalse();
  }

  @Test
  void idleClientsAreToBeHeldAndNotClosed() {
    assertThat(HostileAnalysis.point(row(Attack.IDLE, 30_000, 0, null)).targetReached()).isTrue();
    HostileAnalysis.Point missed = HostileAnalysis.point(row(Attack.IDLE, 30_000, 0, null, 10, 50));
    assertThat(missed.targetReached()).isFalse();
    assertThat(HostileAnalysis.finding(missed)).endsWith("Target not reached: not all are held.");
  }

  @Test
  void attackersWhoLeaveByThemselvesNeedNotBeClosed() {
    assertThat(HostileAnalysis.point(row(30L, 5_000_000)).targetReached()).isTrue();
  }

  @Test
  void theTargetIsMissedWhereNewcomersWaitAndWhereHeapStays() {
    assertThat(HostileAnalysis.point(row(2_001L, 5_000_000)).targetReached()).isFalse();
    assertThat(HostileAnalysis.point(row(null, 5_000_000)).targetReached()).isFalse();
    assertThat(HostileAnalysis.point(row(30L, 10_000_000)).targetReached()).isFalse();
  }

  @Test
  void aServerThatEndedMissesTheTargetAndItsCodeIsSaid() {
    HostileAnalysis.Point point = HostileAnalysis.point(dead());

    assertThat(point.targetReached()).isFalse();
    assertThat(point.goodFailures()).isNull();
    assertThat(HostileAnalysis.finding(point))
        .isEqualTo(
            "nima, small bodies, 64 MiB: the process ended with code 3. Target not reached.");
  }

  @Test
  void aFindingSaysWhatHappened() {
    assertThat(
            HostileAnalysis.finding(
                HostileAnalysis.point(row(Attack.SLOW_HEADERS, 33_000, 2, 5_400L))))
        .isEqualTo(
            "vertx, slow headers, 256 MiB: 1,010 descriptors held, all closed after 5,400 ms; p99"
                + " of the good clients is 33.0 ms, 1.50 times that alone, and 2 of their requests"
                + " failed; a newcomer answered after 30 ms; 10.0 KiB more live heap"
                + " afterwards. Target not reached.");
    assertThat(HostileAnalysis.finding(HostileAnalysis.point(row(Attack.IDLE, 22_000, 0, null))))
        .contains("15,000 descriptors held, 0 refused; p99 of the good clients is 22.0 ms, 1.00")
        .endsWith("Target reached.");
    assertThat(
            HostileAnalysis.finding(HostileAnalysis.point(row(Attack.SLOW_BODY, 22_000, 0, null))))
        .contains("not all closed by the end");
  }

  @Test
  void theTargetIsMissedByWhatTheKernelHoldsForClientsThatDoNotRead() {
    Measured few = row(Attack.UNREAD, 30_000, 0, 5_400L);
    Measured much =
        new Measured(
            few.server(),
            few.attack(),
            few.heapMiB(),
            few.limitMs(),
            few.alone(),
            few.beside(),
            few.hostile(),
            few.held(),
            few.goneAfterMs(),
            300_000_000L,
            few.newcomerMs(),
            few.before(),
            few.peak(),
            few.after(),
            null);
    assertThat(HostileAnalysis.point(few).targetReached()).isTrue();
    assertThat(HostileAnalysis.point(much).targetReached()).isFalse();
  }

  @Test
  void attacksByValidRequestsAreNamedAsTheTablesNameThem() {
    assertThat(HostileAnalysis.ownSettingsText())
        .startsWith(
            "MAX_IN_FLIGHT_PER_CLIENT is 20 beside large heads, waiting, pipelining, race, fanout.")
        .endsWith(" UPSTREAM_MAX_CONNECTIONS is 1000 beside idle.");
  }

  @Test
  void aServerHasTheSettingsThatTheReportNames() {
    assertThat(HostileAnalysis.ownSettings(Attack.WAITING))
        .isEqualTo(Map.of("MAX_IN_FLIGHT_PER_CLIENT", "20", "MAX_CONNECTIONS_PER_CLIENT", "1000"));
    assertThat(HostileAnalysis.ownSettings(Attack.FANOUT))
        .isEqualTo(Map.of("MAX_IN_FLIGHT_PER_CLIENT", "20", "FANOUT_CONCURRENCY", "100"));
    assertThat(HostileAnalysis.ownSettings(Attack.IDLE))
        .isEqualTo(Map.of("UPSTREAM_MAX_CONNECTIONS", "1000"));
    assertThat(HostileAnalysis.ownSettings(Attack.IDLE_SILENT)).isEmpty();
  }

  @Test
  void attacksOnMemoryAreMadeAtTheUsualHeapAndAtASmallOne() {
    assertThat(HostileAnalysis.heaps(Attack.PIPELINING)).containsExactly(256, 64);
    assertThat(HostileAnalysis.heaps(Attack.IDLE)).containsExactly(1024);
  }

  @Test
  void theKernelsMemoryForTcpIsCountedInPages() {
    assertThat(TcpMemory.bytes("sockets: used 154\nTCP: inuse 65 orphan 0 tw 4 alloc 136 mem 3\n"))
        .isEqualTo(3 * 4096);
    assertThat(TcpMemory.bytes("UDP: inuse 0 mem 5\n")).isNull();
  }

  @Test
  void theReportComesFromTheRawFileAndNamesWhatIsMissing() throws IOException {
    Machine machine = new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of(), List.of());
    List<Measured> rows = List.of(row(Attack.SILENT, 30_000, 0, 5_400L), dead());
    Json.write(HostileAnalysis.raw(out), new HostileAnalysis.Raw(machine, "a setting", 3, rows));

    HostileAnalysis.report(out);

    assertThat(HostileAnalysis.complete(out)).isFalse();
    assertThat(Files.readString(out.resolve("report.md")))
        .contains(
            "vertx, silent",
            "heap of 64 MiB",
            "ended with 3",
            "vertx: 1 of 1 rows reach their target.",
            "nima: 0 of 1 rows reach their target.",
            "1 of 3 rows are missing");
    assertThat(Files.readString(out.resolve("report.html"))).contains("vertx, silent");
  }
}
