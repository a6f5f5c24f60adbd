package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.Warmup;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.row.OpenLoadStats;
import dev.handlermodels.loadtests.bench.row.WindowStats;

/**
 * The measurements from which the verdicts follow. What could not be measured is null.
 *
 * @param window what the clients saw; null where the row never reached its window
 * @param users the per-user facts at the end; null where Gatling wrote none
 * @param upstream calls of the window; null where the upstream could not be asked
 * @param cpu of the window; null where there are no samples
 * @param warmup the time before the window; null where the run has no record of it
 * @param proof how the main listener fared; null where it was not asked
 * @param open null where the load was closed
 */
public record Evidence(
    Settings settings,
    Ceiling ceiling,
    WindowStats window,
    UserStats users,
    UpstreamUse upstream,
    CpuUse cpu,
    Warmup warmup,
    LivenessResult proof,
    OpenLoadStats open) {

  /** Evidence of a closed load. */
  public Evidence(
      Settings settings,
      Ceiling ceiling,
      WindowStats window,
      UserStats users,
      UpstreamUse upstream,
      CpuUse cpu,
      Warmup warmup,
      LivenessResult proof) {
    this(settings, ceiling, window, users, upstream, cpu, warmup, proof, null);
  }

  /**
   * Calls between the two samples that bound the window.
   *
   * @param received calls that arrived
   * @param completed calls that ended: {@code received} less the growth of those in flight
   * @param answersToClients successes between the same two samples
   * @param clientsGone requests that had failed by the second sample, each of which can have wasted
   *     one call
   * @param p99Ms service time in the window, the wait included; null where unknown
   */
  record UpstreamUse(
      long received, long completed, long answersToClients, long clientsGone, Double p99Ms) {

    /**
     * Calls that ended without becoming an answer for a client. Answers still on their way at the
     * end of the window are missing too, so the count is at most the number of clients that left.
     */
    long wasted() {
      return Math.clamp(completed - answersToClients, 0, clientsGone);
    }
  }

  /**
   * CPU seconds between the two samples that bound the window.
   *
   * @param available what all processors together could have given
   * @param other what everything else on the machine took; null where there is no /proc/stat
   */
  record CpuUse(double server, double upstream, double gatling, Double other, double available) {

    /** The share that one process used of the CPU time that the others left to it. */
    double shareOfReach(double own) {
      double others = server + upstream + gatling - own + (other == null ? 0 : other);
      return own / Math.max(own, available - others);
    }
  }

  /** A run shorter than the clients' time-out cannot show who gives up. */
  boolean endedBeforeTimeouts() {
    return settings.loadSeconds() * 1000L <= settings.requestTimeoutMs();
  }

  double successesPerSecond() {
    return window.perSecond(window.successes());
  }

  /** Users whose request waits in the upstream, and in no queue, at any moment: Little's law. */
  double usersBeingServed() {
    return successesPerSecond() * settings.waitMs() / 1000.0;
  }
}
