package dev.handlermodels.api.work;

import dev.handlermodels.api.Problems;
import dev.handlermodels.api.SecurityHeaders;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A file of a page. {@link Docs} and {@link Play} have them.
 *
 * @param policy what the page may load; the same for all its files
 */
public record StaticFile(String contentType, byte[] content, String etag, String policy) {
  private static final int ETAG_BYTES = 16;

  static StaticFile of(String contentType, byte[] content, String policy) {
    return new StaticFile(contentType, content, '"' + hash(content) + '"', policy);
  }

  /**
   * @param ifMatch the values of the request's fields of that name; empty where it has none
   * @param ifNoneMatch likewise
   * @throws ProblemException 412 for an If-Match that names another version
   */
  public FileAnswer answer(List<String> ifMatch, List<String> ifNoneMatch) {
    if (!ifMatch.isEmpty() && !names(ifMatch, false)) {
      throw Problems.preconditionFailed();
    }
    boolean known = names(ifNoneMatch, true);
    return new FileAnswer(
        known ? 304 : 200,
        contentType,
        Map.of(
            "ETag",
            etag,
            "Cache-Control",
            "no-cache",
            SecurityHeaders.POLICY,
            policy,
            "Referrer-Policy",
            "no-referrer"),
        known ? new byte[0] : content);
  }

  /**
   * Whether a list names this version, or is an asterisk.
   *
   * @param weakly as If-None-Match compares, and If-Match does not (RFC 9110, 13.1.1 and 13.1.2)
   */
  private boolean names(List<String> fields, boolean weakly) {
    return fields.stream()
        .flatMap(field -> Arrays.stream(field.split(",")))
        .map(String::strip)
        .anyMatch(
            given ->
                given.equals("*") || given.equals(etag) || weakly && given.equals("W/" + etag));
  }

  private static String hash(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest, 0, ETAG_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
