package dev.handlermodels.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docker compose up} ends at a page with live panels, and nothing in it is unbounded. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ComposeTest {
  private static final Path GRAFANA = Path.of("grafana");
  private final JsonNode compose = read(Path.of("compose.yaml"));

  private static JsonNode read(Path file) {
    return Manifests.documents(Manifests.text(file)).getFirst();
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "upstream", "prometheus", "grafana"})
  void a_service_is_bounded_confined_checked_and_started_again(String name) {
    JsonNode service = compose.at("/services/" + name);
    for (String field : new String[] {"mem_limit", "cpus", "pids_limit"}) {
      assertThat(service.has(field)).as(field).isTrue();
    }
    assertThat(service.path("restart").asText()).isEqualTo("unless-stopped");
    assertThat(service.at("/cap_drop/0").asText()).isEqualTo("ALL");
    assertThat(service.at("/security_opt/0").asText()).isEqualTo("no-new-privileges:true");
    assertThat(service.at("/healthcheck").has("start_period")).isTrue();
    assertThat(service.path("ports"))
        .allSatisfy(port -> assertThat(port.asText()).startsWith("127.0.0.1:"));
  }

  @Test
  void there_is_no_other_service() {
    assertThat(compose.path("services").properties()).hasSize(4);
  }

  @Test
  void each_waits_until_what_it_needs_is_healthy() {
    Map.of("server", "upstream", "prometheus", "server", "grafana", "prometheus")
        .forEach(
            (name, needed) ->
                assertThat(
                        compose
                            .at("/services/" + name + "/depends_on/" + needed + "/condition")
                            .asText())
                    .isEqualTo("service_healthy"));
  }

  @Test
  void each_file_that_is_mounted_is_there_and_each_volume_declared() {
    for (JsonNode service : compose.path("services")) {
      for (JsonNode volume : service.path("volumes")) {
        String source = volume.asText().split(":", 2)[0];
        if (source.startsWith("./")) {
          assertThat(Path.of(source)).exists();
          assertThat(volume.asText()).endsWith(":ro");
        } else {
          assertThat(compose.path("volumes").has(source)).as(source).isTrue();
        }
      }
    }
  }

  @Test
  void Prometheus_scrapes_the_server_and_knows_the_alerts() {
    JsonNode prometheus = read(Path.of("prometheus.yml"));
    assertThat(prometheus.at("/rule_files/0").asText()).isEqualTo("alerts.yaml");
    assertThat(prometheus.at("/scrape_configs/0/job_name").asText()).contains("handler-models");
    assertThat(prometheus.at("/scrape_configs/0/static_configs/0/targets/0").asText())
        .isEqualTo("server:9090");
    assertThat(compose.at("/services/prometheus/volumes").toString())
        .contains("./alerts.yaml:/etc/prometheus/alerts.yaml");
  }

  @Test
  void Grafana_finds_Prometheus_and_the_dashboard() {
    JsonNode source = read(GRAFANA.resolve("provisioning/datasources/prometheus.yaml"));
    assertThat(source.at("/datasources/0/url").asText()).isEqualTo("http://prometheus:9090");
    assertThat(source.at("/datasources/0/isDefault").asBoolean()).isTrue();
    JsonNode dashboards = read(GRAFANA.resolve("provisioning/dashboards/handler-models.yaml"));
    String folder = dashboards.at("/providers/0/options/path").asText();
    String mounted = compose.at("/services/grafana/volumes").toString();
    assertThat(mounted).contains(":" + folder + "/handler-models.json");
    assertThat(
            compose
                .at("/services/grafana/environment/GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")
                .asText())
        .isEqualTo(folder + "/handler-models.json");
    assertThat(Files.exists(GRAFANA.resolve("handler-models.json"))).isTrue();
  }

  /** A line where an alert begins, so that nobody has to know the number by heart. */
  @Test
  void the_panels_of_what_alerts_watch_have_thresholds() {
    JsonNode dashboard = read(GRAFANA.resolve("handler-models.json"));
    long thresholds = 0;
    for (JsonNode panel : dashboard.path("panels")) {
      JsonNode steps = panel.at("/fieldConfig/defaults/thresholds/steps");
      if (steps.size() == 2) {
        assertThat(steps.get(1).path("value").isNumber()).isTrue();
        assertThat(panel.at("/fieldConfig/defaults/custom/thresholdsStyle/mode").asText())
            .as(panel.path("title").asText())
            .isEqualTo("line");
        thresholds++;
      }
    }
    assertThat(thresholds).isGreaterThanOrEqualTo(9);
  }
}
