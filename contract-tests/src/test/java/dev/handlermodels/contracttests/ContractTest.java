package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The judge itself: what it lets through and what it must not. */
@Rules
class ContractTest {
  private static final String PROBLEM =
      "{\"type\":\"urn:handler-models:problem:not-found\",\"title\":\"t\",\"status\":404,\"detail\":\"d\"%s}";
  private static final String IO =
      "{\"server\":\"%s\",\"model\":\"event loop\",\"endpoint\":\"/io\",\"thread\":\"t\","
          + "\"threadKind\":\"event-loop\",\"waitedIn\":%s,\"waitMs\":1,\"tookMs\":1.5,"
          + "\"upstream\":{\"waitedMs\":1.0}}";

  @Test
  void a_good_result_and_a_good_problem_pass() {
    assertThatCode(() -> judge("/io", 200, "application/json", IO.formatted("vertx", "null")))
        .doesNotThrowAnyException();
    String waitedIn = "{\"name\":\"t\",\"kind\":\"platform\"}";
    assertThatCode(() -> judge("/io", 200, "application/json", IO.formatted("nima", waitedIn)))
        .doesNotThrowAnyException();
    assertThatCode(() -> judge("/no", 404, "application/problem+json", PROBLEM.formatted("")))
        .doesNotThrowAnyException();
  }

  @Test
  void a_problem_with_a_member_too_many_does_not_pass() {
    refused("/no", 404, "application/problem+json", PROBLEM.formatted(",\"stackTrace\":\"x\""));
  }

  @Test
  void a_problem_of_another_media_type_does_not_pass() {
    refused("/no", 404, "application/json", PROBLEM.formatted(""));
  }

  @Test
  void an_error_without_a_document_does_not_pass() {
    refused("/no", 404, "text/html", "<html>no</html>");
    refused("/no", 404, "application/problem+json", "");
  }

  @Test
  void a_result_of_an_unknown_server_or_with_a_thread_of_no_kind_does_not_pass() {
    refused("/io", 200, "application/json", IO.formatted("tomcat", "null"));
    refused("/io", 200, "application/json", IO.formatted("vertx", "{\"name\":\"t\"}"));
    refused("/io", 200, "application/json", "{}");
  }

  @Test
  void a_good_answer_to_a_request_that_should_have_been_refused_does_not_pass() {
    String good = IO.formatted("vertx", "null");
    refused("/io?waitMs=60001", 200, "application/json", good);
    refused("/io?waitMs=x", 200, "application/json", good);
    refused("/io?unknown=1", 200, "application/json", good);
    refused("/nothing", 200, "application/json", good);
  }

  @Test
  void a_500_never_passes() {
    refused("/io", 500, "application/problem+json", PROBLEM.formatted(""));
  }

  private static void refused(String target, int status, String type, String body) {
    assertThatThrownBy(() -> judge(target, status, type, body)).isInstanceOf(AssertionError.class);
  }

  @Test
  void an_answer_that_says_too_little_or_too_much_does_not_pass() {
    String good = IO.formatted("vertx", "null");
    for (String missing : FIELDS.keySet()) {
      Map<String, List<String>> fields = fields("application/json");
      fields.remove(missing);
      if (!missing.equals("Cache-Control")) {
        assertThatThrownBy(() -> judge("/io", 200, fields, good)).hasMessageContaining("should be");
      }
    }
    Map<String, List<String>> fields = fields("application/json");
    fields.put("Server", List.of("x/1.0"));
    assertThatThrownBy(() -> judge("/io", 200, fields, good)).hasMessageContaining("server");
    String inside = PROBLEM.replace("\"d\"", "\"java.io.IOException: x\"").formatted("");
    assertThatThrownBy(() -> judge("/no", 404, fields("application/problem+json"), inside))
        .hasMessageContaining("what is inside");
  }

  private static final Map<String, String> FIELDS =
      Map.of(
          "Cache-Control", "no-store",
          "X-Content-Type-Options", "nosniff",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");

  private static Map<String, List<String>> fields(String type) {
    Map<String, List<String>> fields = new HashMap<>();
    FIELDS.forEach((name, value) -> fields.put(name, List.of(value)));
    fields.put("Content-Type", List.of(type));
    return fields;
  }

  private static void judge(String target, int status, String type, String body) {
    judge(target, status, fields(type), body);
  }

  private static void judge(
      String target, int status, Map<String, List<String>> fields, String body) {
    Answer answer = Answer.of(status, fields, body.getBytes(StandardCharsets.UTF_8));
    Contract.check("GET", target, null, new byte[0], answer);
  }
}
