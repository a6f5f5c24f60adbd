package dev.handlermodels.loadtests;

/** Load on {@code /io/blocking}: the blocking call on the request's own thread. */
public final class IoBlockingSimulation extends LoadSimulation {
  /** Built by Gatling. */
  public IoBlockingSimulation() {
    super("/io/blocking");
  }
}
