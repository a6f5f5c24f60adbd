package dev.handlermodels.api.wire;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the head of a request has to be so that no party on its way can read it as another request:
 * one Host, a path for a target, a length that is nothing but digits, and no transfer coding but
 * chunked. RFC 9112 lets a server refuse the rest or asks it to. The frameworks' parsers differ in
 * what they let through, so this rule stands here, once. It allocates nothing where all is well.
 */
public final class RequestHead {
  /** More cannot be held in a long, whatever the digits. */
  private static final int MAX_LENGTH_DIGITS = 18;

  private static final int MAX_PORT = 65_535;
  private static final boolean[] PLAIN = lettersDigitsAnd("-._~!$&'()*+,;=:@/?");
  private static final boolean[] NAME = lettersDigitsAnd("-._~!$&'()*+;=%");
  private static final boolean[] ADDRESS = lettersDigitsAnd("-._~!$&'()*+;=:%");

  /** Besides Transfer-Encoding, see below. Undertow writes those that it knows in its own way. */
  private static final Set<String> OF_CONNECTION = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    Collections.addAll(OF_CONNECTION, "connection", "keep-alive", "proxy-connection", "upgrade");
  }

  private RequestHead() {}

  /**
   * @param method as it came; the longest that is registered has 17 letters
   * @param version as it came
   * @param path of the target, as it came: RFC 9112, 3.2 knows four forms of a target, of which a
   *     server that is no proxy needs the one that begins with a slash, and the asterisk of OPTIONS
   * @param query as it came; empty where there is none, or where it is still part of the path
   * @param hosts the values of all Host fields; null or empty where there is none, as below
   * @param lengths likewise of Content-Length
   * @param codings likewise of Transfer-Encoding
   * @throws ProblemException 400, or 505 for another version; both close the connection
   */
  public static void check(
      String method,
      String version,
      String path,
      String query,
      List<String> hosts,
      List<String> lengths,
      List<String> codings) {
    boolean old = version.equals("HTTP/1.0"); // without Host, and without transfer codings
    if (!old && !version.equals("HTTP/1.1")) {
      throw isVersion(version) ? Problems.versionNotSupported() : Problems.notHttp();
    }
    boolean unambiguous =
        (!old || isEmpty(codings))
            && method.length() <= Limits.METHOD_CHARS
            && isPath(method, path)
            && isPlain(query)
            && (isEmpty(hosts) ? old : isOneHost(hosts))
            && (isEmpty(lengths) || isEmpty(codings) && isOneLength(lengths))
            && (isEmpty(codings)
                || codings.size() == 1 && trimmed(codings.getFirst()).equalsIgnoreCase("chunked"));
    if (!unambiguous) {
      throw Problems.notHttp();
    }
  }

  /**
   * The same over HTTP/2, whose frames say where a body ends, and which so knows no transfer
   * codings (RFC 9113, 8.2.2).
   *
   * @param hosts the values of :authority, or of Host where there is none
   * @throws ProblemException 400 or 414
   */
  public static void checkHttp2(
      String method,
      String path,
      String query,
      List<String> hosts,
      List<String> lengths,
      List<String> codings) {
    if (path.length() + query.length() > Limits.REQUEST_LINE_BYTES) {
      throw Problems.requestLineTooLong();
    }
    boolean unambiguous =
        method.length() <= Limits.METHOD_CHARS
            && isPath(method, path)
            && isPlain(query)
            && !isEmpty(hosts)
            && isOneHost(hosts)
            && (isEmpty(lengths) || isOneLength(lengths))
            && isEmpty(codings);
    if (!unambiguous) {
      throw notHttp2();
    }
  }

  /**
   * HTTP/2 could carry any byte in a value, and fields that HTTP/1.1 has for a connection; its
   * decoders may let both through (RFC 9113, 8.2.1 and 8.2.2).
   *
   * @throws ProblemException 400
   */
  public static void checkHttp2Field(String name, String value) {
    if (OF_CONNECTION.contains(name) || name.isEmpty() || name.indexOf(':') >= 0) {
      throw notHttp2();
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' && value.charAt(i) != '\t' || value.charAt(i) == 0x7f) {
        throw notHttp2();
      }
    }
  }

  /**
   * @param bytes of all fields, each with its colon, a space, CR and LF
   * @throws ProblemException 431
   */
  public static void checkSize(int bytes, int fields) {
    if (bytes > Limits.HEADER_BYTES) {
      throw Problems.headersTooLarge();
    }
    if (fields > Limits.HEADER_FIELDS) {
      throw Problems.tooManyHeaders();
    }
  }

  /**
   * Whether one of the options of a connection is this one (RFC 9110, 7.6.1): a list, in any case,
   * on any number of lines.
   *
   * @param fields the values of all Connection fields; null or empty where there is none
   */
  public static boolean hasOption(List<String> fields, String option) {
    if (isEmpty(fields)) {
      return false;
    }
    for (String field : fields) {
      for (String element : field.split(",", -1)) {
        if (trimmed(element).equalsIgnoreCase(option)) {
          return true;
        }
      }
    }
    return false;
  }

  private static ProblemException notHttp2() {
    return Problems.badRequest("the request is not valid HTTP/2");
  }

  private static boolean isOneHost(List<String> hosts) {
    return hosts.size() == 1 && isHost(hosts.getFirst());
  }

  private static boolean isOneLength(List<String> lengths) {
    return lengths.size() == 1 && isLength(lengths.getFirst());
  }

  /** RFC 9110, 5.6.3: a space or a tab, where String.strip would take a vertical tab as well. */
  static String trimmed(String value) {
    int begin = 0;
    int end = value.length();
    while (begin < end && isSpaceOrTab(value.charAt(begin))) {
      begin++;
    }
    while (end > begin && isSpaceOrTab(value.charAt(end - 1))) {
      end--;
    }
    return value.substring(begin, end); // itself where there is nothing to cut off
  }

  private static boolean isSpaceOrTab(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isEmpty(List<String> values) {
    return values == null || values.isEmpty();
  }

  /** RFC 9112, 2.3. */
  private static boolean isVersion(String text) {
    return text.length() == "HTTP/x.x".length()
        && text.startsWith("HTTP/")
        && isDigit(text.charAt(5))
        && text.charAt(6) == '.'
        && isDigit(text.charAt(7));
  }

  private static boolean isPath(String method, String path) {
    return path.startsWith("/") ? isPlain(path) : path.equals("*") && method.equals("OPTIONS");
  }

  /**
   * RFC 3986, 3.3 and 3.4: the characters of paths and queries, all others with a percent sign and
   * two hexadecimal digits in their place.
   */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isOneOf(PLAIN, c) && !(c == '%' && isHexDigit(text, i + 1) && isHexDigit(text, i + 2))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHexDigit(String text, int at) {
    return at < text.length() && Character.digit(text.charAt(at), 16) >= 0;
  }

  /**
   * RFC 9110, 7.2: {@code uri-host [ ":" port ]}, or nothing at all. The port may be empty (RFC
   * 3986, 3.2.3), a host before it may not (RFC 9110, 4.2.1).
   */
  static boolean isHost(String value) {
    String host = trimmed(value);
    int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
    if (end < 0 || host.isEmpty()) {
      return isName(host, NAME, 0, host.length());
    }
    boolean isAddress = host.startsWith("[");
    return end > (isAddress ? 2 : 0)
        && (isAddress
            ? isName(host, ADDRESS, 1, end - 1) && IpLiteral.isAddress(host.substring(1, end - 1))
            : isName(host, NAME, 0, end))
        && isPort(host, end);
  }

  private static boolean isName(String host, boolean[] allowed, int begin, int end) {
    for (int i = begin; i < end; i++) {
      char c = host.charAt(i);
      if (!isOneOf(allowed, c)
          || c == '%' && !(i + 2 < end && isHexDigit(host, i + 1) && isHexDigit(host, i + 2))) {
        return false;
      }
    }
    return true;
  }

  /** A colon and a number between 1 and 65535, or less of both. */
  private static boolean isPort(String host, int begin) {
    if (begin == host.length() || begin == host.length() - 1) {
      return begin == host.length() || host.charAt(begin) == ':';
    }
    int port = 0;
    for (int i = begin + 1; i < host.length() && port <= MAX_PORT; i++) {
      char c = host.charAt(i);
      if (!isDigit(c)) {
        return false;
      }
      port = 10 * port + c - '0';
    }
    return host.charAt(begin) == ':' && port >= 1 && port <= MAX_PORT;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isOneOf(boolean[] allowed, char c) {
    return c < allowed.length && allowed[c];
  }

  /** Which characters of ASCII are letters, digits, or one of these. */
  private static boolean[] lettersDigitsAnd(String others) {
    boolean[] allowed = new boolean[128];
    for (char c = 0; c < allowed.length; c++) {
      allowed[c] = Character.isLetterOrDigit(c) || others.indexOf(c) >= 0;
    }
    return allowed;
  }

  /** RFC 9110, 8.6: digits. */
  private static boolean isLength(String value) {
    String length = trimmed(value);
    for (int i = 0; i < length.length(); i++) {
      if (!isDigit(length.charAt(i))) {
        return false;
      }
    }
    return !length.isEmpty() && length.length() <= MAX_LENGTH_DIGITS;
  }
}
