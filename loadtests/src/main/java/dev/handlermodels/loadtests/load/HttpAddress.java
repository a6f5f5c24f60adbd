package dev.handlermodels.loadtests.load;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of an HTTP server. {@link URI} gives no host where the name has an underscore, as
 * many hosts of Docker networks have, and the JDK's client takes no such URI.
 */
public final class HttpAddress {
  private static final Pattern UNDERSCORED =
      Pattern.compile("(?<host>[A-Za-z0-9._-]+)(?<port>:[0-9]{1,5})?");

  private HttpAddress() {}

  /** Whether it names a host that can be asked; over TLS not one with an underscore. */
  public static boolean hasHost(URI url) {
    return url.getHost() != null || "http".equals(url.getScheme()) && underscored(url).matches();
  }

  /** The host and port of a URL whose host has an underscore; null for any other. */
  public static String underscoredHost(URI url) {
    return url.getHost() == null && hasHost(url) ? url.getRawAuthority() : null;
  }

  /**
   * The same URL with the host's address in place of its name.
   *
   * @throws UnknownHostException where it has none
   */
  public static URI resolved(URI url) throws UnknownHostException {
    Matcher authority = underscored(url);
    if (url.getHost() != null || !authority.matches()) {
      return url;
    }
    String address = InetAddress.getByName(authority.group("host")).getHostAddress();
    String host = address.contains(":") ? "[" + address + "]" : address;
    String port = authority.group("port") == null ? "" : authority.group("port");
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    return URI.create("http://" + host + port + url.getRawPath() + query);
  }

  private static Matcher underscored(URI url) {
    return UNDERSCORED.matcher(url.getRawAuthority() == null ? "" : url.getRawAuthority());
  }
}
