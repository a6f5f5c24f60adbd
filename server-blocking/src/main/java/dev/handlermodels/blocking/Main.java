package dev.handlermodels.blocking;

import dev.handlermodels.api.launch.Launcher;

/** {@code ./serve blocking} */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Launcher.main(args, Server::service, Server::start);
  }
}
