package dev.handlermodels.worker;

import dev.handlermodels.api.admission.MemoryCosts;
import dev.handlermodels.api.launch.Framework;
import dev.handlermodels.api.launch.Launcher;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.settings.TaskSettings;
import dev.handlermodels.database.DatabaseCalls;
import dev.handlermodels.upstream.UpstreamCalls;
import java.io.IOException;

/** A server without a main listener: it works off tasks, and tells on its management listener. */
public final class Worker implements Launcher.Listener {
  /** There are no clients. */
  private static final MemoryCosts COSTS = new MemoryCosts(1, 1, 1, 1);

  private final UpstreamCalls upstream;
  private final DatabaseCalls database;

  private Worker(UpstreamCalls upstream, DatabaseCalls database) {
    this.upstream = upstream;
    this.database = database;
  }

  /**
   * @throws Settings.SettingsException where there are no tasks to share
   */
  public static Service service(Settings settings) {
    if (settings.tasks().store() != TaskSettings.Store.POSTGRES
        || settings.tasks().workers() == 0) {
      throw new Settings.SettingsException(
          "a worker needs TASK_STORE=postgres, DATABASE_URL, and TASK_WORKERS of at least 1");
    }
    return new Service("worker", "workers", settings, COSTS);
  }

  /**
   * Returns when it works.
   *
   * @throws IOException where no port is left for the simulated upstream
   */
  public static Worker start(Service service) throws IOException {
    DatabaseCalls database = DatabaseCalls.open(service);
    return new Worker(UpstreamCalls.open(service), database);
  }

  @Override
  public int port() {
    return NO_PORT;
  }

  @Override
  public Framework framework() {
    return new Framework("none", 0, false, 0, 0, false, null, null);
  }

  /** There is nobody to refuse. */
  @Override
  public void stopAccepting() {}

  @Override
  public void close() {
    upstream.close();
    database.close();
  }
}
