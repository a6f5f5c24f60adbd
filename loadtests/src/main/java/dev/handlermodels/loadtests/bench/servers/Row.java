package dev.handlermodels.loadtests.bench.servers;

import java.util.List;

/**
 * A row of the table: one path of one server.
 *
 * @param server its name
 * @param endpoint the path
 * @param order of the row in the table; rows without one come last
 * @param simulation class of the Gatling simulation
 * @param query of the request, in which <code>${waitMs}</code> is the wait; null for none
 * @param waits where requests wait: the users alone where it is empty; null where nobody knows
 * @param quick whether a short run of all rows has it, too
 * @param role null where the row stands for itself
 * @param why explains the row's figures; null for the usual words
 * @param published figures that stand beside the row; null where there are none
 */
public record Row(
    String server,
    String endpoint,
    Integer order,
    String simulation,
    String query,
    List<Place> waits,
    boolean quick,
    RowRole role,
    String why,
    PublishedFigures published) {
  static final String DEFAULT_QUERY = "waitMs=${waitMs}";

  /** {@code vertx-io-blocking}: a name for a folder, too. */
  public String id() {
    return id(server, endpoint);
  }

  static String id(String server, String endpoint) {
    return (server + endpoint).replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("-+$", "");
  }

  /** {@code vertx /io/blocking}. */
  public String title() {
    return server + " " + endpoint;
  }

  /** Whether a number bounds its waits that a description or a server's report can tell. */
  public boolean hasKnownWaits() {
    return waits != null;
  }
}
