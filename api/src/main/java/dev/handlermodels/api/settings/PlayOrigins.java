package dev.handlermodels.api.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The origins whose pages may read the management listener: those of the main listener itself, and
 * others that PLAY_ORIGINS names. The others may also show this server's part of {@code /play} in a
 * frame. Origins are compared letter by letter, as browsers write them.
 *
 * @param own whether pages of the main listener are among them
 * @param others in the order of the setting
 */
public record PlayOrigins(boolean own, List<String> others) {
  /** More are refused: each stands in the policy of the page. */
  public static final int MAX_OTHERS = 16;

  static final String NONE = "none";

  /** An IPv6 address is left out, for a Content-Security-Policy cannot name one. */
  private static final Pattern ORIGIN =
      Pattern.compile(
          "(?<scheme>https?)://(?<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
              + "(?::(?<port>[1-9][0-9]{0,4}))?");

  private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "[::1]");
  private static final int HTTP_PORT = 80;
  private static final int MAX_PORT = 65_535;

  public PlayOrigins {
    others = List.copyOf(others);
  }

  /**
   * @param setting empty for the main listener alone, {@code none}, or origins separated by commas
   * @throws IllegalArgumentException where it is anything else
   */
  static PlayOrigins of(String setting) {
    if (setting.equals(NONE)) {
      return new PlayOrigins(false, List.of());
    }
    List<String> others = new ArrayList<>();
    for (String origin : setting.isEmpty() ? new String[0] : setting.split(",", -1)) {
      if (!isOrigin(origin.strip()) || others.contains(origin.strip())) {
        throw new IllegalArgumentException(origin);
      }
      others.add(origin.strip());
    }
    if (others.size() > MAX_OTHERS) {
      throw new IllegalArgumentException("too many");
    }
    return new PlayOrigins(true, others);
  }

  /** Whether a browser would write it so: in lower case, without a path or a default port. */
  private static boolean isOrigin(String text) {
    Matcher origin = ORIGIN.matcher(text);
    if (!origin.matches()) {
      return false;
    }
    String port = origin.group("port");
    String standard = origin.group("scheme").equals("http") ? "80" : "443";
    return port == null || !port.equals(standard) && Integer.parseInt(port) <= MAX_PORT;
  }

  /**
   * All of them.
   *
   * @param port of the main listener
   */
  public Set<String> readers(int port) {
    Set<String> readers = new HashSet<>(others);
    if (own) {
      LOOPBACK.forEach(host -> readers.add(origin(host, port)));
    }
    return Set.copyOf(readers);
  }

  /**
   * Where their pages find the management listener: on their own host. A page on {@code [::1]} asks
   * {@code localhost}.
   *
   * @param port of the management listener
   */
  public List<String> managementAddresses(int port) {
    if (!own) {
      return List.of();
    }
    return Stream.concat(
            LOOPBACK.stream().filter(host -> !host.startsWith("[")),
            others.stream().map(PlayOrigins::host))
        .distinct()
        .map(host -> origin(host, port))
        .toList();
  }

  private static String host(String origin) {
    Matcher matcher = ORIGIN.matcher(origin);
    return matcher.matches() ? matcher.group("host") : origin;
  }

  private static String origin(String host, int port) {
    return "http://" + host + (port == HTTP_PORT ? "" : ":" + port);
  }
}
