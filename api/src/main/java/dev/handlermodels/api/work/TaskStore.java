package dev.handlermodels.api.work;

import dev.handlermodels.api.Results;
import dev.handlermodels.api.admission.Drainable;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import java.util.function.IntFunction;

/**
 * Where accepted tasks are kept until they are done, and then their results: in memory or in the
 * database, by TASK_STORE. The same in all three servers, whose handlers only submit and ask.
 */
public interface TaskStore extends AutoCloseable, Drainable {
  /**
   * An accepted task.
   *
   * @param status 202 where it is new, 200 where its Idempotency-Key was known
   */
  record Accepted(int status, String location, Results.Task task) {}

  /** To be called before the first task: how a worker calls the upstream. */
  void callsBy(IntFunction<UpstreamAnswer> blockingCall);

  /** Whether the next three wait for a database, so that an event loop must not call them. */
  boolean waits();

  /**
   * Accepts a task. The same Idempotency-Key and body get the same task, for as long as it is kept.
   *
   * @throws dev.handlermodels.api.ProblemException 503 where the queue is full, 422 where the key
   *     was used with another body
   */
  Accepted submit(TaskRequest request);

  /**
   * @throws dev.handlermodels.api.ProblemException 404 where there is no such task, or not any more
   */
  Results.Task get(String id);

  /** So many tasks at most, the one accepted last comes first. */
  Results.Tasks list(int limit);

  /** From now on no further task is begun here, where others can do it as well. */
  void drain();

  @Override
  void close();
}
