package dev.handlermodels.contracttests;

import dev.handlermodels.api.launch.Instance;
import dev.handlermodels.api.launch.Launcher;
import dev.handlermodels.api.settings.Settings;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The three servers. Each supplies who it is and how it starts, and nothing else. */
enum Model {
  VERTX(dev.handlermodels.vertx.Server::service, dev.handlermodels.vertx.Server::start),
  NIMA(dev.handlermodels.nima.Server::service, dev.handlermodels.nima.Server::start),
  BLOCKING(dev.handlermodels.blocking.Server::service, dev.handlermodels.blocking.Server::start);

  private final Launcher.ServiceFactory services;
  private final Launcher.Starter starter;

  Model(Launcher.ServiceFactory services, Launcher.Starter starter) {
    this.services = services;
    this.starter = starter;
  }

  /** Starts the server on free ports. */
  Running start(URI upstream, Map<String, String> settings) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("PORT", "0");
    environment.put("MANAGEMENT_PORT", "0");
    environment.put("UPSTREAM_URL", upstream.toString());
    Instance instance =
        Launcher.start(services.apply(Settings.fromEnvironment(environment)), starter);
    return new Running(instance);
  }

  /** The kind of the thread that runs this server's handlers, as its results name it. */
  String handlerThreadKind() {
    return switch (this) {
      case VERTX -> "event-loop";
      case NIMA -> "virtual";
      case BLOCKING -> "platform";
    };
  }

  /** The short name, as {@code ./serve} takes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
