package dev.handlermodels.api.wire;

import java.util.concurrent.ConcurrentHashMap;

/**
 * How much each client has of something, so that no client takes the places of all others. Only
 * clients that have any are kept account of.
 *
 * @param <C> what tells one client from another
 */
public final class Shares<C> {
  private final int max;
  private final ConcurrentHashMap<C, Integer> taken = new ConcurrentHashMap<>();

  /**
   * @param max for each client
   */
  public Shares(int max) {
    this.max = max;
  }

  /**
   * @return false where the client has as many as it may have; then it takes no place
   */
  public boolean take(C client) {
    if (taken.merge(client, 1, Integer::sum) <= max) {
      return true;
    }
    leave(client);
    return false;
  }

  /** To be called once for each place that was taken. */
  public void leave(C client) {
    taken.computeIfPresent(client, (_, places) -> places == 1 ? null : places - 1);
  }

  /** Those that have a place. */
  public int clients() {
    return taken.size();
  }
}
