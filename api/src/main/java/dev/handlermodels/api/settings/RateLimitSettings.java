package dev.handlermodels.api.settings;

/**
 * How often clients may ask, the environment's RATE_LIMIT variables and TRUSTED_PROXIES. Off unless
 * one of the two limits is set.
 *
 * @param inAll requests of all clients in a window, 0 for no limit
 * @param perClient requests of one client in a window, 0 for no limit
 * @param clients of which the server keeps account at most
 * @param trustedProxies whose X-Forwarded-For is believed, 0 for none
 */
public record RateLimitSettings(
    int inAll, int perClient, int windowSeconds, int clients, int trustedProxies) {
  public boolean enabled() {
    return inAll > 0 || perClient > 0;
  }
}
