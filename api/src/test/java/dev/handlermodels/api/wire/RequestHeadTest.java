package dev.handlermodels.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
  private static final List<String> HOST = List.of("x");
  private static final List<String> NONE = List.of();

  @Test
  void what_clients_send_passes() {
    pass("HTTP/1.1", "/io", "waitMs=5", List.of("[::1]:8080"), null, null);
    pass(
        "HTTP/1.1",
        "/%20-._~!$&'()*+,;=:@",
        "a=%Ef%00/?:@",
        List.of(" localhost:8080 "),
        NONE,
        NONE);
    pass("HTTP/1.1", "/", "", HOST, List.of(" 5 "), NONE);
    pass("HTTP/1.1", "/", "", HOST, List.of("999999999999999999"), NONE);
    pass("HTTP/1.1", "/", "", HOST, NONE, List.of(" Chunked"));
    pass("OPTIONS", "HTTP/1.1", "*", "", HOST, NONE, NONE);
    pass("X".repeat(32), "HTTP/1.1", "/", "", HOST, NONE, NONE);
    pass("HTTP/1.0", "/", "", NONE, List.of("5"), NONE);
    pass("HTTP/1.0", "/", "", HOST, NONE, NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http/1.1", "HTTP/1.1 ", "HTTP/11", ""})
  void what_is_no_version_is_refused(String version) {
    refuse(version, "/", "", HOST, NONE, NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9"})
  void other_versions_are_not_spoken(String version) {
    assertThatThrownBy(() -> RequestHead.check("GET", version, "/", "", HOST, NONE, NONE))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().status()).isEqualTo(505));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x:", "x:1", "x:65535", "[::1]", "[::1]:", "a_b", "a%41"})
  void a_host_may_have_a_port_or_an_empty_one(String host) {
    pass("HTTP/1.1", "/", "", List.of(host), NONE, NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":",
        ":80",
        "x:0",
        "x:65536",
        "x:99999999999",
        "x:y",
        "a:b:1",
        "[]",
        "[::1",
        "[::1]x",
        "x%4"
      })
  void what_is_no_host_or_no_port_is_refused(String host) {
    refuse("HTTP/1.1", "/", "", List.of(host), NONE, NONE);
  }

  @Test
  void options_of_a_connection_are_a_list_over_all_fields() {
    assertThat(RequestHead.hasOption(List.of("TE", "x,\tCLOSE ,"), "close")).isTrue();
    assertThat(RequestHead.hasOption(List.of("closed", "\"close\""), "close")).isFalse();
    assertThat(RequestHead.hasOption(null, "close")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "io",
        "http://x/",
        "x:80",
        "**",
        "/ ",
        "/\0",
        "/\u007f",
        "/é",
        "/#",
        "/%",
        "/%4",
        "/%zz",
        "/{x}",
        "/\\"
      })
  void a_target_that_is_no_path_is_refused(String path) {
    refuse("HTTP/1.1", path, "", HOST, NONE, NONE);
  }

  @Test
  void a_method_has_an_end_and_only_OPTIONS_an_asterisk() {
    refuse("X".repeat(33), "HTTP/1.1", "/", "", HOST, NONE, NONE);
    refuse("GET", "HTTP/1.1", "*", "", HOST, NONE, NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a b", "a=\0", "a=é", "a#b", "\r\n", "%", "a=%4", "a=%zz", "%+1", "a=[1]", "a=|"})
  void a_query_of_other_characters_is_refused(String query) {
    refuse("HTTP/1.1", "/", query, HOST, NONE, NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a,b", "a@b", "a/b", "a\0", "é", "a\tb", "a?b", "a#b", "a\\b"})
  void a_Host_that_is_none_is_refused(String host) {
    refuse("HTTP/1.1", "/", "", List.of(host), NONE, NONE);
  }

  @Test
  void one_Host_there_has_to_be() {
    refuse("HTTP/1.1", "/", "", NONE, NONE, NONE);
    refuse("HTTP/1.1", "/", "", null, NONE, NONE);
    refuse("HTTP/1.1", "/", "", List.of("x", "x"), NONE, NONE);
    refuse("HTTP/1.0", "/", "", List.of("x", "x"), NONE, NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "+5", "-5", "5,5", "5 5", "0x5", "٥", "5\u000b", "1e3", "1_0"})
  void a_length_that_is_not_only_digits_is_refused(String length) {
    refuse("HTTP/1.1", "/", "", HOST, List.of(length), NONE);
  }

  @Test
  void a_length_that_no_long_holds_is_refused() {
    refuse("HTTP/1.1", "/", "", HOST, List.of("9223372036854775808"), NONE);
    refuse("HTTP/1.1", "/", "", HOST, List.of("18446744073709551621"), NONE);
  }

  @Test
  void two_ways_to_tell_where_the_body_ends_are_refused() {
    refuse("HTTP/1.1", "/", "", HOST, List.of("5", "5"), NONE);
    refuse("HTTP/1.1", "/", "", HOST, List.of("5"), List.of("chunked"));
    refuse("HTTP/1.1", "/", "", HOST, List.of("5"), List.of("identity"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "identity",
        "gzip",
        "gzip, chunked",
        "chunked, chunked",
        "xchunked",
        ",chunked"
      })
  void a_coding_other_than_chunked_is_refused(String coding) {
    refuse("HTTP/1.1", "/", "", HOST, NONE, List.of(coding));
  }

  @Test
  void chunked_has_to_stand_once_and_on_HTTP_1_1() {
    refuse("HTTP/1.1", "/", "", HOST, NONE, List.of("chunked", "chunked"));
    refuse("HTTP/1.0", "/", "", HOST, NONE, List.of("chunked"));
  }

  private static void pass(
      String version,
      String path,
      String query,
      List<String> hosts,
      List<String> lengths,
      List<String> codings) {
    pass("GET", version, path, query, hosts, lengths, codings);
  }

  private static void pass(
      String method,
      String version,
      String path,
      String query,
      List<String> hosts,
      List<String> lengths,
      List<String> codings) {
    assertThatCode(() -> RequestHead.check(method, version, path, query, hosts, lengths, codings))
        .doesNotThrowAnyException();
  }

  private static void refuse(
      String version,
      String path,
      String query,
      List<String> hosts,
      List<String> lengths,
      List<String> codings) {
    refuse("GET", version, path, query, hosts, lengths, codings);
  }

  private static void refuse(
      String method,
      String version,
      String path,
      String query,
      List<String> hosts,
      List<String> lengths,
      List<String> codings) {
    assertThatThrownBy(
            () -> RequestHead.check(method, version, path, query, hosts, lengths, codings))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem().status()).isEqualTo(400);
              assertThat(e.closesConnection()).isTrue();
            });
  }

  @Test
  void over_HTTP_2_there_are_no_transfer_codings_and_the_target_has_its_length() {
    assertThatCode(() -> RequestHead.checkHttp2("GET", "/io", "waitMs=5", HOST, List.of("5"), NONE))
        .doesNotThrowAnyException();
    refuseHttp2(400, "/", HOST, NONE, List.of("chunked"));
    refuseHttp2(400, "/", NONE, NONE, NONE);
    refuseHttp2(400, "/", null, NONE, NONE);
    refuseHttp2(400, "/", List.of("x", "y"), NONE, NONE);
    refuseHttp2(400, "/", List.of("a b"), NONE, NONE);
    refuseHttp2(400, "http://x/", HOST, NONE, NONE);
    refuseHttp2(400, "/", HOST, List.of("+5"), NONE);
    refuseHttp2(400, "/", HOST, List.of("5", "5"), NONE);
    refuseHttp2(414, "/" + "x".repeat(Limits.REQUEST_LINE_BYTES), HOST, NONE, NONE);
  }

  private static void refuseHttp2(
      int status, String path, List<String> hosts, List<String> lengths, List<String> codings) {
    assertThatThrownBy(() -> RequestHead.checkHttp2("GET", path, "", hosts, lengths, codings))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem().status()).isEqualTo(status));
  }

  @Test
  void over_HTTP_2_there_are_no_fields_of_a_connection() {
    for (String name :
        List.of("connection", "Keep-Alive", "proxy-connection", "upgrade", "a:b", "")) {
      assertThatThrownBy(() -> RequestHead.checkHttp2Field(name, "x"))
          .isInstanceOf(ProblemException.class);
    }
  }

  @Test
  void over_HTTP_2_a_value_may_not_end_a_line() {
    assertThatCode(() -> RequestHead.checkHttp2Field("x", "a\tb é")).doesNotThrowAnyException();
    for (String bad : List.of("a\r\nb", "\n", "\0", "\u007f")) {
      assertThatThrownBy(() -> RequestHead.checkHttp2Field("x", bad))
          .isInstanceOf(ProblemException.class);
    }
  }
}
