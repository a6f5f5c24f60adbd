package dev.handlermodels.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.MediaTypes;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.admission.ClientAddress;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.work.Docs;
import dev.handlermodels.api.work.TaskRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Everything of ours that reads what strangers write: whatever the bytes, a value within its limits
 * comes out, or the refusal of a bad request, and nothing else. {@link ParsersFuzzTest} tries some;
 * jazzer looks for more, guided by the branches that they reach:
 *
 * <pre>mvn -pl api test-compile exec:exec@fuzz -Dfuzz.seconds=60</pre>
 */
public final class ParsersFuzzTarget {
  private static final int PROBLEM_BYTES = 4000;
  private static final List<String> BEFORE =
      List.of("", "/tasks/", "/docs/", "/play/", "/aggregate/");
  private static final List<String> SETTINGS =
      List.of("PORT", "HOST", "UPSTREAM_URL", "QUEUE_SIZE", "LOG_FORMAT");

  private ParsersFuzzTarget() {}

  /** The first byte chooses the parser, the others are its input. */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] input = Arrays.copyOfRange(data, 1, data.length);
    String text = new String(input, StandardCharsets.UTF_8);
    int choice = data[0] & 0xff;
    switch (choice % 5) {
      case 0 -> query(text);
      case 1 -> requestLine(choice % 2 == 0 ? "GET" : "POST", BEFORE.get(choice / 64) + text);
      case 2 -> task(input);
      case 3 -> headerFields(choice % 4, text);
      default -> setting(SETTINGS.get(choice / 64), text);
    }
  }

  private static void query(String query) {
    refusesOrReturns(
        () -> assertThat(Query.waitMs(query)).isBetween(0, Limits.MAX_WAIT_MS),
        () -> assertThat(Query.mixed(query).work()).isBetween(0, Limits.MAX_WORK),
        () -> assertThat(Query.fanOut(query).calls()).isBetween(1, Limits.MAX_CALLS),
        () -> assertThat(Query.aggregate("ada", query).parts()).hasSize(3),
        () -> assertThat(Query.stream(query).items()).isBetween(1, Limits.MAX_STREAM_ITEMS),
        () -> assertThat(Query.race(query).tasks()).isBetween(1, Limits.MAX_RACE_TASKS),
        () -> assertThat(Query.tasksListed(query)).isBetween(1, Limits.MAX_TASKS_LISTED),
        () -> Query.none(query));
  }

  private static void requestLine(String method, String rawPath) {
    refusesOrReturns(
        () -> {
          Endpoint endpoint = Endpoint.of(method, rawPath);
          boolean hasParameter = endpoint.path().contains("{");
          assertThat(endpoint.path(hasParameter ? endpoint.parameter(rawPath) : ""))
              .isEqualTo(rawPath);
        });
  }

  private static void task(byte[] body) {
    refusesOrReturns(
        () -> {
          TaskRequest task = TaskRequest.of(body, Json.CONTENT_TYPE, List.of());
          assertThat(task.text()).isNotNull();
          assertThat(task.bytes()).isLessThanOrEqualTo(Limits.TASK_BYTES);
        });
  }

  private static void headerFields(int proxies, String field) {
    assertThat(new ClientAddress("::1", List.of(field)).key(proxies)).hasSizeLessThan(100);
    assertThat(MediaTypes.echoed(field)).isNotNull();
    assertThat(Docs.file(Endpoint.DOCS_PATH).answer(List.of(), List.of(field)).status())
        .isIn(200, 304);
    refusesOrReturns(
        () -> TaskRequest.of("{\"text\":\"\"}".getBytes(), Json.CONTENT_TYPE, List.of(field)));
  }

  private static void setting(String name, String value) {
    try {
      assertThat(Settings.fromEnvironment(Map.of(name, value))).isNotNull();
    } catch (Settings.SettingsException e) {
      assertThat(e.getMessage()).contains(name);
    }
  }

  private static void refusesOrReturns(Runnable... parsers) {
    for (Runnable parser : parsers) {
      try {
        parser.run();
      } catch (ProblemException e) {
        assertThat(e.problem().status()).isBetween(400, 499);
        assertThat(Json.bytes(e.problem())).hasSizeLessThan(PROBLEM_BYTES);
      }
    }
  }
}
