package dev.handlermodels.loadtests;

import dev.handlermodels.loadtests.load.HttpAddress;
import dev.handlermodels.loadtests.load.Limits;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * The settings of a simulation, from system properties ({@code -Dusers=500}).
 *
 * @param baseUrl the server under load, without a path
 * @param users of a closed load
 * @param rate arrivals per second of an open load; 0 for a closed one
 * @param tailSeconds how long the load goes on after the measured window. Gatling's clock for the
 *     end starts some milliseconds before the first user does: without a second more the window
 *     would lose its tail. Where an end file ends the run, it is 10 s at least.
 * @param usersFile where the per-user facts are written once a second and at the end; null for
 *     nowhere
 * @param arrivalsFile where the arrivals of an open load are written at the end; null for nowhere
 * @param warmupFile where the windows of the warm-up are written likewise; null for nowhere
 * @param query of each request, without its question mark; empty for none
 * @param endFile the run ends as soon as this file is there; null to end by the clock alone
 */
record LoadSettings(
    String baseUrl,
    int users,
    int waitMs,
    int rampSeconds,
    int warmupSeconds,
    int warmupWindowSeconds,
    int durationSeconds,
    int requestTimeoutMs,
    int rate,
    int tailSeconds,
    Path usersFile,
    Path arrivalsFile,
    Path warmupFile,
    Path endFile,
    String query) {

  /**
   * Reads and checks every property.
   *
   * @throws IllegalArgumentException with one sentence for a user
   */
  static LoadSettings from(UnaryOperator<String> properties) {
    return bounded(read(properties));
  }

  private static LoadSettings bounded(LoadSettings settings) {
    Limits.ARRIVALS.parse("rate × seconds", Long.toString(Math.max(1, settings.arrivals())));
    return settings;
  }

  private static LoadSettings read(UnaryOperator<String> properties) {
    return new LoadSettings(
        baseUrl(properties),
        number(properties, "users", 500, Limits.USERS),
        number(properties, "waitMs", 1000, Limits.WAIT_MS),
        number(properties, "rampSeconds", 10, Limits.RAMP_SECONDS),
        number(properties, "warmupSeconds", 10, Limits.WARMUP_SECONDS),
        number(properties, "warmupWindowSeconds", 5, Limits.WARMUP_WINDOW_SECONDS),
        number(properties, "durationSeconds", 60, Limits.DURATION_SECONDS),
        number(properties, "requestTimeoutMs", 30_000, Limits.TIMEOUT_MS),
        number(properties, "rate", 0, Limits.RATE),
        number(properties, "tailSeconds", 1, Limits.TAIL_SECONDS),
        path(properties, "usersFile"),
        path(properties, "arrivalsFile"),
        path(properties, "warmupFile"),
        path(properties, "endFile"),
        query(properties));
  }

  private static String query(UnaryOperator<String> properties) {
    String query = properties.apply("query");
    return query == null ? "waitMs=" + number(properties, "waitMs", 1000, Limits.WAIT_MS) : query;
  }

  /** What a request asks for. */
  String target(String endpoint) {
    return query.isEmpty() ? endpoint : endpoint + "?" + query;
  }

  int totalSeconds() {
    int tail =
        endFile == null ? tailSeconds : Math.max(tailSeconds, Limits.TAIL_OF_THE_ENDED_SECONDS);
    return rampSeconds + warmupSeconds + durationSeconds + tail;
  }

  boolean isOpen() {
    return rate > 0;
  }

  /** Of the whole run; 0 for a closed load. */
  long arrivals() {
    return (long) rate * totalSeconds();
  }

  /** How many users the whole run can have. */
  int capacity() {
    return isOpen() ? (int) arrivals() + 1 : users;
  }

  private static Path path(UnaryOperator<String> properties, String name) {
    String value = properties.apply(name);
    return value == null ? null : Path.of(value);
  }

  private static String baseUrl(UnaryOperator<String> properties) {
    String value = properties.apply("baseUrl");
    String url = value == null ? "http://127.0.0.1:8080" : value.replaceAll("/+$", "");
    try {
      URI uri = new URI(url);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && HttpAddress.hasHost(uri)) {
        return url;
      }
    } catch (URISyntaxException e) {
      // The sentence below says it better.
    }
    throw new IllegalArgumentException(
        "baseUrl takes an address such as http://127.0.0.1:8080, not '" + value + "'.");
  }

  private static int number(
      UnaryOperator<String> properties, String name, int defaultValue, Limits limits) {
    String value = properties.apply(name);
    return value == null ? defaultValue : limits.parse(name, value);
  }
}
