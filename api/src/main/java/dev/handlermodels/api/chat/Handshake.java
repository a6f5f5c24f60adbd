package dev.handlermodels.api.chat;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.settings.ChatSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Judges the request that shall become a WebSocket (RFC 6455, 4.2.1) before its framework does, so
 * that the three servers agree. Sub-protocols and extensions are offers, which nobody here takes
 * up.
 */
public final class Handshake {
  private static final String VERSION = "13";
  private static final String SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;
  private static final int KEY_CHARS = 24;

  private Handshake() {}

  /** The fields of a request. */
  @FunctionalInterface
  public interface Fields {
    /** All values of a field; empty or null where there is none. */
    List<String> all(String name);
  }

  /**
   * @param method as it came
   * @param http11 whether the request is of HTTP/1.1, the only version that can be upgraded
   * @param http2 whether it is of HTTP/2
   * @throws ProblemException 426 where it is no WebSocket of version 13, 400 where it breaks its
   *     rules or has a body, 403 where it comes from a page of somebody else
   */
  public static void check(
      String method, boolean http11, boolean http2, Fields fields, ChatSettings settings) {
    if (http2) {
      throw Problems.noWebSocketHere();
    }
    if (!method.equals("GET")
        || !http11
        || !hasToken(fields.all("Upgrade"), "websocket")
        || !hasToken(fields.all("Connection"), "upgrade")) {
      throw Problems.upgradeRequired();
    }
    if (hasBody(fields)) {
      throw Problems.badRequest("a request for a WebSocket has no body");
    }
    if (!values(fields.all("Sec-WebSocket-Version")).equals(List.of(VERSION))) {
      throw Problems.webSocketVersion();
    }
    List<String> keys = values(fields.all("Sec-WebSocket-Key"));
    if (keys.size() != 1 || !isKey(keys.getFirst())) {
      throw Problems.badWebSocketKey();
    }
    checkOrigin(values(fields.all("Origin")), values(fields.all("Host")), settings);
  }

  /** The proof that this server speaks WebSocket (RFC 6455, 4.2.2). */
  public static String accept(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(sha1.digest((key + SUFFIX).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** The whole answer, for a framework that writes none. */
  public static byte[] answer(String key) {
    return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + accept(key)
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean hasToken(List<String> values, String token) {
    return values(values).stream()
        .flatMap(value -> Arrays.stream(value.split(",")))
        .anyMatch(element -> element.strip().equalsIgnoreCase(token));
  }

  private static boolean hasBody(Fields fields) {
    return !values(fields.all("Transfer-Encoding")).isEmpty()
        || values(fields.all("Content-Length")).stream().anyMatch(length -> !isZero(length));
  }

  private static boolean isZero(String length) {
    return length.strip().chars().allMatch(c -> c == '0');
  }

  private static boolean isKey(String key) {
    try {
      return key.strip().length() == KEY_CHARS
          && Base64.getDecoder().decode(key.strip()).length == KEY_BYTES;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** Only browsers say it, and no page can make them say anything else (RFC 6455, 10.2). */
  private static void checkOrigin(List<String> origins, List<String> hosts, ChatSettings settings) {
    if (origins.isEmpty()) {
      return;
    }
    String origin = origins.getFirst().strip();
    boolean allowed =
        settings.allowedOrigins().isEmpty()
            ? hosts.size() == 1 && isOfHost(origin, hosts.getFirst().strip())
            : settings.allowsOrigin(origin);
    if (origins.size() > 1 || !allowed) {
      throw Problems.foreignOrigin(origin);
    }
  }

  private static boolean isOfHost(String origin, String host) {
    String small = origin.toLowerCase(Locale.ROOT);
    String authority = host.toLowerCase(Locale.ROOT);
    return small.equals("http://" + authority) || small.equals("https://" + authority);
  }

  /** A framework's own list may be equal to nothing else. */
  private static List<String> values(List<String> values) {
    return values == null ? List.of() : List.copyOf(values);
  }
}
