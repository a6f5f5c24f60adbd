package dev.handlermodels.loadtests.bench.scenario;

/** When a measurement says more about the machine or the load generator than about the server. */
public final class Disturbance {
  /** With more cores than this in the hands of others, a figure is not the server's alone. */
  private static final double OTHER_CORES = 0.2;

  /** With more than this, the one thread of a load generator has no time left. */
  private static final double GENERATOR_CORES = 0.9;

  /** With a larger share of the machine in use, its processors have given out. */
  private static final double PROCESSORS_BUSY = 0.85;

  private Disturbance() {}

  /**
   * @param busyCores of the whole machine; null where unknown
   */
  public static boolean processorsGaveOut(Double busyCores, int cores) {
    return busyCores != null && busyCores >= PROCESSORS_BUSY * cores;
  }

  /**
   * @param otherCores that neither server, upstream nor generators used; null where unknown
   */
  public static boolean byOthers(Double otherCores) {
    return otherCores != null && otherCores > OTHER_CORES;
  }

  /**
   * @param cores that the load generator used
   */
  public static boolean byGenerator(double cores) {
    return cores > GENERATOR_CORES;
  }
}
