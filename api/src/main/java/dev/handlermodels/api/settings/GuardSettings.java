package dev.handlermodels.api.settings;

/**
 * What stands between this server and an upstream that fails: the environment's
 * UPSTREAM_RETRY_PERCENT and UPSTREAM_BREAKER variables.
 *
 * @param retryPercent the most retries, as a share of the calls, 0 for none
 * @param breakerPercent the share of failures from which on no call is made, 0 for no breaker
 * @param breakerCalls of which that share is taken
 * @param breakerOpenMs for how long no call is made then
 */
public record GuardSettings(
    int retryPercent, int breakerPercent, int breakerCalls, int breakerOpenMs) {}
