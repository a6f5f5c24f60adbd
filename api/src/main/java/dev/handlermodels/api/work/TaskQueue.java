package dev.handlermodels.api.work;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.TaskState;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.admission.Workers;
import dev.handlermodels.api.settings.TaskSettings;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ExecutorServiceMetrics;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that outlives its request: accepted at once, done by a fixed number of workers, and asked
 * for later. The same in all three servers, whose handlers only submit and answer; nothing here
 * waits for longer than it takes to change a few fields, so an event loop may call it.
 *
 * <p>Bounded in tasks that wait, in bytes, and in finished tasks by number and by time. An accepted
 * task ends as done, as failed or, where the server had to end first, as abandoned.
 */
public final class TaskQueue implements TaskStore {
  private static final double NANOS_PER_MS = 1e6;
  private static final ProblemException FULL =
      Problems.overloaded("the workers are busy and their queue of tasks is full")
          .exceeds(Limit.TASK_QUEUE);
  private static final ProblemException TOO_MANY_BYTES =
      Problems.overloaded("the tasks that wait have too many bytes together")
          .exceeds(Limit.TASK_QUEUE_BYTES);

  private final String server;
  private final TaskSettings settings;
  private final MeterRegistry registry;
  private final Counter refused;
  private final LongSupplier nanoTime;
  private final ThreadPoolExecutor workers;
  private volatile IntFunction<UpstreamAnswer> upstream;

  /** Guards all that follows and the fields of each task. */
  private final ReentrantLock lock = new ReentrantLock();

  /** In the order of their acceptance. */
  private final SequencedMap<String, Task> byId = new LinkedHashMap<>();

  private final Map<String, Task> byKey = new HashMap<>();

  /** In the order of their end. */
  private final Deque<Task> ended = new ArrayDeque<>();

  private int running;
  private long unfinishedBytes;
  private boolean closed;

  public TaskQueue(String server, TaskSettings settings, MeterRegistry registry) {
    this(server, settings, registry, System::nanoTime);
  }

  public TaskQueue(
      String server, TaskSettings settings, MeterRegistry registry, LongSupplier nanoTime) {
    this.server = server;
    this.settings = settings;
    this.registry = registry;
    this.nanoTime = nanoTime;
    this.workers = Workers.bounded("task-worker", settings.workers(), settings.queueSize());
    new ExecutorServiceMetrics(workers, "task-worker", List.of()).bindTo(registry);
    this.refused =
        Counter.builder("tasks.refused")
            .description("tasks refused with 503 because the queue was full")
            .register(registry);
    registry.gauge("tasks.queued", this, TaskQueue::queued);
    registry.gauge("tasks.running", this, TaskQueue::running);
    registry.gauge("tasks.unfinished.bytes", this, TaskQueue::unfinishedBytes);
    registry.gauge("tasks.kept", this, TaskQueue::kept);
  }

  @Override
  public void callsBy(IntFunction<UpstreamAnswer> blockingCall) {
    upstream = blockingCall;
  }

  /** Nothing here waits. */
  @Override
  public boolean waits() {
    return false;
  }

  @Override
  public Accepted submit(TaskRequest request) {
    lock.lock();
    try {
      forgetOld();
      Task known = request.key() == null ? null : byKey.get(request.key());
      if (known == null) {
        return accepted(202, accept(new Task(request)));
      }
      if (!known.bodyHash.equals(request.bodyHash())) {
        throw Problems.idempotencyKeyReused();
      }
      return accepted(200, known);
    } finally {
      lock.unlock();
    }
  }

  private static Accepted accepted(int status, Task task) {
    return new Accepted(status, Endpoint.TASK.path(task.id), task.view());
  }

  private Task accept(Task task) {
    if (closed) {
      throw Problems.overloaded("this server is shutting down");
    }
    if (unfinishedBytes + task.bytes > settings.queueBytes()) {
      refused.increment();
      throw TOO_MANY_BYTES;
    }
    try {
      workers.execute(task);
    } catch (RejectedExecutionException _) {
      refused.increment();
      throw FULL;
    }
    unfinishedBytes += task.bytes;
    byId.put(task.id, task);
    if (task.key != null) {
      byKey.put(task.key, task);
    }
    return task;
  }

