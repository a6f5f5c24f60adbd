package dev.handlermodels.nima;

import dev.handlermodels.api.launch.Launcher;

/** {@code ./serve nima} */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Launcher.main(args, Server::service, Server::start);
  }
}
