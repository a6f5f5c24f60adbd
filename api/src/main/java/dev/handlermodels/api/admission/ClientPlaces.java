package dev.handlermodels.api.admission;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.wire.Shares;

/** How many requests each client has in flight. */
public final class ClientPlaces {
  private final Shares<String> taken;
  private final int trustedProxies;
  private final ProblemException full;

  private ClientPlaces(int max, int trustedProxies) {
    this.taken = new Shares<>(max);
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
    if (!taken.take(key)) {
      throw full;
    }
    return key;
  }

  /** The request has ended. */
  void leave(String key) {
    taken.leave(key);
  }

  /** Clients that have a request in flight. */
  int clients() {
    return taken.clients();
  }
}
