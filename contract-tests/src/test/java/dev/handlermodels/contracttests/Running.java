package dev.handlermodels.contracttests;

import dev.handlermodels.api.launch.Instance;
import tools.jackson.databind.JsonNode;

/** A server that runs inside the test, with a client of each of its two listeners. */
final class Running implements AutoCloseable {
  private final Instance instance;
  private final Client main;
  private final Client management;

  Running(Instance instance) {
    this.instance = instance;
    this.main = new Client(instance.port());
    this.management = new Client(instance.managementPort());
  }

  Instance instance() {
    return instance;
  }

  Client main() {
    return main;
  }

  Client management() {
    return management;
  }

  /** A connection of its own to the main listener. */
  Raw connect() {
    return new Raw(instance.port());
  }

  /** The same, from another address of loopback. */
  Raw connectFrom(String address) {
    return Raw.from(address, instance.port());
  }

  Raw connectToManagement() {
    return new Raw(instance.managementPort());
  }

  JsonNode threads() {
    return management.get("/threads").json();
  }

  /** Returns when so many requests are inside the server, answered or not yet let in. */
  void awaitInFlight(int count) {
    Await.until(() -> count + " requests in flight, but " + inFlight(), () -> inFlight() == count);
  }

  private int inFlight() {
    return threads().at("/requests/inFlight").intValue();
  }

  /** A request ends with its answer, and its thread leaves the handler a moment later. */
  void awaitNobodyBusy() {
    Await.until("no thread is in a handler", () -> threads().at("/handlers/busy").intValue() == 0);
  }

  /** How often this limit has been exceeded. */
  int exceeded(String limit) {
    return metric("http_server_limits_exceeded_total{limit=\"" + limit + "\"");
  }

  /** The sum of all samples that begin so. */
  int metric(String sample) {
    return management
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(sample))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Override
  public void close() {
    main.close();
    management.close();
    instance.close();
  }
}
