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
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  /** What ./bench capacity prints: its examples, and the listings of committed runs. */
  static Stream<String> sizings() throws IOException {
    List<String> sizings = new ArrayList<>();
    Path examples = Path.of("../loadtests/src/test/resources/capacity");
    try (Stream<Path> files = Files.list(examples)) {
      files.sorted().map(Manifests::text).forEach(sizings::add);
    }
    try (Stream<Path> runs = Files.list(Path.of("../docs/results"))) {
      for (Path run : runs.filter(path -> path.toString().endsWith("-capacity")).toList()) {
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(run.resolve("report.md")))
            .results()
            .forEach(listing -> sizings.add(listing.group(1)));
      }
    }
    return sizings.stream();
  }

  @ParameterizedTest
  @MethodSource("sizings")
  void what_capacity_prints_has_no_field_that_Kubernetes_does_not_know(String yaml) {
    List<Object> objects = Manifests.documents(yaml).stream().map(Manifests::typed).toList();
    Container server = server(of(objects, Deployment.class).findFirst().orElseThrow());
    assertThat(server.getName()).isEqualTo("server");
    assertThat(server.getResources().getRequests()).containsOnlyKeys("cpu", "memory");
    assertThat(server.getResources().getLimits()).containsOnlyKeys("cpu", "memory");
    Set<String> known = Set.of("MAX_IN_FLIGHT", "EVENT_LOOPS", "POOL_SIZE");
    assertThat(server.getEnv()).extracting(EnvVar::getName).isSubsetOf(known);
    HorizontalPodAutoscaler autoscaler =
        of(objects, HorizontalPodAutoscaler.class).findFirst().orElseThrow();
    assertThat(autoscaler.getSpec().getMetrics()).hasSize(1);
    assertThat(autoscaler.getSpec().getMinReplicas())
        .isLessThan(autoscaler.getSpec().getMaxReplicas());
  }

  @ParameterizedTest
  @MethodSource("sizings")
  void what_capacity_prints_patches_an_overlay(String yaml) throws IOException {
    assumeTrue(Manifests.canRender(), "there is no kubectl here that could render the overlays");
    Path folder = Files.createDirectories(Path.of("target", "rendered", "sizing"));
    Files.writeString(folder.resolve("sizing.yaml"), yaml);
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        "resources: [../../../kubernetes/overlays/vertx]\npatches: [{path: sizing.yaml}]\n");
    List<Object> objects = Manifests.rendered(folder).stream().map(Manifests::typed).toList();
    Deployment deployment =
        of(objects, Deployment.class)
            .filter(one -> one.getMetadata().getName().equals("handler-models"))
            .findFirst()
            .orElseThrow();
    assertThat(deployment.getSpec().getTemplate().getSpec().getContainers()).hasSize(1);
    assertThat(images(objects)).containsExactly("handler-models:vertx", "handler-models-upstream");
    assertThat(yaml)
        .contains("memory: " + server(deployment).getResources().getLimits().get("memory"));
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
        .as("what every cluster offers")
        .singleElement()
        .extracting(metric -> metric.getResource().getName())
        .isEqualTo("cpu");
    assertThat(autoscaler.getSpec().getMinReplicas()).isEqualTo(2);
  }

  /** An overlay with some of the options, as kubectl renders it. */
  private static List<JsonNode> rendered(String server, String... components) throws IOException {
    assumeTrue(Manifests.canRender(), "there is no kubectl here that could render the overlays");
    Path folder =
        Files.createDirectories(
            Path.of("target", "rendered", server + "-" + String.join("-", components)));
    String all =
        Stream.of(components)
            .map(component -> "  - ../../../kubernetes/" + component + "\n")
            .collect(Collectors.joining());
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        (List.of(components).contains("namespace") ? "namespace: handler-models\n" : "")
            + "resources: [../../../kubernetes/overlays/"
            + server
            + "]\ncomponents:\n"
            + all);
    return Manifests.rendered(folder);
  }

  private static List<String> kinds(List<JsonNode> objects) {
    return objects.stream().map(document -> document.path("kind").asText()).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "monitoring, ServiceMonitor",
    "pod-monitor, PodMonitor",
    "alerts, PrometheusRule",
    "database, Secret",
    "tracing, NetworkPolicy",
    "gateway, HTTPRoute",
    "ingress, Ingress",
    "in-flight-keda, ScaledObject",
    "in-flight-adapter, HorizontalPodAutoscaler",
    "namespace, Namespace"
  })
  void an_overlay_renders_with_each_option(String component, String kind) throws IOException {
    List<JsonNode> objects = rendered("blocking", component);
    assertThat(kinds(objects)).contains("Deployment", kind);
    assertThat(objects)
        .allSatisfy(
            document -> assertThatCode(() -> Manifests.typed(document)).doesNotThrowAnyException());
  }

  @Test
  void KEDA_makes_an_autoscaler_of_its_own_so_ours_goes() throws IOException {
    List<JsonNode> objects = rendered("blocking", "in-flight-keda");
    assertThat(kinds(objects)).doesNotContain("HorizontalPodAutoscaler");
    assertThat(objects)
        .filteredOn(o -> o.path("kind").asText().equals("ScaledObject"))
        .singleElement()
        .asString()
        .contains("http_server_requests_in_flight");
  }

  @Test
  void the_adapter_brings_the_metric_that_the_autoscaler_asks_for() throws IOException {
    JsonNode autoscaler =
        rendered("blocking", "in-flight-adapter").stream()
            .filter(o -> o.path("kind").asText().equals("HorizontalPodAutoscaler"))
            .findFirst()
            .orElseThrow();
    assertThat(autoscaler.at("/spec/metrics")).hasSize(1);
    JsonNode rule =
        Manifests.documents(Manifests.text(Path.of("prometheus-adapter.yaml")))
            .getFirst()
            .at("/rules/custom/0");
    assertThat(autoscaler.at("/spec/metrics/0/pods/metric/name").asText())
        .isEqualTo(rule.at("/name/as").asText());
    assertThat(rule.path("seriesQuery").asText()).startsWith(rule.at("/name/as").asText());
  }

  @Test
  void a_namespace_of_its_own_holds_everything_and_admits_only_restricted_pods()
      throws IOException {
    List<JsonNode> objects = rendered("nima", "namespace", "monitoring", "tracing");
    assertThat(objects)
        .filteredOn(o -> !o.path("kind").asText().equals("Namespace"))
        .isNotEmpty()
        .allSatisfy(
            o -> assertThat(o.at("/metadata/namespace").asText()).isEqualTo("handler-models"));
    assertThat(objects)
        .filteredOn(o -> o.path("kind").asText().equals("Namespace"))
        .singleElement()
        .satisfies(
            o ->
                assertThat(
                        o.at("/metadata/labels")
                            .path("pod-security.kubernetes.io/enforce")
                            .asText())
                    .isEqualTo("restricted"));
  }

  /** Which flows the policies of one kind of pod allow: FROM or TO, and port. */
  private static Set<String> flows(List<JsonNode> objects, String pod) {
    Set<String> flows = new TreeSet<>();
    for (JsonNode policy : objects) {
      if (policy.path("kind").asText().equals("NetworkPolicy")
          && policy.at("/spec/podSelector").toString().contains("\"" + pod + "\"")) {
        for (JsonNode rule : policy.at("/spec/ingress")) {
          flows(flows, "from", rule.path("from"), rule.path("ports"));
        }
        for (JsonNode rule : policy.at("/spec/egress")) {
          flows(flows, "to", rule.path("to"), rule.path("ports"));
        }
      }
    }
    return flows;
  }

  private static void flows(Set<String> flows, String way, JsonNode peers, JsonNode ports) {
    for (JsonNode port : ports) {
      if (peers.isMissingNode()) {
        flows.add(way + " anybody " + port.path("port").asText());
      }
      for (JsonNode peer : peers) {
        flows.add(way + " " + name(peer) + " " + port.path("port").asText());
      }
    }
  }

  private static String name(JsonNode peer) {
    if (peer.has("ipBlock")) {
      return peer.at("/ipBlock/cidr").asText();
    }
    List<String> labels = new ArrayList<>();
    for (String selector : List.of("namespaceSelector", "podSelector")) {
      peer.path(selector).path("matchLabels").forEach(value -> labels.add(value.asText()));
      peer.path(selector)
          .path("matchExpressions")
          .forEach(
              expression -> expression.path("values").forEach(value -> labels.add(value.asText())));
    }
    return String.join("+", labels);
  }

  @Test
  void each_flow_that_is_advertised_is_allowed_and_no_other() throws IOException {
    List<JsonNode> plain = rendered("nima", "alerts");
    Set<String> server = flows(plain, "handler-models");
    assertThat(server)
        .containsExactlyInAnyOrder(
            "from anybody http",
            "from monitoring management",
            "from allowed management",
            "from handler-models-load management",
            "to upstream http",
            "to kube-dns 53",
            "to 169.254.0.0/16 53");
    assertThat(flows(plain, "upstream"))
        .containsExactlyInAnyOrder("from handler-models+handler-models-worker http");
    Set<String> traced = flows(rendered("nima", "tracing"), "handler-models");
    traced.removeAll(server);
    assertThat(traced).containsExactly("to opentelemetry-collector 4318");
    List<JsonNode> stored = rendered("nima", "database");
    Set<String> withDatabase = flows(stored, "handler-models");
    withDatabase.removeAll(server);
    assertThat(withDatabase).containsExactly("to anybody 5432");
    assertThat(flows(stored, "handler-models-worker"))
        .containsExactlyInAnyOrder(
            "from monitoring management",
            "from allowed management",
            "to anybody 5432",
            "to upstream http",
            "to kube-dns 53",
            "to 169.254.0.0/16 53");
  }

  @Test
  void every_pod_is_closed_but_for_its_flows() throws IOException {
    for (List<JsonNode> objects :
        List.of(
            rendered("nima", "tracing", "database"),
            Manifests.rendered(Manifests.ROOT.resolve("load")))) {
      List<String> policies =
          objects.stream()
              .filter(o -> o.path("kind").asText().equals("NetworkPolicy"))
              .map(JsonNode::toString)
              .toList();
      for (JsonNode workload : objects) {
        String label =
            workload.at("/spec/template/metadata/labels").path("app.kubernetes.io/name").asText();
        if (!label.isEmpty()) {
          for (String way : List.of("Ingress", "Egress")) {
            assertThat(policies)
                .as(label + " " + way)
                .anyMatch(p -> p.contains("\"" + label + "\"") && p.contains("\"" + way + "\""));
          }
        }
      }
    }
  }

  @Test
  void the_traces_go_where_the_policy_lets_them() throws IOException {
    String deployment =
        rendered("nima", "tracing").stream()
            .filter(o -> o.at("/metadata/name").asText().equals("handler-models"))
            .filter(o -> o.path("kind").asText().equals("Deployment"))
            .map(JsonNode::toString)
            .findFirst()
            .orElseThrow();
    assertThat(deployment)
        .contains(
            "OTEL_EXPORTER_OTLP_ENDPOINT", "http://opentelemetry-collector.observability:4318");
  }

  @Test
  void the_load_needs_no_volume_and_the_report_waits_for_every_injector() throws IOException {
    assumeTrue(Manifests.canRender(), "there is no kubectl here that could render the overlays");
    List<Object> objects =
        Manifests.rendered(Manifests.ROOT.resolve("load")).stream().map(Manifests::typed).toList();
    List<Job> jobs = of(objects, Job.class).toList();
    assertThat(jobs)
        .hasSize(2)
        .allSatisfy(
            job -> {
              assertThat(job.getSpec().getTemplate().getSpec().getVolumes())
                  .allSatisfy(volume -> assertThat(volume.getEmptyDir()).isNotNull());
              assertThat(job.getSpec().getActiveDeadlineSeconds()).isPositive();
              assertThat(job.getSpec().getTtlSecondsAfterFinished()).isPositive();
            });
    Job injectors = named(jobs, "load");
    Job report = named(jobs, "load-report");
    assertThat(arguments(report)).contains("--receive=" + injectors.getSpec().getCompletions());
    assertThat(injectors.getSpec().getParallelism())
        .isEqualTo(injectors.getSpec().getCompletions());
    assertThat(arguments(injectors))
        .contains("--send-to=http://load-report:8080/$(JOB_COMPLETION_INDEX)");
    Service receiver = of(objects, Service.class).findFirst().orElseThrow();
    assertThat(receiver.getMetadata().getName()).isEqualTo("load-report");
    assertThat(receiver.getSpec().getPorts().getFirst().getPort()).isEqualTo(8080);
    assertThat(receiver.getSpec().getSelector())
        .isEqualTo(report.getSpec().getTemplate().getMetadata().getLabels());
  }

  private static Job named(List<Job> jobs, String name) {
    return jobs.stream()
        .filter(job -> job.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> arguments(Job job) {
    return job.getSpec().getTemplate().getSpec().getContainers().getFirst().getArgs();
  }

  @Test
  void what_is_written_for_a_diagnosis_is_bounded_and_holds_the_whole_heap() {
    assertThat(pod().getVolumes())
        .singleElement()
        .satisfies(
            volume -> {
              assertThat(volume.getName()).isEqualTo("tmp");
              assertThat(volume.getEmptyDir().getMedium()).as("a disk, not memory").isNull();
              assertThat(volume.getEmptyDir().getSizeLimit().getNumericalAmount())
                  .isGreaterThan(
                      pod()
                          .getContainers()
                          .getFirst()
                          .getResources()
                          .getLimits()
                          .get("memory")
                          .getNumericalAmount()
                          .divide(BigDecimal.valueOf(2)));
            });
    assertThat(pod().getContainers().getFirst().getVolumeMounts())
        .singleElement()
        .satisfies(mount -> assertThat(mount.getMountPath()).isEqualTo("/tmp"));
  }

  @Test
  void instances_spread_over_zones_and_over_nodes() {
    assertThat(pod().getTopologySpreadConstraints())
        .extracting(constraint -> constraint.getTopologyKey())
        .containsExactly("topology.kubernetes.io/zone", "kubernetes.io/hostname");
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

  private static Container server(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
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
        of(objects, Job.class).map(job -> job.getSpec().getTemplate().getSpec()));
  }

  private static <T> Stream<T> of(List<Object> objects, Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast);
  }
}
