package dev.handlermodels.loadtests.bench.profile;

/**
 * Some seconds of a load, with or without the profile. What could not be read is null.
 *
 * @param recording name of the file; null where nothing was recorded
 * @param cpuMs CPU time of the server's process
 * @param requests that the server began
 */
public record ProfileSlice(
    String recording, double seconds, Long cpuMs, Long requests, ContextSwitches switches) {

  boolean isProfiled() {
    return recording != null;
  }

  /** Null where it cannot be told. */
  Double cpuUsPerRequest() {
    return cpuMs == null || requests == null || requests == 0
        ? null
        : (Double) (cpuMs * 1000.0 / requests);
  }

  Double requestsPerSecond() {
    return requests == null ? null : (Double) (requests / seconds);
  }
}
