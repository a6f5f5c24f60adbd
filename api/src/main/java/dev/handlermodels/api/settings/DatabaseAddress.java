package dev.handlermodels.api.settings;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a database is and how to be let in. Its text names neither user nor password, since it
 * stands in logs and in {@code /settings}.
 *
 * @param user null where the URL names none
 * @param password null where none is known
 */
public record DatabaseAddress(String host, int port, String name, String user, String password) {
  private static final int DEFAULT_PORT = 5432;
  private static final int MAX_PORT = 65_535;
  private static final Pattern AUTHORITY =
      Pattern.compile(
          "(?:(?<user>[^:@]+)(?::(?<password>[^@]*))?@)?"
              + "(?<host>[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::(?<port>[0-9]{1,5}))?");
  private static final Pattern PATH = Pattern.compile("/(?<name>[A-Za-z0-9._-]+)");

  /**
   * Reads {@code postgresql://user:password@host:port/name}; what is no letter or digit in user and
   * password stands there percent-encoded.
   *
   * @throws IllegalArgumentException where it is anything else; the message does not show it
   */
  public static DatabaseAddress of(String text) {
    URI url = URI.create(text);
    Matcher authority =
        AUTHORITY.matcher(url.getRawAuthority() == null ? "" : url.getRawAuthority());
    Matcher path = PATH.matcher(url.getRawPath() == null ? "" : url.getRawPath());
    if (!"postgresql".equals(url.getScheme())
        || !authority.matches()
        || !path.matches()
        || url.getRawQuery() != null
        || url.getRawFragment() != null) {
      throw new IllegalArgumentException("not the URL of a database");
    }
    int port =
        authority.group("port") == null ? DEFAULT_PORT : Integer.parseInt(authority.group("port"));
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("a port out of range");
    }
    return new DatabaseAddress(
        authority.group("host"),
        port,
        path.group("name"),
        decoded(authority.group("user")),
        decoded(authority.group("password")));
  }

  private static String decoded(String text) {
    // A plus sign means itself here, not a space.
    return text == null
        ? null
        : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The same place for another user. */
  public DatabaseAddress as(String otherUser, String otherPassword) {
    return new DatabaseAddress(host, port, name, otherUser, otherPassword);
  }

  @Override
  public String toString() {
    return host + ":" + port + "/" + name;
  }
}
