package dev.handlermodels.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootTemplateTest {
  private static final List<Results.EndpointInfo> ENDPOINTS =
      List.of(new Results.EndpointInfo("GET", "/", "what \"this\" server is"));

  private static final RootTemplate TEMPLATE =
      new RootTemplate("vertx", "event \\ loop", ENDPOINTS);

  @ParameterizedTest
  @ValueSource(
      strings = {"", "vert.x-eventloop-thread-0", "a \"name\" \\ with \n \u0001", "Fädchen €"})
  void aThreadOfAnyNameIsWrittenAsJacksonDoes(String thread) {
    for (ThreadKind kind : ThreadKind.values()) {
      assertThat(ours(thread, kind, 1.5)).isEqualTo(jacksons(thread, kind, 1.5));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.000285, 0.001, 0.25, 1, 12.345678, 12345678.25})
  void aTimeOfAnyLengthIsWrittenAsJacksonDoes(double tookMs) {
    assertThat(ours("main", ThreadKind.PLATFORM, tookMs))
        .isEqualTo(jacksons("main", ThreadKind.PLATFORM, tookMs));
  }

  @Test
  void aCharacterOfTwoSurrogatesIsStillJson() {
    String thread = "\uD83E\uDDF5";
    assertThat(Json.tree(bytes(thread)).get("thread").asString()).isEqualTo(thread);
  }

  private static byte[] bytes(String thread) {
    return Json.bytes(new Results.Root(TEMPLATE, thread, ThreadKind.PLATFORM, 1));
  }

  private static String ours(String thread, ThreadKind kind, double tookMs) {
    byte[] json = Json.bytes(new Results.Root(TEMPLATE, thread, kind, tookMs));
    return new String(json, StandardCharsets.UTF_8);
  }

  private static String jacksons(String thread, ThreadKind kind, double tookMs) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("server", "vertx");
    document.put("model", "event \\ loop");
    document.put("thread", thread);
    document.put("threadKind", kind);
    document.put("tookMs", tookMs);
    document.put("endpoints", ENDPOINTS);
    return new String(Json.bytes(document), StandardCharsets.UTF_8);
  }
}
