package dev.handlermodels.vertx;

import dev.handlermodels.api.Race;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The tasks of a race on one event loop. */
final class LoopRace {
  private LoopRace() {}

  /** Made safe, a task begins when the one before it has ended. */
  static Future<?> run(Race race, Vertx vertx) {
    List<Future<Void>> tasks = new ArrayList<>();
    Future<Void> turn = Future.succeededFuture();
    for (int task = 0; task < race.tasks(); task++) {
      turn = race.safe() ? turn.compose(_ -> raise(race, vertx)) : raise(race, vertx);
      tasks.add(turn);
    }
    return Future.all(tasks);
  }

  /** One thread runs all tasks, but other tasks run between a task's read and its write. */
  private static Future<Void> raise(Race race, Vertx vertx) {
    int seen = race.read();
    return vertx.timer(Race.SUSPEND_MS, TimeUnit.MILLISECONDS).onSuccess(_ -> race.write(seen + 1));
  }
}
