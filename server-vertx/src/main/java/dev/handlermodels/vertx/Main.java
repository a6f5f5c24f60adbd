package dev.handlermodels.vertx;

import dev.handlermodels.api.launch.Launcher;

/** {@code ./serve vertx} */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Launcher.main(args, Server::service, Server::start);
  }
}
