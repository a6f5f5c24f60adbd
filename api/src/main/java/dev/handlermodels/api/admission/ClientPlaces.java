package dev.handlermodels.api.admission;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many requests each client has in flight, so that no client takes the places of all others.
 * Only clients with requests in flight are kept account of.
 */
public final class ClientPlaces {
  private final int max;
  private final int trustedProxies;
  private final ConcurrentHashMap<String, Integer> taken = new ConcurrentHashMap<>();
  private final ProblemException full;

  private ClientPlaces(int max, int trustedProxies) {
    this.max = max;
    this.trustedProxies = trustedProxies;
    this.full = Problems.tooManyOfClient(max);
  }

  /**
   * @param max MAX_IN_FLIGHT_PER_CLIENT
   * @param trustedProxies see {@link ClientAddress#key}
   * @return null where max is 0, for no limit
   */
  public static ClientPlaces of(int max, int trustedProxies) {
    return max == 0 ? null : new ClientPlaces(max, trustedProxies);
  }

  /**
   * A request of this client begins.
   *
   * @return what {@link #leave} is to be told at its end
   * @throws ProblemException 429 where the client has too many in flight; then it takes no place
   */
  String take(ClientAddress client) {
    String key = client.key(trustedProxies);
    if (taken.merge(key, 1, Integer::sum) > max) {
      leave(key);
      throw full;
    }
    return key;
  }

  /** The request has ended. */
  void leave(String key) {
    taken.computeIfPresent(key, (_, places) -> places == 1 ? null : places - 1);
  }

  /** Clients that have a request in flight. */
  int clients() {
    return taken.size();
  }
}
