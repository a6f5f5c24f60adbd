package dev.handlermodels.loadtests.bench.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.row.ServerSettings;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsComparisonTest {
  private static final Map<String, String> VERTX =
      Map.of(
          "server", "vertx",
          "framework.backlog", "4096",
          "framework.ioThreads", "1",
          "jvm.flags", "-XX:AOTCache=server-vertx/target/server-vertx.aot");
  private static final Map<String, String> NIMA =
      Map.of(
          "server", "nima",
          "framework.backlog", "4096",
          "framework.ioThreads", Numbers.NONE,
          "jvm.flags", "-XX:AOTCache=server-nima/target/server-nima.aot");

  @Test
  void unfairFiresForASettingThatDiffersAndNamesIt() {
    SettingsComparison ledger =
        SettingsComparison.of(List.of(VERTX, with(NIMA, "framework.backlog", "1024")));

    assertThat(ledger.differences()).containsExactly("framework.backlog");
    assertThat(ledger.fair())
        .isEqualTo(
            new Verdict(
                true, "Unfair: the servers differ in framework.backlog {nima=1024, vertx=4096}."));
  }

  @Test
  void unfairFiresForASettingThatOneServerDoesNotTell() {
    Map<String, String> silent = new HashMap<>(NIMA);
    silent.remove("framework.backlog");

    assertThat(SettingsComparison.of(List.of(VERTX, silent)).differences())
        .containsExactly("framework.backlog");
  }

  @Test
  void unfairFiresForAServerThatChangesBetweenItsRuns() {
    assertThat(
            SettingsComparison.of(List.of(VERTX, NIMA, with(VERTX, "jvm.flags", "-Xmx1g")))
                .differences())
        .containsExactly("jvm.flags");
  }

  @Test
  void unfairDoesNotFireForWhatMakesTheHandlerModel() {
    SettingsComparison ledger = SettingsComparison.of(List.of(VERTX, NIMA, VERTX));

    assertThat(ledger.fair())
        .isEqualTo(
            new Verdict(
                false,
                "Fair: the 2 servers agree in all 2 settings that are no part of the handler"
                    + " model."));
    assertThat(ledger.lines())
        .contains(List.of("framework.ioThreads", Numbers.NONE, "1"))
        .contains(List.of("server", "nima", "vertx"));
  }

  @Test
  void whoTellsNothingIsNoServer() {
    SettingsComparison ledger = SettingsComparison.of(List.of(VERTX, Map.of(), NIMA));

    assertThat(ledger.servers()).containsExactly("nima", "vertx");
    assertThat(ledger.fair().fires()).isFalse();
  }

  @Test
  void oneServerOrNoneIsUnknown() {
    assertThat(SettingsComparison.of(List.of(VERTX, VERTX)).fair().sentence())
        .startsWith("Unknown");
    assertThat(SettingsComparison.of(List.of(Map.of())).servers()).isEmpty();
  }

  @Test
  void settingsAreReadByDottedName(@TempDir Path dir) throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("settings.json"),
            "{\"server\":\"nima\",\"jvm\":{\"flags\":[\"-a\",\"-b\"],\"n\":1},\"io\":null}");

    assertThat(ServerSettings.read(file))
        .isEqualTo(
            Map.of("server", "nima", "jvm.flags", "-a -b", "jvm.n", "1", "io", Numbers.NONE));
    assertThat(ServerSettings.read(dir.resolve("none.json"))).isEmpty();
  }

  private static Map<String, String> with(Map<String, String> all, String name, String value) {
    Map<String, String> changed = new HashMap<>(all);
    changed.put(name, value);
    return changed;
  }
}