  @Override
  public Results.Task get(String id) {
    lock.lock();
    try {
      forgetOld();
      Task task = byId.get(id);
      if (task == null) {
        throw Problems.taskNotFound(id);
      }
      return task.view();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Results.Tasks list(int limit) {
    lock.lock();
    try {
      forgetOld();
      return new Results.Tasks(
          server,
          queued(),
          running,
          ended.size(),
          byId.sequencedValues().reversed().stream().limit(limit).map(Task::view).toList());
    } finally {
      lock.unlock();
    }
  }

  private void forgetOld() {
    long ttlNanos = TimeUnit.MILLISECONDS.toNanos(settings.resultTtlMs());
    long now = nanoTime.getAsLong();
    while (!ended.isEmpty()
        && (ended.size() > settings.resultsKept() || now - ended.getFirst().endNanos >= ttlNanos)) {
      Task old = ended.removeFirst();
      byId.remove(old.id);
      byKey.remove(old.key);
    }
  }

  private int queued() {
    return workers.getQueue().size();
  }

  private int running() {
    return locked(() -> running);
  }

  private long unfinishedBytes() {
    return locked(() -> unfinishedBytes);
  }

  private int kept() {
    return locked(ended::size);
  }

  @Override
  public String what() {
    return "tasks";
  }

  /** Those accepted and neither done nor failed. */
  @Override
  public int unfinished() {
    return locked(() -> byId.size() - ended.size());
  }

  private <T> T locked(Supplier<T> value) {
    lock.lock();
    try {
      return value.get();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody else could do what is queued here, so it is done. */
  @Override
  public void drain() {}

  /** What is not finished by now never will be, and is named in the log, each and all. */
  @Override
  public void close() {
    List<Results.Task> lost = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      for (Task task : byId.values()) {
        if (!task.state.isFinal()) {
          lost.add(task.view());
          task.end(TaskState.ABANDONED);
        }
      }
    } finally {
      lock.unlock();
    }
    workers.shutdownNow();
    lost.forEach(
        task -> log().warn("task {} is abandoned, it was {}", task.id(), task.state().label()));
    if (!lost.isEmpty()) {
      log().warn("{} accepted tasks are abandoned", lost.size());
    }
  }

  /** Not a constant: logging is configured by main, after this class may have been loaded. */
  private static Logger log() {
    return LoggerFactory.getLogger(TaskQueue.class);
  }

  /** One task. What changes is guarded by the queue's lock. */
  private final class Task implements Runnable {
    private final String id = UUID.randomUUID().toString();
    private final Instant acceptedAt = Instant.now();
    private final long acceptNanos = nanoTime.getAsLong();
    private final String key;
    private final String bodyHash;
    private final int bytes;

    /** Null once it has ended: kept are results, not bodies. */
    private TaskRequest request;

    private TaskState state = TaskState.QUEUED;
    private String worker;
    private long startNanos;
    private long endNanos;
    private Results.TaskResult result;
    private Problem problem;

    Task(TaskRequest request) {
      this.request = request;
      this.key = request.key();
      this.bodyHash = request.bodyHash();
      this.bytes = request.bytes();
    }

    @Override
    public void run() {
      TaskRequest work = start();
      if (work == null) {
        return;
      }
      try {
        Results.Upstream answer =
            work.waitMs() == null ? null : upstream.apply(work.waitMs()).body();
        Results.TaskResult made = new Results.TaskResult(work.textHash(), answer);
        finish(TaskState.DONE, made, null);
      } catch (Throwable e) {
        finish(TaskState.FAILED, null, Failures.of(e, ServerSpan.NONE).problem());
      }
    }

    /** Null where it was abandoned in the meantime. */
    private TaskRequest start() {
      lock.lock();
      try {
        if (state != TaskState.QUEUED) {
          return null;
        }
        state = TaskState.RUNNING;
        running++;
        startNanos = nanoTime.getAsLong();
        worker = Thread.currentThread().getName();
        return request;
      } finally {
        lock.unlock();
      }
    }

    private void finish(TaskState how, Results.TaskResult made, Problem why) {
      lock.lock();
      try {
        if (state == TaskState.RUNNING) {
          result = made;
          problem = why;
          end(how);
          forgetOld();
        }
      } finally {
        lock.unlock();
      }
    }

    private void end(TaskState how) {
      if (state == TaskState.RUNNING) {
        running--;
      }
      state = how;
      endNanos = nanoTime.getAsLong();
      request = null;
      unfinishedBytes -= bytes;
      ended.addLast(this);
      registry.counter("tasks.ended", "state", how.label()).increment();
    }

    Results.Task view() {
      return new Results.Task(
          server,
          id,
          state,
          acceptedAt.toString(),
          worker,
          worker == null ? null : (startNanos - acceptNanos) / NANOS_PER_MS,
          worker == null || !state.isFinal() ? null : (endNanos - startNanos) / NANOS_PER_MS,
          result,
          problem);
    }
  }
}
