package dev.handlermodels.api.settings;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Host and port of an http URL. {@link URI} gives neither where the host has an underscore, as many
 * hosts of Docker networks have.
 *
 * @param host an IPv6 address stands in brackets
 * @param port from 1 to 65535; 80 where the URL names none
 */
public record HostAndPort(String host, int port) {
  private static final int DEFAULT_PORT = 80;
  private static final int MAX_PORT = 65_535;
  private static final Pattern AUTHORITY =
      Pattern.compile("(?:[^@]*@)?(?<host>[A-Za-z0-9._-]+)(?::(?<port>[0-9]{0,5}))?");

  /**
   * @throws IllegalArgumentException where the URL has no host, or a port out of range
   */
  public static HostAndPort of(URI url) {
    if (url.getHost() != null) { // the usual case; each traced call asks for it
      return of(url, url.getHost(), url.getPort() < 0 ? DEFAULT_PORT : url.getPort());
    }
    Matcher authority =
        AUTHORITY.matcher(url.getRawAuthority() == null ? "" : url.getRawAuthority());
    if (!authority.matches()) {
      throw new IllegalArgumentException(url + " has no host");
    }
    String port = authority.group("port");
    return of(
        url,
        authority.group("host"),
        port == null || port.isEmpty() ? DEFAULT_PORT : Integer.parseInt(port));
  }

  private static HostAndPort of(URI url, String host, int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException(url + " has a port out of range");
    }
    return new HostAndPort(host, port);
  }

  /** As it stands in a URL, without the default port. */
  @Override
  public String toString() {
    return port == DEFAULT_PORT ? host : host + ":" + port;
  }
}
