package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.EndpointSimulation;
import dev.handlermodels.loadtests.IoBlockingSimulation;
import dev.handlermodels.loadtests.IoOffloadedSimulation;
import dev.handlermodels.loadtests.IoSimulation;
import dev.handlermodels.loadtests.bench.config.Servers;
import dev.handlermodels.loadtests.bench.process.FastApi;
import io.gatling.javaapi.core.Simulation;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of the table, in its order: first the three of the original, then the new ones. Each row
 * of FastAPI follows the row of ours that it is compared with.
 */
public enum Row {
  BLOCKING_IO(Servers.BLOCKING, "/io", IoSimulation.class),
  FASTAPI_SYNC(FastApi.SERVER, "/sync/http", EndpointSimulation.class),
  VERTX_IO(Servers.VERTX, "/io", IoSimulation.class),
  FASTAPI_ASYNC(FastApi.SERVER, "/async/http", EndpointSimulation.class),
  FASTAPI_REBUILT(FastApi.SERVER, "/async/http/rebuilt", EndpointSimulation.class),
  VERTX_IO_BLOCKING(Servers.VERTX, "/io/blocking", IoBlockingSimulation.class),
  FASTAPI_ASYNC_SYNC(FastApi.SERVER, "/async/http/sync", EndpointSimulation.class),
  NIMA_IO(Servers.NIMA, "/io", IoSimulation.class),
  VERTX_IO_OFFLOADED(Servers.VERTX, "/io/offloaded", IoOffloadedSimulation.class),
  NIMA_IO_BLOCKING(Servers.NIMA, "/io/blocking", IoBlockingSimulation.class),
  BLOCKING_IO_BLOCKING(Servers.BLOCKING, "/io/blocking", IoBlockingSimulation.class),
  NIMA_IO_PINNED(Servers.NIMA, "/io/pinned", EndpointSimulation.class);

  public final String server;
  public final String endpoint;
  final Class<? extends Simulation> simulation;

  Row(String server, String endpoint, Class<? extends Simulation> simulation) {
    this.server = server;
    this.endpoint = endpoint;
    this.simulation = simulation;
  }

  /** {@code vertx-io-blocking}. */
  public String id() {
    return server + endpoint.replace('/', '-');
  }

  /** {@code vertx /io/blocking}. */
  public String title() {
    return server + " " + endpoint;
  }

  public boolean isFastApi() {
    return server.equals(FastApi.SERVER);
  }

  /** The rows of this project's own servers. */
  public static List<Row> ours() {
    return Arrays.stream(values()).filter(row -> !row.isFastApi()).toList();
  }

  public static Row of(String id) {
    return Arrays.stream(values())
        .filter(row -> row.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("There is no row '" + id + "'."));
  }
}
