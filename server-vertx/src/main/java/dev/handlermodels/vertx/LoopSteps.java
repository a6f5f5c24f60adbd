package dev.handlermodels.vertx;

import dev.handlermodels.api.Steps;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.work.CpuWork;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** Calls, queries and CPU work one after the other, for which no loop waits. */
record LoopSteps(UpstreamClient upstream, DatabaseClient database, CpuWork cpu, Vertx vertx) {
  /** Each step begins when the one before it has ended. */
  Future<Void> run(Steps steps, Cancellation cancellation) {
    Future<Void> turn = Future.succeededFuture();
    for (Steps.Step step : steps.all()) {
      turn = turn.compose(_ -> run(step, cancellation));
    }
    return turn;
  }

  private Future<Void> run(Steps.Step step, Cancellation cancellation) {
    return switch (step.kind()) {
      case CALL -> upstream.call(step.amount(), cancellation).mapEmpty();
      case SQL -> database.rows(step.rows(), cancellation).mapEmpty();
      case CPU -> compute(step.amount()).mapEmpty();
    };
  }

  /** A CPU worker computes; what comes of it comes back to this request's loop. */
  Future<CpuWork.Done> compute(int work) {
    return Future.fromCompletionStage(cpu.offloaded(work), vertx.getOrCreateContext());
  }
}
