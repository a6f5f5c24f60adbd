package dev.handlermodels.loadtests;

/** Load on {@code /io}: each server's own right way to wait. */
public final class IoSimulation extends LoadSimulation {
  /** Built by Gatling. */
  public IoSimulation() {
    super("/io");
  }
}
