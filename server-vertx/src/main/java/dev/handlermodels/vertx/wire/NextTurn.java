package dev.handlermodels.vertx.wire;

import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;

/**
 * What an event loop does after it has looked at its sockets once more. Netty 4.2 runs what is only
 * executed on a loop before that, for up to a second ({@code
 * io.netty.eventLoop.maxTaskProcessingQuantumMs}). So a task that executes itself again and again
 * would keep all other connections waiting; one that takes its next turn here does not.
 */
public final class NextTurn {
  private NextTurn() {}

  /** Runs a task in the next turn of the context's loop, on the context. */
  public static void run(Context context, Runnable task) {
    run(((ContextInternal) context).nettyEventLoop(), () -> context.runOnContext(_ -> task.run()));
  }

  static void run(EventExecutor loop, Runnable task) {
    loop.schedule(task, 0, TimeUnit.NANOSECONDS);
  }
}
