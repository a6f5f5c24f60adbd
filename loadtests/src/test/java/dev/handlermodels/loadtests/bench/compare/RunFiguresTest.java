package dev.handlermodels.loadtests.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.compare.Figure.Kind;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class RunFiguresTest {
  @Test
  void repeatsOfARowOfTheTableAreOneFigure() {
    JsonNode table =
        json(
            """
            {"schema": 1, "rows": [
              {"server": "vertx", "endpoint": "/io", "status": "complete", "requests": 1000,
               "failures": 0, "successesPerSecond": 500.0, "latencyMs": {"p50": 1001, "p99": 1010},
               "cpuSeconds": {"server": 2.0}},
              {"server": "vertx", "endpoint": "/io", "status": "complete", "requests": 1000,
               "failures": 500, "successesPerSecond": 250.0, "latencyMs": {"p50": 1002, "p99": 1020},
               "cpuSeconds": null},
              {"server": "vertx", "endpoint": "/io", "status": "partial", "successesPerSecond": 1.0}
            ]}
            """);

    assertThat(RunFigures.of(List.of(table)))
        .containsExactly(
            new Figure("vertx /io", "answers/s", Kind.RATE, List.of(500.0, 250.0)),
            new Figure("vertx /io", "median", Kind.WHOLE_MS, List.of(1001.0, 1002.0)),
            new Figure("vertx /io", "p99", Kind.WHOLE_MS, List.of(1010.0, 1020.0)),
            new Figure("vertx /io", "CPU ms of an answer", Kind.TIME, List.of(2.0)));
  }

  @Test
  void roundsOfAScenarioAreRepeatsToo() {
    JsonNode scenario =
        json(
            """
            {"rows": [{"way": "LOOP", "wallMs": {"median": 1.0}}],
             "rounds": [
              {"table": "SECOND", "way": "LOOP", "round": 1, "calls": 1000, "wallMs": 1200.5,
               "outcome": {"perSecond": 10.0, "maxUs": 5}, "rssPeakMiB": 200.0, "failed": 0},
              {"table": "SECOND", "way": "LOOP", "round": 2, "calls": 1000, "wallMs": 1300.5,
               "outcome": {"perSecond": 11.0, "maxUs": 6}, "rssPeakMiB": 201.0, "failed": 0}
            ]}
            """);

    assertThat(RunFigures.of(List.of(scenario, scenario)))
        .extracting(Figure::id)
        .containsExactly(
            "second loop calls=1000, wallMs",
            "second loop calls=1000, outcome.perSecond",
            "second loop calls=1000, rssPeakMiB");
    assertThat(RunFigures.of(List.of(scenario, scenario)).getFirst().values())
        .containsExactly(1200.5, 1300.5, 1200.5, 1300.5);
  }

  @ParameterizedTest
  @CsvSource({
    "answersPerSecond, RATE",
    "capacity, RATE",
    "p99Ms, TIME",
    "cpuUsPerRequest, TIME",
    "recoverySeconds, TIME",
    "heapBytesPerRequest, SPACE",
    "rssPeakMiB, SPACE",
    "waitMs,",
    "maxUs,",
    "ceilingPerSecond,",
    "round,",
    "failures,",
  })
  void theNameOfAFieldSaysWhatItCounts(String field, Kind kind) {
    assertThat(RunFigures.kind(field)).isEqualTo(kind);
  }

  /** Whatever is committed can be compared, if only with itself. */
  @Test
  void everyCommittedRunHasFigures() throws IOException {
    try (Stream<Path> runs = Files.list(Path.of("../docs/results"))) {
      for (Path run : runs.filter(dir -> Files.exists(dir.resolve("results.json"))).toList()) {
        List<Figure> figures = RunFigures.of(List.of(RunFigures.read(run)));

        assertThat(figures).as(run.toString()).isNotEmpty();
        assertThat(Comparison.of(figures, figures).isWorse()).isFalse();
        assertThat(Conditions.differences(RunFigures.read(run), RunFigures.read(run))).isEmpty();
      }
    }
  }

  @Test
  void conditionsThatDifferAreNamed() {
    JsonNode one =
        json("{\"machine\": {\"cores\": 2, \"commit\": \"a\"}, \"settings\": {\"users\": 5}}");
    JsonNode other = json("{\"machine\": {\"cores\": 4, \"commit\": \"b\"}, \"settings\": {}}");

    assertThat(Conditions.differences(one, other))
        .containsExactly(
            "machine.cores differs: 2 in the first, 4 in the second.",
            "settings.users differs: 5 in the first, nothing in the second.");
  }

  /** A server that only one run has is missing in the figures already. */
  @Test
  void onlySettingsOfServersInBothRunsCount() {
    JsonNode one =
        json(
            """
            {"ledger": {"values": {"server": {"a": "a", "b": "b"}, "pool": {"a": "40", "b": "8"},
             "settings.upstream": {"a": "h:1", "b": "h:1"}}}}
            """);
    JsonNode other =
        json(
            """
            {"ledger": {"values": {"server": {"a": "a"}, "pool": {"a": "20"},
             "settings.upstream": {"a": "h:2"}}}}
            """);

    assertThat(Conditions.differences(one, other))
        .containsExactly("pool of a differs: 40 in the first, 20 in the second.");
  }

  @Test
  void whatIsTheSameOnSeveralServersIsSaidOnce() {
    JsonNode one =
        json(
            """
            {"ledger": {"values": {"server": {"a": "a", "b": "b", "c": "c"}, "old": {"a": "1", "c": "2"},
             "pool": {"a": "40", "b": "40", "c": "8"}}}}
            """);
    JsonNode other =
        json(
            """
            {"ledger": {"values": {"server": {"a": "a", "b": "b", "c": "c"}, "new": {"a": "1", "b": "1"},
             "newer": {"c": "3"}, "pool": {"a": "20", "b": "20", "c": "4"}}}}
            """);

    assertThat(Conditions.differences(one, other))
        .containsExactly(
            "pool of a, b differs: 40 in the first, 20 in the second.",
            "pool of c differs: 8 in the first, 4 in the second.",
            "Only servers of the first run report: old.",
            "Only servers of the second run report: new, newer.");
  }

  private static JsonNode json(String text) {
    return Json.LINE.readTree(text);
  }
}
