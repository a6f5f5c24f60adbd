package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.IoBlockingSimulation;
import dev.handlermodels.loadtests.IoOffloadedSimulation;
import dev.handlermodels.loadtests.IoSimulation;
import io.gatling.javaapi.core.Simulation;
import java.util.Arrays;

/** The rows of the table, in its order: first the three of the original, then the new ones. */
enum Row {
  BLOCKING_IO("blocking", "/io", IoSimulation.class),
  VERTX_IO("vertx", "/io", IoSimulation.class),
  VERTX_IO_BLOCKING("vertx", "/io/blocking", IoBlockingSimulation.class),
  NIMA_IO("nima", "/io", IoSimulation.class),
  VERTX_IO_OFFLOADED("vertx", "/io/offloaded", IoOffloadedSimulation.class),
  NIMA_IO_BLOCKING("nima", "/io/blocking", IoBlockingSimulation.class),
  BLOCKING_IO_BLOCKING("blocking", "/io/blocking", IoBlockingSimulation.class);

  final String server;
  final String endpoint;
  final Class<? extends Simulation> simulation;

  Row(String server, String endpoint, Class<? extends Simulation> simulation) {
    this.server = server;
    this.endpoint = endpoint;
    this.simulation = simulation;
  }

  /** {@code vertx-io-blocking}. */
  String id() {
    return server + endpoint.replace('/', '-');
  }

  /** {@code vertx /io/blocking}. */
  String title() {
    return server + " " + endpoint;
  }

  static Row of(String id) {
    return Arrays.stream(values())
        .filter(row -> row.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("There is no row '" + id + "'."));
  }
}
