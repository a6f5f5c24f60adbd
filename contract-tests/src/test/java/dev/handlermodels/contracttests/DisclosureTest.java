package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same header fields from all three, and nothing of their insides, whatever the answer. {@link
 * Contract} asks {@link Disclosure} about each answer of all other tests, too.
 */
@Rules
class DisclosureTest {
  private static final String FIELDS = " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n";

  /** Which of these are sent, HTTP leaves to the server. */
  private static final Set<String> FREE =
      Set.of("date", "content-length", "connection", "transfer-encoding", "keep-alive");

  @TempDir static Path folder;

  private final Map<Model, Running> servers = new EnumMap<>(Model.class);
  private Gate upstream;

  @BeforeAll
  void start() throws IOException {
    upstream = Gate.opened();
    for (Model model : Model.values()) {
      Path file = Files.writeString(folder.resolve(model + ".json"), "{}");
      servers.put(model, model.start(upstream.url(), Map.of("DATA_FILE", file.toString())));
      Files.delete(file);
    }
  }

  @AfterAll
  void stop() {
    servers.values().forEach(Running::close);
    upstream.close();
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "200, GET, /",
    "200, GET, /io?waitMs=0",
    "200, GET, /stream?items=1&everyMs=0",
    "200, GET, /tasks",
    "200, GET, /openapi.yaml",
    "200, GET, /docs",
    "200, GET, /docs/initializer.js",
    "200, GET, /play",
    "200, GET, /play/play.css",
    "400, GET, /play?with=http://127.0.0.1:1",
    "200, GET, /health/live",
    "200, POST, /echo",
    "400, GET, /?x=1",
    "404, GET, /nothing",
    "200, HEAD, /",
    "204, OPTIONS, *",
    "204, OPTIONS, /",
    "404, HEAD, /nothing",
    "405, HEAD, /echo",
    "405, TRACE, /",
    "405, PUT, /io",
    "415, POST, /tasks",
    "500, GET, /file"
  })
  void an_answer_has_the_same_fields_on_all_three(int status, String method, String target) {
    Answer vertx = ask(Model.VERTX, method, target);
    assertThat(vertx.status()).isEqualTo(status);
    for (Model model : Model.values()) {
      Answer answer = ask(model, method, target);
      Disclosure.check(answer);
      assertThat(answer.status()).as("%s", model).isEqualTo(status);
      assertThat(fields(answer)).as("%s beside vertx", model).isEqualTo(fields(vertx));
    }
  }

  private Answer ask(Model model, String method, String target) {
    try (Raw connection = servers.get(model).connect()) {
      connection.send(method + " " + target + FIELDS + "\r\n");
      return method.equals("HEAD") ? connection.readUnlessClosed(true) : connection.read();
    }
  }

  private static Set<String> fields(Answer answer) {
    Set<String> names = new TreeSet<>(answer.headers().keySet());
    names.removeAll(FREE);
    return names;
  }

  /** RFC 9110, 9.3.8: what was asked is not shown, either. */
  @ParameterizedTest
  @EnumSource
  void TRACE_does_not_give_back_what_was_sent(Model model) {
    try (Raw connection = servers.get(model).connect()) {
      Answer answer = connection.send("TRACE /" + FIELDS + "Cookie: secret\r\n\r\n").read();
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.text()).doesNotContain("secret");
    }
  }
}
