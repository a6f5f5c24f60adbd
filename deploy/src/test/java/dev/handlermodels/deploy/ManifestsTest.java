package dev.handlermodels.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handlermodels.api.settings.Settings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests say what they mean, in words that Kubernetes knows. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ManifestsTest {
  private static final Path BASE = Manifests.ROOT.resolve("base");

  static List<Path> files() {
    return Manifests.files();
  }

  @ParameterizedTest
  @MethodSource("files")
  void a_manifest_has_no_field_that_Kubernetes_does_not_know(Path file) {
    assertThat(Manifests.documents(Manifests.text(file)))
        .isNotEmpty()
        .allSatisfy(
            document -> assertThatCode(() -> Manifests.typed(document)).doesNotThrowAnyException());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/spec",
        "/spec/template/spec",
        "/spec/template/spec/containers/0",
        "/spec/template/spec/containers/0/livenessProbe/httpGet",
        "/spec/template/spec/containers/0/securityContext",
        "/spec/template/spec/topologySpreadConstraints/0"
      })
  void an_unknown_field_is_refused_wherever_it_stands(String where) {
    JsonNode deployment = document("deployment.yaml", "Deployment");
    ((ObjectNode) deployment.at(where)).put("replcias", 2);
    assertThatThrownBy(() -> Manifests.typed(deployment)).hasMessageContaining("replcias");
  }

  @Test
  void a_value_of_another_type_is_refused() {
    JsonNode deployment = document("deployment.yaml", "Deployment");
    ((ObjectNode) deployment.at("/spec/template/spec"))
        .put("terminationGracePeriodSeconds", "soon");
    assertThatThrownBy(() -> Manifests.typed(deployment))
        .hasMessageContaining("terminationGracePeriodSeconds");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vertx", "nima", "blocking"})
  void an_overlay_as_kubectl_renders_it_runs_its_own_variant(String server) {
    assumeTrue(Manifests.canRender(), "there is no kubectl here that could render the overlays");
    List<Object> objects =
        Manifests.rendered(Manifests.ROOT.resolve("overlays").resolve(server)).stream()
            .map(Manifests::typed)
            .toList();
    assertThat(images(objects))
        .containsExactly("handler-models:" + server, "handler-models-upstream");
    HorizontalPodAutoscaler autoscaler =
        of(objects, HorizontalPodAutoscaler.class).findFirst().orElseThrow();
    assertThat(autoscaler.getSpec().getMetrics())
        .singleElement()
        .extracting(metric -> metric.getType())
        .isEqualTo(server.equals("blocking") ? "Pods" : "Resource");
    assertThat(autoscaler.getSpec().getMinReplicas()).isEqualTo(2);
  }

  @Test
  void an_overlay_renders_with_the_monitoring_option() throws IOException {
    assumeTrue(Manifests.canRender(), "there is no kubectl here that could render the overlays");
    Path folder = Files.createDirectories(Path.of("target", "monitored"));
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        """
        resources: [../../kubernetes/overlays/nima]
        components: [../../kubernetes/monitoring]
        """);
    assertThat(Manifests.rendered(folder))
        .extracting(document -> document.path("kind").asText())
        .contains("Deployment", "ServiceMonitor");
  }

  @Test
  void workers_share_the_database_of_the_servers_and_a_worker_accepts_its_settings() {
    Deployment worker =
        (Deployment)
            Manifests.typed(
                Manifests.documents(
                        Manifests.text(Manifests.ROOT.resolve("database").resolve("worker.yaml")))
                    .getFirst());
    Map<String, String> environment =
        worker.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
            .collect(
                Collectors.toMap(
                    EnvVar::getName,
                    e -> e.getValue() == null ? "postgresql://u:p@h/n" : e.getValue()));
    Settings settings = Settings.fromEnvironment(environment);
    assertThat(settings.tasks().store().name()).isEqualTo("POSTGRES");
    assertThat(settings.database().address()).isPresent();
    assertThat(worker.getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds() * 1000)
        .isGreaterThan(settings.drainMs());
  }

  @Test
  void an_overlay_renders_with_the_database_option() throws IOException {
    assumeTrue(Manifests.canRender(), "there is no kubectl here that could render the overlays");
    Path folder = Files.createDirectories(Path.of("target", "with-database"));
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        """
        resources: [../../kubernetes/overlays/nima]
        components: [../../kubernetes/database]
        """);
    List<JsonNode> objects = Manifests.rendered(folder);
    assertThat(objects).extracting(document -> document.path("kind").asText()).contains("Secret");
    assertThat(objects)
        .filteredOn(o -> o.path("kind").asText().equals("Deployment"))
        .filteredOn(o -> o.at("/metadata/name").asText().equals("handler-models"))
        .singleElement()
        .asString()
        .contains("TASK_STORE", "secretKeyRef");
  }

  @Test
  void each_setting_is_one_that_the_server_reads_and_the_server_accepts_them_together() {
    Map<String, String> environment = environment();
    Set<String> known =
        Settings.HELP
            .lines()
            .map(line -> line.strip().split(" ", 2)[0])
            .collect(Collectors.toSet());
    assertThat(known).containsAll(environment.keySet());
    assertThatCode(() -> Settings.fromEnvironment(environment)).doesNotThrowAnyException();
  }

  @Test
  void what_is_wrong_on_purpose_is_off() {
    assertThat(Settings.fromEnvironment(environment()).antiPatterns()).isFalse();
  }

  @Test
  void the_grace_period_holds_the_whole_drain() {
    Settings settings = Settings.fromEnvironment(environment());
    assertThat(settings.drainDelayMs()).isPositive();
    assertThat(pod().getTerminationGracePeriodSeconds() * 1000)
        .isGreaterThan(settings.drainDelayMs() + settings.drainMs());
  }

  @Test
  void an_instance_that_drains_is_known_to_be_unready_before_it_stops_accepting() {
    Probe readiness = pod().getContainers().getFirst().getReadinessProbe();
    assertThat(readiness.getPeriodSeconds() * readiness.getFailureThreshold() * 1000)
        .isLessThan(Settings.fromEnvironment(environment()).drainDelayMs());
  }

  @Test
  void liveness_asks_the_main_listener_and_readiness_the_management_listener() {
    Container server = pod().getContainers().getFirst();
    Map<String, Integer> ports =
        server.getPorts().stream()
            .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
    assertThat(ports).isEqualTo(Map.of("http", 8080, "management", 9090));
    assertProbe(server.getStartupProbe(), "/health/live", 8080);
    assertProbe(server.getLivenessProbe(), "/health/live", 8080);
    assertProbe(server.getReadinessProbe(), "/health/ready", 9090);
  }

  @Test
  void every_pod_is_confined() {
    List<Object> objects =
        Manifests.files().stream()
            .flatMap(file -> Manifests.documents(Manifests.text(file)).stream())
            .map(Manifests::typed)
            .toList();
    assertThat(pods(objects).toList())
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(
            pod -> {
              assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
              assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(10001);
              assertThat(pod.getSecurityContext().getSeccompProfile().getType())
                  .isEqualTo("RuntimeDefault");
              assertThat(pod.getAutomountServiceAccountToken()).isFalse();
              assertThat(pod.getContainers())
                  .allSatisfy(
                      container -> {
                        assertThat(container.getImagePullPolicy()).isEqualTo("IfNotPresent");
                        var context = container.getSecurityContext();
                        assertThat(context.getAllowPrivilegeEscalation()).isFalse();
                        assertThat(context.getReadOnlyRootFilesystem()).isTrue();
                        assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
                        assertThat(container.getResources().getLimits()).containsKey("memory");
                        assertThat(container.getResources().getRequests())
                            .containsKeys("cpu", "memory");
                      });
            });
  }

  @Test
  void services_select_pods_that_there_are_and_name_their_ports() {
    List<Object> base =
        Stream.of("deployment.yaml", "service.yaml", "upstream.yaml")
            .flatMap(name -> Manifests.documents(Manifests.text(BASE.resolve(name))).stream())
            .map(Manifests::typed)
            .toList();
    List<Deployment> deployments = of(base, Deployment.class).toList();
    assertThat(of(base, Service.class).toList())
        .hasSize(2)
        .allSatisfy(
            service -> {
              Deployment behind =
                  deployments.stream()
                      .filter(d -> labels(d).equals(service.getSpec().getSelector()))
                      .findFirst()
                      .orElseThrow();
              assertThat(behind.getSpec().getSelector().getMatchLabels()).isEqualTo(labels(behind));
              String port = service.getSpec().getPorts().getFirst().getTargetPort().getStrVal();
              assertThat(
                      behind
                          .getSpec()
                          .getTemplate()
                          .getSpec()
                          .getContainers()
                          .getFirst()
                          .getPorts())
                  .extracting(ContainerPort::getName)
                  .contains(port);
            });
  }

  @Test
  void every_file_is_a_resource_of_its_kustomization() {
    try (Stream<Path> folders = Files.walk(Manifests.ROOT)) {
      assertThat(folders.filter(Files::isDirectory).filter(ManifestsTest::hasFiles).toList())
          .isNotEmpty()
          .allSatisfy(
              folder -> {
                String kustomization = Manifests.text(folder.resolve("kustomization.yaml"));
                assertThat(Manifests.files().stream().filter(f -> f.getParent().equals(folder)))
                    .allSatisfy(
                        f -> assertThat(kustomization).contains(f.getFileName().toString()));
              });
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static boolean hasFiles(Path folder) {
    return Manifests.files().stream().anyMatch(file -> file.getParent().equals(folder));
  }

  private static void assertProbe(Probe probe, String path, int port) {
    assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
    assertThat(probe.getHttpGet().getPort().getIntVal()).isEqualTo(port);
  }

  private static JsonNode document(String file, String kind) {
    return Manifests.documents(Manifests.text(BASE.resolve(file))).stream()
        .filter(document -> document.path("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static PodSpec pod() {
    Deployment deployment = (Deployment) Manifests.typed(document("deployment.yaml", "Deployment"));
    return deployment.getSpec().getTemplate().getSpec();
  }

  private static Map<String, String> environment() {
    return pod().getContainers().getFirst().getEnv().stream()
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }

  private static Map<String, String> labels(Deployment deployment) {
    return deployment.getSpec().getTemplate().getMetadata().getLabels();
  }

  private static List<String> images(List<Object> objects) {
    return pods(objects)
        .flatMap(pod -> pod.getContainers().stream())
        .map(Container::getImage)
        .toList();
  }

  private static Stream<PodSpec> pods(List<Object> objects) {
    return Stream.concat(
        of(objects, Deployment.class).map(d -> d.getSpec().getTemplate().getSpec()),
        of(objects, io.fabric8.kubernetes.api.model.batch.v1.Job.class)
            .map(job -> job.getSpec().getTemplate().getSpec()));
  }

  private static <T> Stream<T> of(List<Object> objects, Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast);
  }
}
