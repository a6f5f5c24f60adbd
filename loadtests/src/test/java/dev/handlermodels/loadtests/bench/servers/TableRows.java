package dev.handlermodels.loadtests.bench.servers;

/** The rows of the project's own servers, for tests. */
public final class TableRows {
  public static final Row VERTX_IO = Servers.row("vertx", "/io");
  public static final Row VERTX_IO_BLOCKING = Servers.row("vertx", "/io/blocking");
  public static final Row VERTX_IO_OFFLOADED = Servers.row("vertx", "/io/offloaded");
  public static final Row NIMA_IO = Servers.row("nima", "/io");
  public static final Row NIMA_IO_BLOCKING = Servers.row("nima", "/io/blocking");
  public static final Row BLOCKING_IO = Servers.row("blocking", "/io");

  private TableRows() {}
}
