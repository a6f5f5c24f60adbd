package dev.handlermodels.api.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TaskRequestTest {
  @Test
  void a_task_has_a_text_and_may_have_a_wait() {
    TaskRequest task = of("{\"text\":\"\",\"waitMs\":60000}");
    assertThat(task.waitMs()).isEqualTo(60_000);
    assertThat(task.text()).isEmpty();
    assertThat(task.bytes()).isEqualTo(26);
    assertThat(task.key()).isNull();
    assertThat(of("{\"text\":\"x\"}").waitMs()).isNull();
  }

  @Test
  void its_hash_is_that_of_the_text_in_UTF_8() {
    // printf 'naïve 🚀' | sha256sum
    assertThat(of("{\"text\":\"naïve \\ud83d\\ude80\"}").textHash())
        .isEqualTo("1dd10b01232e76c364b9c74b670248aec3dbd2c98557c092709559f8e4a0315c");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "text",
        "{",
        "{\"text\":\"x\"",
        "{\"text\":\"x\"} {}",
        "{\"text\":\"x\"}x",
        "{\"text\":\"x\",\"text\":\"x\"}",
        "{'text':'x'}",
        "{\"text\":\"x\",}",
        "{\"text\":NaN}",
        "{\"text\":\"\u0001\"}",
        "[]",
        "\"text\"",
        "null",
        "7"
      })
  void what_is_not_one_JSON_object_is_a_bad_body(String body) {
    Problem refused = refusal(body);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.type()).endsWith(":bad-body");
    assertThat(refused.parameter()).isNull();
  }

  @Test
  void what_is_no_UTF_8_is_a_bad_body() {
    byte[] body = "{\"text\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(refusal(body, "application/json", List.of()).type()).endsWith(":bad-body");
  }

  /** RFC 3629: overlong forms, surrogates, what is beyond U+10FFFF, and what stops halfway. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "c0 af",
        "e0 80 af",
        "f0 80 80 af",
        "ed a0 80",
        "ed a0 bd ed b2 a9",
        "f4 90 80 80",
        "f8 88 80 80 80",
        "80",
        "c3",
        "e2 82",
        "ff"
      })
  void bytes_that_RFC_3629_forbids_are_a_bad_body(String hex) {
    byte[] malformed = HexFormat.ofDelimiter(" ").parseHex(hex);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("{\"text\":\"".getBytes(StandardCharsets.UTF_8));
    body.writeBytes(malformed);
    body.writeBytes("\"}".getBytes(StandardCharsets.UTF_8));
    Problem refused = refusal(body.toByteArray(), "application/json", List.of());
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.detail()).isEqualTo("the body is not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE"})
  void JSON_in_another_encoding_is_a_bad_body(String encoding) {
    byte[] body = "{\"text\":\"x\"}".getBytes(Charset.forName(encoding));
    assertThat(refusal(body, "application/json", List.of()).type()).endsWith(":bad-body");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\ud83d", "\\ude80", "\\ude80\\ud83d", "\\ud83dx", "\\ud83d\\ud83d"})
  void half_of_a_surrogate_pair_is_no_text(String escaped) {
    Problem refused = refusal("{\"text\":\"" + escaped + "\"}");
    assertThat(refused.type()).endsWith(":bad-body");
    assertThat(refused.parameter()).isEqualTo("text");
  }

  @Test
  void an_empty_body_is_called_empty() {
    assertThat(refusal("").detail()).isEqualTo("the body is empty");
  }

  @Test
  void a_body_may_be_nested_16_deep_and_no_deeper() {
    assertThat(refusal("[".repeat(16) + "]".repeat(16)).detail()).contains("no object");
    assertThat(refusal("[".repeat(17) + "]".repeat(17)).detail()).contains("nested");
    assertThat(refusal("{\"text\":" + "[".repeat(16) + "]".repeat(16) + "}").detail())
        .contains("nested");
    assertThat(refusal("[".repeat(30_000)).type()).endsWith(":bad-body");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | text | a string",
        "{\"waitMs\":1} | text | a string",
        "{\"text\":null} | text | a string",
        "{\"text\":7} | text | a string",
        "{\"text\":[\"x\"]} | text | a string",
        "{\"text\":\"x\",\"waitMs\":null} | waitMs | a whole number from 0 to 60000",
        "{\"text\":\"x\",\"waitMs\":\"1\"} | waitMs | a whole number from 0 to 60000",
        "{\"text\":\"x\",\"waitMs\":1.0} | waitMs | a whole number from 0 to 60000",
        "{\"text\":\"x\",\"waitMs\":-1} | waitMs | a whole number from 0 to 60000",
        "{\"text\":\"x\",\"waitMs\":60001} | waitMs | a whole number from 0 to 60000",
        "{\"text\":\"x\",\"waitMs\":99999999999999999999} | waitMs | a whole number from 0 to"
            + " 60000",
        "{\"text\":\"x\",\"waitMs\":true} | waitMs | a whole number from 0 to 60000",
        "{\"text\":\"x\",\"waitms\":1} | waitms | text, waitMs",
        "{\"text\":\"x\",\"\":1} | `` | text, waitMs"
      })
  void a_wrong_member_is_refused_by_name(String body, String member, String accepts) {
    Problem refused = refusal(body);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.type()).endsWith(":bad-body");
    assertThat(refused.parameter()).isEqualTo(member);
    assertThat(refused.accepts()).isEqualTo(accepts);
  }

  @Test
  void a_body_has_at_most_64_KiB() {
    String body = "{\"text\":\"" + "x".repeat(Limits.TASK_BYTES - 11) + "\"}";
    assertThat(of(body).bytes()).isEqualTo(Limits.TASK_BYTES);
    assertThat(refusal(body + " ").status()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "Application/JSON; charset=utf-8"})
  void a_body_is_said_to_be_JSON(String contentType) {
    byte[] body = "{\"text\":\"x\"}".getBytes(StandardCharsets.UTF_8);
    assertThat(TaskRequest.of(body, contentType, List.of()).text()).isEqualTo("x");
    assertThat(refusal(body, "text/plain", List.of()).status()).isEqualTo(415);
    assertThat(refusal(body, null, List.of()).status()).isEqualTo(415);
  }

  @ParameterizedTest
  @CsvSource({"a, a", "A-9._~:+/=, A-9._~:+/=", "'\"a\"', a", "' a ', a"})
  void a_key_is_taken_with_or_without_quotes(String given, String key) {
    assertThat(withKeys(List.of(given)).key()).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"\"", "\"", "a b", "a,b", "\"a", "a\"", "ä", "a;x=1", "a\u0000"})
  void another_key_is_refused(String key) {
    assertKeyRefused(List.of(key));
  }

  @Test
  void a_key_has_at_most_128_characters_and_there_is_one() {
    assertThat(withKeys(List.of("x".repeat(128))).key()).hasSize(128);
    assertKeyRefused(List.of("x".repeat(129)));
    assertKeyRefused(List.of("a", "a"));
  }

  @Test
  void bodies_are_the_same_byte_for_byte() {
    assertThat(of("{\"text\":\"x\"}").bodyHash()).isEqualTo(of("{\"text\":\"x\"}").bodyHash());
    assertThat(of("{\"text\":\"x\"}").bodyHash()).isNotEqualTo(of("{\"text\": \"x\"}").bodyHash());
  }

  private static void assertKeyRefused(List<String> keys) {
    Problem refused =
        refusal("{\"text\":\"x\"}".getBytes(StandardCharsets.UTF_8), "application/json", keys);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.parameter()).isEqualTo("Idempotency-Key");
  }

  private static TaskRequest of(String body) {
    return TaskRequest.of(body.getBytes(StandardCharsets.UTF_8), "application/json", List.of());
  }

  private static TaskRequest withKeys(List<String> keys) {
    return TaskRequest.of(
        "{\"text\":\"x\"}".getBytes(StandardCharsets.UTF_8), "application/json", keys);
  }

  private static Problem refusal(String body) {
    return refusal(body.getBytes(StandardCharsets.UTF_8), "application/json", List.of());
  }

  private static Problem refusal(byte[] body, String contentType, List<String> keys) {
    return catchThrowableOfType(
            ProblemException.class, () -> TaskRequest.of(body, contentType, keys))
        .problem();
  }
}
