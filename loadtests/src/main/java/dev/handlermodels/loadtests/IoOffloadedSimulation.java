package dev.handlermodels.loadtests;

/** Load on {@code /io/offloaded}: the blocking call handed to a bounded worker pool. */
public final class IoOffloadedSimulation extends LoadSimulation {
  /** Built by Gatling. */
  public IoOffloadedSimulation() {
    super("/io/offloaded");
  }
}
