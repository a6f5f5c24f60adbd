package dev.handlermodels.loadtests.bench.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.row.BlockedWarning;
import dev.handlermodels.loadtests.bench.sampling.Sample.LiveProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivenessResultTest {
  private static final String LOG =
      """
      2026-11-21T14:02:03.313+0000 INFO    dev.handlermodels.api.Launcher - ready vertx
      2026-11-21T14:02:04.819+0000 WARNING io.vertx.core.impl.BlockedThreadChecker - Thread a has been blocked for 862 ms
      io.vertx.core.VertxException: Thread blocked
      \tat java.base/java.lang.Thread.yield(Native Method)
      \tat io.netty.Loop.run(Loop.java:1)

      2026-11-21T14:02:05.819+0000 WARNING io.vertx.core.impl.BlockedThreadChecker - Thread a has been blocked for 900 ms
      io.vertx.core.VertxException: Thread blocked
      \tat java.base/sun.nio.ch.Net.poll(Native Method)
      \tat org.apache.One.a(One.java:1)
      \tat org.apache.Two.b(Two.java:2)
      \tat dev.handlermodels.upstream.BlockingClient.call(BlockingClient.java:124)
      \tat io.netty.Loop.run(Loop.java:1)
      \tat java.base/java.lang.Thread.run(Thread.java:1474)

      2026-11-21T14:02:06.000+0000 WARNING dev.handlermodels.api.Launcher - other
      \tat not.a.Frame(OfOurs.java:1)
      """;

  @TempDir private Path dir;

  @Test
  void warningsOfTheWindowAreCountedAndTheStackThatNamesTheBlockingClientIsKept()
      throws IOException {
    Path log = Files.writeString(dir.resolve("server.log"), LOG);

    LivenessResult proof = proof(List.of(), BlockedWarning.read(log));

    assertThat(proof.blockedWarnings()).isEqualTo(2);
    assertThat(proof.blockedStack())
        .containsExactly(
            "Thread a has been blocked for 900 ms",
            "    at java.base/sun.nio.ch.Net.poll(Native Method)",
            "    ... 2 more",
            "    at dev.handlermodels.upstream.BlockingClient.call(BlockingClient.java:124)",
            "    ... 1 more",
            "    at java.base/java.lang.Thread.run(Thread.java:1474)");
  }

  @Test
  void warningsBeforeTheWindowDoNotCount() throws IOException {
    Path log = Files.writeString(dir.resolve("server.log"), LOG);
    long toMs = Instant.parse("2026-11-21T15:00:00Z").toEpochMilli();

    LivenessResult proof = LivenessResult.of(List.of(), BlockedWarning.read(log), toMs - 1, toMs);

    assertThat(proof.blockedWarnings()).isZero();
    assertThat(proof.blockedStack()).isEmpty();
  }

  @Test
  void aWindowWithoutAStackOfItsOwnShowsTheLatestOneBeforeIt() throws IOException {
    Path log =
        Files.writeString(
            dir.resolve("server.log"),
            LOG
                + """
                2026-11-21T14:02:07.000+0000 WARNING dev.handlermodels.vertx.wire.BlockedLoops - Thread a has been blocked for 1900 ms
                """);
    long fromMs = Instant.parse("2026-11-21T14:02:06.500Z").toEpochMilli();

    LivenessResult proof =
        LivenessResult.of(List.of(), BlockedWarning.read(log), fromMs, fromMs + 1000);

    assertThat(proof.blockedWarnings()).isEqualTo(1);
    assertThat(proof.blockedStack()).first().isEqualTo("Thread a has been blocked for 900 ms");
  }

  @Test
  void aServerWithoutALogHasNoWarnings() throws IOException {
    assertThat(BlockedWarning.read(dir.resolve("none.log"))).isEmpty();
  }

  @Test
  void theMedianIsUnknownWhereHalfOrMoreHadNoAnswer() {
    assertThat(proof(probes(1.0, 3.0, 2.0, null), List.of()).p50Ms()).isEqualTo(2.0);
    assertThat(proof(probes(1.0, null, null), List.of()).p50Ms()).isNull();
    assertThat(proof(probes(1.0, null, null), List.of()).unanswered()).isEqualTo(2);
    assertThat(proof(probes(1.0, null, null), List.of()).maxMs()).isEqualTo(1.0);
    assertThat(proof(List.of(), List.of()).p50Ms()).isNull();
  }

  private static List<LiveProbe> probes(Double... ms) {
    return java.util.Arrays.stream(ms).map(one -> new LiveProbe(1, one)).toList();
  }

  private static LivenessResult proof(List<LiveProbe> probes, List<BlockedWarning> warnings) {
    return LivenessResult.of(
        probes, warnings, 0, Instant.parse("2026-11-21T15:00:00Z").toEpochMilli());
  }
}
