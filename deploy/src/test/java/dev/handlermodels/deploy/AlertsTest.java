package dev.handlermodels.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every alert is one that a person can act on: tested, and with a paragraph that says what to do.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AlertsTest {
  private static final Path RULES = Path.of("alerts.yaml");
  private static final Path OPERATOR_RULES = Manifests.ROOT.resolve("alerts/prometheus-rule.yaml");
  private static final Path RULE_TESTS = Path.of("alerts-test.yaml");
  private static final Path RUNBOOK = Path.of("..", "docs", "runbook.md");

  static List<JsonNode> alerts() {
    return Stream.of(Manifests.documents(Manifests.text(RULES)).getFirst().path("groups"))
        .flatMap(AlertsTest::elements)
        .flatMap(group -> elements(group.path("rules")))
        .filter(rule -> rule.has("alert"))
        .toList();
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static List<String> names() {
    return alerts().stream().map(alert -> alert.path("alert").asText()).toList();
  }

  @Test
  void a_Prometheus_with_an_operator_and_one_without_have_the_same_rules() {
    JsonNode plain = Manifests.documents(Manifests.text(RULES)).getFirst();
    JsonNode ofOperator = Manifests.documents(Manifests.text(OPERATOR_RULES)).getFirst();
    assertThat(ofOperator.path("spec")).isEqualTo(plain);
    assertThat(names()).hasSizeGreaterThan(10).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("alerts")
  void an_alert_says_how_urgent_it_is_what_is_wrong_and_where_to_read_on(JsonNode alert) {
    String name = alert.path("alert").asText();
    assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning");
    assertThat(alert.at("/annotations/summary").asText()).isNotEmpty();
    assertThat(alert.at("/annotations/description").asText()).isNotEmpty();
    assertThat(alert.at("/annotations/runbook_url").asText())
        .isEqualTo("docs/runbook.md#" + name.toLowerCase(Locale.ROOT));
    assertThat(alert.path("expr").asText())
        .as("metrics of others have the same names")
        .containsPattern("job=~\"\\.\\*handler-models\\.\\*\"|handler_models:");
  }

  @Test
  void the_runbook_has_a_paragraph_for_each_alert_and_for_no_other() {
    List<String> headings =
        Pattern.compile("(?m)^### (HandlerModels\\w+)$")
            .matcher(Manifests.text(RUNBOOK))
            .results()
            .map((MatchResult heading) -> heading.group(1))
            .toList();
    assertThat(headings).containsExactlyInAnyOrderElementsOf(names());
    for (String section : Manifests.text(RUNBOOK).split("(?m)^###? ")) {
      if (section.startsWith("HandlerModels")) {
        assertThat(section).contains("**Means**", "**Look**", "**Do**");
      }
    }
  }

  @Test
  void each_alert_is_made_to_fire_by_a_test_of_the_rules_and_by_the_script() {
    String tests = Manifests.text(RULE_TESTS);
    String script = Manifests.text(Path.of("verify-alerts.sh"));
    assertThat(names())
        .allSatisfy(name -> assertThat(tests).contains("{alertname=\"" + name + "\"}', value: 1"));
    assertThat(names())
        .filteredOn(name -> !name.endsWith("Slowly")) // it takes an hour
        .allSatisfy(name -> assertThat(script).contains(name.substring("HandlerModels".length())));
  }

  @Test
  void promtool_finds_that_the_rules_do_what_their_tests_say() throws Exception {
    assumeTrue(Manifests.canRun("promtool", "--version"), "there is no promtool here");
    Path report = Files.createDirectories(Path.of("target")).resolve("promtool.txt");
    for (List<String> command :
        List.of(
            List.of("promtool", "check", "rules", RULES.toString()),
            List.of("promtool", "test", "rules", RULE_TESTS.toString()))) {
      Process promtool =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(report.toFile())
              .start();
      assertThat(promtool.waitFor()).as(Files.readString(report)).isZero();
    }
  }
}
