package dev.handlermodels.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadReaderTest {
  private static final String HOST = "Host: x\r\n\r\n";

  private final HeadReader reader = new HeadReader();

  @Test
  void a_head_is_cut_out_of_what_comes() {
    ByteBuffer in = bytes("GET / HTTP/1.1\r\n" + HOST + "POST /echo");
    assertThat(reader.read(in)).isTrue();
    assertThat(head(false)).isEqualTo("GET / HTTP/1.1\r\n" + HOST);
    reader.begin();
    assertThat(reader.read(in)).isFalse();
    assertThat(reader.read(bytes(" HTTP/1.1\r\n" + HOST))).isTrue();
    assertThat(head(false)).isEqualTo("POST /echo HTTP/1.1\r\n" + HOST);
  }

  @Test
  void one_empty_line_before_a_request_is_skipped() {
    assertThat(reader.read(bytes("\r\nGET / HTTP/1.1\r\n" + HOST))).isTrue();
    assertThat(head(false)).startsWith("GET / ");
  }

  @ParameterizedTest
  @CsvSource({"http://y/io?a=b, /io?a=b", "HTTP://y, /", "https://y:8443?a=/b, /?a=/b", "/io, /io"})
  void an_absolute_target_is_written_as_a_path_and_its_authority_counts(
      String target, String origin) {
    reader.read(bytes("GET " + target + " HTTP/1.1\r\n" + HOST));
    assertThat(head(false)).startsWith("GET " + origin + " HTTP/1.1\r\nHost: ");
    assertThat(head(false).contains("Host: y")).isEqualTo(!target.equals(origin));
  }

  @Test
  void an_empty_port_is_left_out() {
    reader.read(bytes("GET / HTTP/1.1\r\nX: y:\r\nHost: localhost:\r\n\r\n"));
    assertThat(head(false)).isEqualTo("GET / HTTP/1.1\r\nX: y:\r\nHost: localhost\r\n\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "[::ffff:1.2.3.4]:80, [::ffff:102:304]:80",
    "[1:2:3:4:5:6:255.255.0.10], [1:2:3:4:5:6:ffff:a]",
    "[::1]:80, [::1]:80",
    "[v1.1:1.2.3.4], [v1.1:1.2.3.4]",
    "[::1.2.3.4.5], [::1.2.3.4.5]",
    "x[::1.2.3.4], x[::1.2.3.4]"
  })
  void an_address_of_IPv4_within_one_of_IPv6_is_two_more_groups(String host, String as) {
    reader.read(bytes("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
    assertThat(head(false)).isEqualTo("GET / HTTP/1.1\r\nHost: " + as + "\r\n\r\n");
  }

  @Test
  void a_request_of_HTTP_1_0_can_look_like_one_of_1_1_that_closes() {
    reader.read(bytes("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    assertThat(reader.isOld()).isTrue();
    assertThat(head(true)).isEqualTo("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n");
    assertThat(head(false)).startsWith("GET / HTTP/1.0\r\nConnection: keep-alive");
  }

  @Test
  void a_folded_line_is_one_line_with_a_space() {
    reader.read(bytes("GET / HTTP/1.1\r\nX: y\r\n \tContent-Length: 5\r\n" + HOST));
    assertThat(head(false)).isEqualTo("GET / HTTP/1.1\r\nX: y Content-Length: 5\r\n" + HOST);
  }

  @Test
  void a_method_in_small_letters_stays_another_one() {
    reader.read(bytes("get / HTTP/1.1\r\n" + HOST));
    assertThat(head(false)).startsWith("~G~E~T / HTTP/1.1\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "Get", "~G~E~T", "X-get", "~", "a~", "GET", "M-SEARCH"})
  void a_method_can_be_read_back_in_its_own_letters(String method) {
    reader.read(bytes(method + " / HTTP/1.1\r\n" + HOST));
    String read = head(false).split(" ")[0].toUpperCase(Locale.ROOT);
    assertThat(SmallLetters.unmarked(read)).isEqualTo(method);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\0GET / HTTP/1.1\r\n",
        " / HTTP/1.1\r\n",
        "\r\n\r\nGET",
        "\n",
        "GET\t/",
        "GET  /",
        "GET /\u000b",
        "GET / HTTP/1.1 ",
        "GET / HTTP/1.1\n",
        "GET / HTTP/11",
        "GET / http",
        "GET /\r\n",
        "GET / HTTP/1.1\r\nX: y\n",
        "GET / HTTP/1.1\r\nX: y\rz"
      })
  void a_head_that_two_could_read_differently_is_refused(String head) {
    assertThat(refusal(head).problem().status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.9", "1.2", "2.0", "9.9"})
  void another_version_is_not_spoken(String version) {
    ProblemException refusal = refusal("GET / HTTP/" + version + "\r\n");
    assertThat(refusal.problem().status()).isEqualTo(505);
    assertThat(refusal.closesConnection()).isTrue();
  }

  @Test
  void a_head_has_limits_before_it_is_whole() {
    assertThat(refusal("GET /" + "x".repeat(Limits.REQUEST_LINE_BYTES)).problem().status())
        .isEqualTo(414);
    reader.begin();
    assertThat(refusal("GET / HTTP/1.1\r\nX: " + "x".repeat(100_000)).problem().status())
        .isEqualTo(431);
  }

  @ParameterizedTest
  @CsvSource({"HEAD / , true", "HEADER / , false", "HEA / , false", "GET / , false"})
  void HEAD_is_known_as_soon_as_its_line_begins(String begin, boolean isHead) {
    reader.read(bytes(begin));
    assertThat(reader.isHead()).isEqualTo(isHead);
  }

  private ProblemException refusal(String head) {
    return catchThrowableOfType(ProblemException.class, () -> reader.read(bytes(head)));
  }

  private String head(boolean as11) {
    return new String(reader.head(as11), StandardCharsets.ISO_8859_1);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
