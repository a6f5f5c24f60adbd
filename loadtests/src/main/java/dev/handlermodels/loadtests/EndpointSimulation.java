package dev.handlermodels.loadtests;

/** Load on any endpoint that takes {@code waitMs}: {@code -Dendpoint=/async/http}. */
public final class EndpointSimulation extends LoadSimulation {
  /** Built by Gatling. */
  public EndpointSimulation() {
    super(System.getProperty("endpoint", "/io"));
  }
}
