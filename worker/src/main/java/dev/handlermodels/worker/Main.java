package dev.handlermodels.worker;

import dev.handlermodels.api.launch.Launcher;

/** {@code ./serve worker} */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Launcher.main(args, Worker::service, Worker::start);
  }
}
