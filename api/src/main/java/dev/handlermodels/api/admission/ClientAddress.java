package dev.handlermodels.api.admission;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a request comes from.
 *
 * @param peer the address at the other end of the connection
 * @param forwardedFor the values of the header field X-Forwarded-For, to which each proxy adds the
 *     address it was called from
 */
public record ClientAddress(String peer, List<String> forwardedFor) {
  private static final Pattern WITH_PORT =
      Pattern.compile("(?:\\[(?<ipv6>[^\\[\\]]+)](?::\\d{1,5})?|(?<ipv4>[\\d.]+):\\d{1,5})");

  /** Who has one IPv6 address has at least as many as these leave open (RFC 6177). */
  private static final int IPV6_NETWORK_BYTES = 8;

  /**
   * What tells one client from another. Each trusted proxy vouches for one address, counted from
   * the end; what stands before that is anybody's claim.
   *
   * @param trustedProxies between the client and this server, 0 where the peer is the client
   */
  public String key(int trustedProxies) {
    String address = trustedProxies == 0 ? peer : withoutPort(forwarded(trustedProxies));
    try {
      InetAddress parsed = InetAddress.ofLiteral(address);
      return parsed instanceof Inet6Address
          ? HexFormat.of().formatHex(Arrays.copyOf(parsed.getAddress(), IPV6_NETWORK_BYTES))
          : parsed.getHostAddress();
    } catch (IllegalArgumentException _) {
      return peer; // a proxy that says "unknown", or one fewer than expected
    }
  }

  /** Some load balancers add the port: 203.0.113.5:4711, [2001:db8::5]:4711. */
  private static String withoutPort(String address) {
    Matcher withPort = WITH_PORT.matcher(address);
    return withPort.matches()
        ? Objects.requireNonNullElse(withPort.group("ipv6"), withPort.group("ipv4"))
        : address;
  }

  /** The peer where fewer addresses came than there should be proxies. */
  private String forwarded(int trustedProxies) {
    String[] addresses = String.join(",", forwardedFor).split(",");
    return addresses.length < trustedProxies
        ? peer
        : addresses[addresses.length - trustedProxies].strip();
  }
}
