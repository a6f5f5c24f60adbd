package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limits;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same bytes in, the same refusal out: status, document, header fields, and whether the
 * connection goes on. Each request goes to all three servers; each answer is compared with the one
 * expected and with the other two.
 */
@Rules
class SameAnswersTest {
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
  private static final int TOO_MUCH = Limits.BODY_BYTES + 1;

  /** HTTP lets a server choose whether to send these where they change nothing. */
  private static final Set<String> FREE = Set.of("date", "content-length", "connection");

  private final Map<Model, Running> servers = new EnumMap<>(Model.class);
  private final Gate upstream = Gate.opened();

  @BeforeAll
  void start() {
    for (Model model : Model.values()) {
      servers.put(model, model.start(upstream.url(), Map.of()));
    }
  }

  @AfterAll
  void stop() {
    servers.values().forEach(Running::close);
    upstream.close();
  }

  /** What must not differ between the servers. */
  private record Seen(int status, String document, Map<String, String> headers, boolean closed) {}

  @ParameterizedTest(name = "{0}: {1} {2}")
  @MethodSource("refusals")
  void all_three_refuse_alike(String what, int status, String problem, String request) {
    Seen vertx = ask(Model.VERTX, request);

    assertThat(vertx.status()).isEqualTo(status);
    assertThat(vertx.document()).contains("urn:handler-models:problem:" + problem + "\"");
    assertThat(ask(Model.NIMA, request)).as("nima beside vertx").isEqualTo(vertx);
    assertThat(ask(Model.BLOCKING, request)).as("blocking beside vertx").isEqualTo(vertx);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of("an unknown path", 404, "not-found", get("/nothing")),
        Arguments.of("a trailing slash", 404, "not-found", get("/io/")),
        Arguments.of("an encoded letter", 404, "not-found", get("/%69o")),
        Arguments.of("a double slash", 404, "not-found", get("//io")),
        Arguments.of("a path parameter", 404, "not-found", get("/io;x=1")),
        Arguments.of("dots in the path", 404, "not-found", get("/io/../io")),
        Arguments.of("an encoded null character", 404, "not-found", get("/%00")),
        Arguments.of("another method", 405, "method-not-allowed", "PUT /io" + HOST + "\r\n"),
        Arguments.of("a made-up method", 405, "method-not-allowed", "FOO /io" + HOST + "\r\n"),
        Arguments.of(
            "another method with a body",
            405,
            "method-not-allowed",
            "POST /io" + HOST + "Content-Length: 3\r\n\r\nabc"),
        Arguments.of("an empty parameter", 400, "bad-parameter", get("/io?waitMs=")),
        Arguments.of("a negative parameter", 400, "bad-parameter", get("/io?waitMs=-1")),
        Arguments.of("a repeated parameter", 400, "bad-parameter", get("/io?waitMs=1&waitMs=1")),
        Arguments.of("an unknown parameter", 400, "bad-parameter", get("/io?x=1")),
        Arguments.of("a plus sign", 400, "bad-parameter", get("/io?waitMs=+5")),
        Arguments.of("Arabic digits", 400, "bad-parameter", get("/io?waitMs=%D9%A1")),
        Arguments.of("characters no URI has", 400, "bad-request", get("/io?waitMs={1}|[2]\"")),
        Arguments.of("a wrong percent encoding", 400, "bad-request", get("/io?waitMs=%zz")),
        Arguments.of("a wrong percent encoding in the path", 400, "bad-request", get("/%zz")),
        Arguments.of("another version", 505, "version-not-supported", version("HTTP/9.9")),
        Arguments.of("an old version", 505, "version-not-supported", version("HTTP/0.9")),
        Arguments.of("HTTP/2 in a line", 505, "version-not-supported", version("HTTP/2.0")),
        Arguments.of("a version that is none", 400, "bad-request", version("HTTP/11")),
        Arguments.of("no method", 400, "bad-request", " / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Arguments.of("a null character", 400, "bad-request", "\0GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Arguments.of(
            "a vertical tab", 400, "bad-request", "GET\u000b/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        Arguments.of("two empty lines", 400, "bad-request", "\r\n\r\n" + get("/")),
        Arguments.of("a port alone", 400, "bad-request", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
        Arguments.of("no port", 400, "bad-request", "GET / HTTP/1.1\r\nHost: x:99999\r\n\r\n"),
        Arguments.of(
            "a chunk of 2^31 bytes",
            413,
            "body-too-large",
            "POST /echo" + HOST + "Transfer-Encoding: chunked\r\n\r\n80000000\r\nhello"),
        Arguments.of(
            "a path beyond all limits",
            414,
            "request-line-too-long",
            get("/" + "x".repeat(100_000))),
        Arguments.of(
            "a header field beyond all limits",
            431,
            "headers-too-large",
            "GET /" + HOST + "X: " + "x".repeat(100_000) + "\r\n\r\n"),
        Arguments.of("no request line", 400, "bad-request", "garbage\r\n\r\n"),
        Arguments.of("no version", 400, "bad-request", "GET /io\r\n\r\n"),
        Arguments.of("no name of a field", 400, "bad-request", "GET /io" + HOST + ": x\r\n\r\n"),
        Arguments.of("a control character", 400, "bad-request", "GET /io" + HOST + "X: \1\r\n\r\n"),
        Arguments.of(
            "a name that ends in half a character",
            400,
            "bad-parameter",
            get("/io?" + "a".repeat(99) + "%F0%9F%9A%80=1")),
        Arguments.of(
            "more parameters than any", 400, "bad-parameter", get("/io?" + "a&".repeat(1500))),
        Arguments.of("a parameter where none is", 400, "bad-parameter", get("/file?x=1")),
        Arguments.of(
            "a body announced as too large",
            413,
            "body-too-large",
            "POST /echo" + HOST + "Content-Length: " + TOO_MUCH + "\r\n\r\n"),
        Arguments.of(
            "a body announced as larger than any number",
            413,
            "body-too-large",
            "POST /echo" + HOST + "Content-Length: 99999999999\r\n\r\n"),
        Arguments.of(
            "a body too large where nobody reads one",
            413,
            "body-too-large",
            "GET /io" + HOST + "Content-Length: " + TOO_MUCH + "\r\n\r\n"),
        Arguments.of(
            "a body that turns out too large",
            413,
            "body-too-large",
            "POST /echo"
                + HOST
                + "Transfer-Encoding: chunked\r\n\r\n"
                + Integer.toHexString(TOO_MUCH)
                + "\r\n"
                + "x".repeat(TOO_MUCH)
                + "\r\n0\r\n\r\n"),
        Arguments.of(
            "a path that is too long", 414, "request-line-too-long", get("/" + "x".repeat(5000))),
        Arguments.of(
            "a query that is too long",
            414,
            "request-line-too-long",
            get("/io?waitMs=" + "1".repeat(5000))),
        Arguments.of(
            "a header field that is too large",
            431,
            "headers-too-large",
            "GET /" + HOST + "X: " + "x".repeat(9000) + "\r\n\r\n"),
        Arguments.of(
            "many header fields that are too large together",
            431,
            "headers-too-large",
            "GET /" + HOST + ("X: " + "x".repeat(1000) + "\r\n").repeat(9) + "\r\n"),
        Arguments.of(
            "one header field more than there may be",
            431,
            "headers-too-large",
            "GET /" + HOST + "X: x\r\n".repeat(Limits.HEADER_FIELDS) + "\r\n"),
        Arguments.of(
            "many more",
            431,
            "headers-too-large",
            "GET /"
                + HOST
                + IntStream.range(0, 10 * Limits.HEADER_FIELDS)
                    .mapToObj(i -> i + ":\r\n")
                    .collect(Collectors.joining())
                + "\r\n"),
        Arguments.of(
            "a Host that is none", 400, "bad-request", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n"),
        Arguments.of("an asterisk", 400, "bad-request", get("*")),
        Arguments.of(
            "a method without end", 400, "bad-request", "X".repeat(200) + " /io" + HOST + "\r\n"),
        Arguments.of("two question marks", 400, "bad-parameter", get("/file??")),
        Arguments.of("two question marks and more", 400, "bad-parameter", get("/io??waitMs=0")),
        Arguments.of(
            "an unknown expectation",
            417,
            "expectation-failed",
            "POST /echo" + HOST + "Expect: x\r\nContent-Length: 3\r\n\r\nabc"),
        Arguments.of(
            "a body in disguise",
            415,
            "unsupported-media-type",
            "POST /echo" + HOST + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
        Arguments.of(
            "a member that is half a character",
            400,
            "bad-body",
            task("{\"text\":\"x\",\"\\ud83d\":1}")),
        Arguments.of(
            "a key that is not ASCII",
            400,
            "bad-parameter",
            "POST /tasks" + HOST + "Idempotency-Key: caf\u00e9\r\nContent-Length: 0\r\n\r\n"));
  }

  private static String task(String body) {
    return "POST /tasks"
        + HOST
        + "Content-Type: application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static String version(String version) {
    return "GET / " + version + "\r\nHost: localhost\r\n\r\n";
  }

  /** The answer to HEAD ends with its head, also where the request was never read. */
  @ParameterizedTest
  @MethodSource("refusedHeads")
  void a_refusal_of_HEAD_has_no_body(String request, int status) {
    for (Model model : Model.values()) {
      try (Raw connection = servers.get(model).connect()) {
        connection.sendWhileReading(request.getBytes(StandardCharsets.ISO_8859_1));
        Answer answer = connection.readUnlessClosed(true);
        assertThat(answer.status()).as("%s", model).isEqualTo(status);
        assertThat(answer.header("content-length")).as("%s", model).isNotEqualTo("0");
        assertThat(connection.isClosedByServer()).as("%s sends no more", model).isTrue();
      }
    }
  }

  static Stream<Arguments> refusedHeads() {
    return Stream.of(
        Arguments.of("HEAD / HTTP/1.1\r\n\r\n", 400),
        Arguments.of("HEAD / HTTP/9.9\r\n\r\n", 505),
        Arguments.of("HEAD / x" + HOST + "\r\n", 400),
        Arguments.of("HEAD /" + HOST + "Content-Length: x\r\n\r\n", 400),
        Arguments.of("HEAD /" + HOST + "Content-Length: " + TOO_MUCH + "\r\n\r\n", 413),
        Arguments.of("HEAD /" + "x".repeat(5000) + HOST + "\r\n", 414),
        Arguments.of("HEAD /" + HOST + "X: " + "x".repeat(9000) + "\r\n\r\n", 431),
        Arguments.of("HEAD /" + HOST + "X: " + "x".repeat(100_000) + "\r\n\r\n", 431));
  }

  private static String get(String target) {
    return "GET " + target + HOST + "\r\n";
  }

  private Seen ask(Model model, String request) {
    try (Raw connection = servers.get(model).connect()) {
      connection.sendWhileReading(request.getBytes(StandardCharsets.ISO_8859_1));
      Answer answer = connection.read(request.split(" ", 2)[0], "/");
      Map<String, String> headers = new TreeMap<>();
      new TreeSet<>(answer.headers().keySet())
          .stream()
              .filter(name -> !FREE.contains(name))
              .forEach(name -> headers.put(name, answer.header(name)));
      boolean saysClose = "close".equalsIgnoreCase(answer.header("connection"));
      if (saysClose) {
        assertThat(connection.isClosedByServer()).as(model + " keeps its word").isTrue();
      } else {
        connection.get("/health/live");
        assertThat(connection.read().status()).as(model + " goes on").isEqualTo(200);
      }
      return new Seen(answer.status(), answer.text(), headers, saysClose);
    }
  }
}
