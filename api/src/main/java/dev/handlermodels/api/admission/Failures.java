package dev.handlermodels.api.admission;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.database.DatabaseException;
import dev.handlermodels.api.telemetry.RequestRecord;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.upstream.UpstreamException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Maps whatever a handler threw to the problem that the client is told, the same on all servers.
 */
public final class Failures {
  private static final Logger LOG = Logger.getLogger(Failures.class.getName());

  /** Each made once: a refusal has to cost next to nothing. */
  private static final ProblemException QUEUE_FULL =
      Problems.overloaded("all threads are busy, and their queue is full").exceeds(Limit.QUEUE);

  private static final ProblemException QUEUE_SLOW =
      Problems.overloaded("all threads are busy, and their queue is too slow")
          .exceeds(Limit.QUEUE_TIME);

  private Failures() {}

  /**
   * The problem for anything a handler threw. What is nobody's fault but ours is logged with its
   * stack trace and answered with a 500 that says nothing of it.
   *
   * @param span of the request, whose trace the log names
   */
  public static ProblemException of(Throwable thrown, ServerSpan span) {
    Throwable cause = unwrap(thrown);
    return switch (cause) {
      case ProblemException problem -> problem;
      case UpstreamException upstream -> upstream(upstream);
      case DatabaseException database -> database(database);
      case DelayBoundedPool.TooSlowException _ -> QUEUE_SLOW;
      case RejectedExecutionException _ -> QUEUE_FULL;
      case InterruptedException _ -> Problems.overloaded("this server is shutting down");
      default -> unexpected(cause, span);
    };
  }

  private static ProblemException upstream(UpstreamException failure) {
    return switch (failure.kind()) {
      case TIMEOUT -> Problems.upstreamTimeout(failure.getMessage());
      case NOT_ASKED -> Problems.upstreamUnavailable(failure.getMessage());
      case UNREACHABLE, LOST, BROKEN, BAD_ANSWER -> Problems.upstreamFailed(failure.getMessage());
    };
  }

  private static ProblemException database(DatabaseException failure) {
    return switch (failure.kind()) {
      case FULL -> Problems.databaseUnavailable(failure.getMessage()).exceeds(Limit.DATABASE_QUEUE);
      case ACQUIRE_TIMEOUT ->
          Problems.databaseUnavailable(failure.getMessage()).exceeds(Limit.DATABASE_ACQUIRE_TIME);
      case STATEMENT_TIMEOUT ->
          Problems.databaseTimeout(failure.getMessage()).exceeds(Limit.DATABASE_STATEMENT_TIME);
      case ABSENT, UNREACHABLE, LOST -> Problems.databaseUnavailable(failure.getMessage());
    };
  }

  private static ProblemException unexpected(Throwable cause, ServerSpan span) {
    RequestRecord record =
        new RequestRecord(Level.SEVERE, LOG.getName(), "a handler failed unexpectedly", span);
    record.setThrown(cause);
    LOG.log(record);
    return Problems.internal();
  }

  private static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
