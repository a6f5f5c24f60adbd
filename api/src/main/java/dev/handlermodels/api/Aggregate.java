package dev.handlermodels.api;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a client asks of {@code /aggregate/{user}}.
 *
 * @param user whose data it is; as {@link PathTemplate} admits it, so it may stand in a path
 * @param strict whether one failure is the failure of the whole
 * @param parts a call of each service
 */
public record Aggregate(String user, boolean strict, List<Part> parts) {

  /** One of the three services behind the gateway, all of which the upstream simulates. */
  public enum Backend {
    PROFILE("profile"),
    POSTS("posts"),
    ORDERS("orders");

    private final String label;

    Backend(String label) {
      this.label = label;
    }

    /** The service of this name. */
    public static Optional<Backend> of(String label) {
      return Arrays.stream(values()).filter(backend -> backend.label.equals(label)).findFirst();
    }

    /** The name as it stands in paths, parameters and results. */
    public String label() {
      return label;
    }

    /** The parameter that says how long this service takes. */
    String waitParameter() {
      return label + "Ms";
    }
  }

  /**
   * A call of one service.
   *
   * @param waitMs how long the service is to take
   * @param broken whether it is to answer with a status 500
   */
  public record Part(Backend backend, String user, int waitMs, boolean broken) {

    /** Path and query at the upstream. */
    public String target() {
      return String.format(
          Locale.ROOT,
          "/services/%s/%s?waitMs=%d%s",
          backend.label,
          user,
          waitMs,
          broken ? "&fault=status500" : "");
    }
  }
}
