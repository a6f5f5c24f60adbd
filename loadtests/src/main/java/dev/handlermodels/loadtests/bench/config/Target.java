package dev.handlermodels.loadtests.bench.config;

import dev.handlermodels.loadtests.load.HttpAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

/**
 * A server that the bench did not start, as it stands in results.json.
 *
 * @param url of its main listener, or of what balances load over several; without a path
 * @param management URL of its management listener; null where that cannot be reached
 */
public record Target(String url, String management) {

  /**
   * @throws IllegalArgumentException with one sentence for a user
   */
  public static String address(String option, String value) {
    try {
      URI uri = new URI(value.replaceAll("/+$", ""));
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http
          && HttpAddress.hasHost(uri)
          && uri.getRawPath().isEmpty()
          && uri.getQuery() == null) {
        return uri.toString();
      }
    } catch (URISyntaxException _) {
      // The sentence below says it better.
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "%s takes an address such as http://127.0.0.1:8080, not '%s'.",
            option,
            value));
  }

  /** For the report. */
  public String sentence() {
    return String.format(
        Locale.ROOT,
        "Measured from outside at %s, a server that was there already: nothing is known of its"
            + " process and its upstream%s.",
        url,
        management == null
            ? ", and its threads were not asked for"
            : "; its threads are those of the instance that answered at " + management);
  }

  /** The first fields of the answer to {@code GET /}. */
  public record Identity(String server, List<Offered> endpoints) {
    /** Whether the path is listed. */
    public boolean offers(String path) {
      return endpoints != null
          && endpoints.stream().anyMatch(endpoint -> path.equals(endpoint.path()));
    }
  }

  /** An endpoint. */
  record Offered(String path) {}
}
