package dev.handlermodels.api.work;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.MediaTypes;
import dev.handlermodels.api.Problems;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JsonNode;

/**
 * What {@code POST /tasks} asks for: a call of the upstream where waitMs is given, then the SHA-256
 * of a text. Checked in one place, so that the three servers refuse alike.
 *
 * @param waitMs how long the upstream shall wait; null for no call
 * @param bytes of the body
 * @param bodyHash tells whether two bodies are the same, byte for byte
 * @param key the Idempotency-Key; null where there is none
 */
public record TaskRequest(Integer waitMs, String text, int bytes, String bodyHash, String key) {
  private static final String MEMBERS = "text, waitMs";
  private static final String KEY_HEADER = "Idempotency-Key";
  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9._~:+/=-]{1," + Limits.IDEMPOTENCY_KEY_CHARS + "}");

  /** The frameworks read other bytes of a header field in other ways. */
  private static final Pattern NOT_ASCII = Pattern.compile("[^ -~]");

  /**
   * @param contentType of the body, null where the request does not say
   * @param keys the values of the header field Idempotency-Key
   * @throws ProblemException 400 for a bad key or body, 413 for a body that is too large, 415 for
   *     one that is not said to be JSON
   */
  public static TaskRequest of(byte[] body, String contentType, List<String> keys) {
    String key = key(keys);
    if (!MediaTypes.isJson(contentType)) {
      throw Problems.unsupportedMediaType(Json.CONTENT_TYPE);
    }
    if (body.length > Limits.TASK_BYTES) {
      throw Problems.taskTooLarge();
    }
    JsonNode task = json(body);
    for (String member : task.propertyNames()) {
      if (!member.equals("text") && !member.equals("waitMs")) {
        throw Problems.badMember(member, MEMBERS, "is no member of a task");
      }
    }
    return new TaskRequest(waitMs(task), text(task), body.length, sha256(body), key);
  }

  private static JsonNode json(byte[] body) {
    if (body.length == 0) {
      throw Problems.badBody("the body is empty");
    }
    JsonNode json;
    try {
      json = Json.strictTree(Json.utf8(body));
    } catch (CharacterCodingException _) {
      throw Problems.badBody("the body is not UTF-8");
    } catch (StreamConstraintsException _) {
      throw Problems.badBody("the body is nested or written larger than this server reads");
    } catch (JacksonException _) {
      throw Problems.badBody("the body is not JSON, has a member twice or goes on behind its end");
    }
    if (!json.isObject()) {
      throw Problems.badBody("the body is JSON, but no object");
    }
    return json;
  }

  private static Integer waitMs(JsonNode task) {
    JsonNode waitMs = task.get("waitMs");
    if (waitMs == null) {
      return null;
    }
    boolean accepted =
        waitMs.isIntegralNumber()
            && waitMs.canConvertToInt()
            && waitMs.intValue() >= 0
            && waitMs.intValue() <= Limits.MAX_WAIT_MS;
    if (!accepted) {
      throw Problems.badMember(
          "waitMs", "a whole number from 0 to " + Limits.MAX_WAIT_MS, "is none of these");
    }
    return waitMs.intValue();
  }

  private static String text(JsonNode task) {
    JsonNode text = task.get("text");
    if (text == null || !text.isString()) {
      throw Problems.badMember("text", "a string", text == null ? "is missing" : "is no string");
    }
    if (hasHalfOfPair(text.stringValue())) {
      throw Problems.badMember("text", "a string", "has half of a surrogate pair");
    }
    return text.stringValue();
  }

  /** JSON can escape half of a surrogate pair, which is no character and has no UTF-8. */
  private static boolean hasHalfOfPair(String text) {
    return !StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /** As it is, or as the string of a structured field, which stands in quotes. */
  private static String key(List<String> values) {
    if (values.isEmpty()) {
      return null;
    }
    String value = values.getFirst().strip();
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    String key = quoted ? value.substring(1, value.length() - 1) : value;
    if (values.size() > 1 || !KEY.matcher(key).matches()) {
      throw Problems.badParameter(
          KEY_HEADER,
          "one value of 1 to "
              + Limits.IDEMPOTENCY_KEY_CHARS
              + " letters, digits and . _ ~ : + / = -, in quotes or not",
          values.size() > 1
              ? "is given more than once"
              : "is '" + Problems.shown(NOT_ASCII.matcher(value).replaceAll("?")) + "'");
    }
    return key;
  }

  /** The task itself: the hash of its text. */
  public String textHash() {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
