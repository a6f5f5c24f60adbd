package dev.handlermodels.api.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.TaskState;
import dev.handlermodels.api.settings.TaskSettings;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.upstream.UpstreamException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class TaskQueueTest {
  private static final int WORKERS = 2;
  private static final int QUEUED = 2;
  private static final int BYTES = 1000;
  private static final int KEPT = 4;
  private static final int TTL_MS = 5000;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong nanos = new AtomicLong();
  private final TaskQueue queue =
      new TaskQueue(
          "vertx",
          new TaskSettings(TaskSettings.Store.MEMORY, WORKERS, QUEUED, BYTES, KEPT, TTL_MS, 10_000),
          registry,
          nanos::get);

  /** Upstream calls that stand before the gate, and those that may pass it. */
  private final Semaphore arrived = new Semaphore(0);

  private final Semaphore mayPass = new Semaphore(0);

  /** That came to the gate last. */
  private volatile Thread worker;

  TaskQueueTest() {
    queue.callsBy(this::call);
  }

  private UpstreamAnswer call(int waitMs) {
    worker = Thread.currentThread();
    arrived.release();
    mayPass.acquireUninterruptibly();
    if (waitMs == 13) {
      throw UpstreamException.timeout(waitMs);
    }
    return new UpstreamAnswer(new Results.Upstream(waitMs), Thread.currentThread());
  }

  @AfterEach
  void stop() {
    queue.close();
    mayPass.release(1000);
  }

  @Test
  void a_task_is_queued_runs_and_is_done() {
    String id = submit(1).task().id();
    arrived.acquireUninterruptibly();
    assertThat(queue.get(id).state()).isEqualTo(TaskState.RUNNING);
    assertThat(queue.get(id).worker()).startsWith("task-worker-");
    assertThat(queue.get(id).tookMs()).isNull();

    nanos.addAndGet(7_000_000);
    mayPass.release();
    Results.Task done = awaitEnd(id);

    assertThat(done.state()).isEqualTo(TaskState.DONE);
    assertThat(done.tookMs()).isEqualTo(7.0);
    assertThat(done.result().upstream().waitedMs()).isEqualTo(1);
    assertThat(done.problem()).isNull();
  }

  @Test
  void a_task_that_fails_says_with_which_problem() {
    String id = submit(13).task().id();
    mayPass.release();
    Results.Task failed = awaitEnd(id);
    assertThat(failed.state()).isEqualTo(TaskState.FAILED);
    assertThat(failed.problem().status()).isEqualTo(504);
    assertThat(failed.result()).isNull();
    assertThat(registry.counter("tasks.ended", "state", "failed").count()).isEqualTo(1);
  }

  @Test
  void two_workers_and_a_queue_of_two_take_four_tasks_and_refuse_the_fifth() {
    List<String> ids = fill();
    assertThat(gauge("tasks.running")).isEqualTo(2);
    assertThat(gauge("tasks.queued")).isEqualTo(2);

    ProblemException refused = catchThrowableOfType(ProblemException.class, () -> submit(1));
    assertThat(refused.problem().status()).isEqualTo(503);
    assertThat(refused.headers()).containsKey("Retry-After");
    assertThat(registry.counter("tasks.refused").count()).isEqualTo(1);

    mayPass.release(4);
    ids.forEach(this::awaitEnd);
    assertThat(submit(1).status()).isEqualTo(202);
  }

  @Test
  void unfinished_bodies_have_a_bound_in_bytes_too_and_finished_ones_do_not_count() {
    TaskRequest large = new TaskRequest(1, "x", BYTES - 10, "hash", null);
    String id = queue.submit(large).task().id();
    assertThat(gauge("tasks.unfinished.bytes")).isEqualTo(BYTES - 10);
    assertThat(
            catchThrowableOfType(
                    ProblemException.class,
                    () -> queue.submit(new TaskRequest(1, "x", 11, "hash", null)))
                .problem()
                .status())
        .isEqualTo(503);
    String small = queue.submit(new TaskRequest(1, "x", 10, "hash", null)).task().id();

    mayPass.release(2);
    awaitEnd(id);
    awaitEnd(small);
    assertThat(gauge("tasks.unfinished.bytes")).isZero();
    assertThat(queue.submit(large).status()).isEqualTo(202);
  }

  @Test
  void a_task_refused_is_not_remembered_by_its_key() {
    List<String> ids = fill();
    TaskRequest keyed = keyed("k", "a");
    assertThat(catchThrowableOfType(ProblemException.class, () -> queue.submit(keyed))).isNotNull();
    mayPass.release(4);
    ids.forEach(this::awaitEnd);
    assertThat(queue.submit(keyed).status()).isEqualTo(202);
  }

  @Test
  void the_same_key_and_body_get_the_same_task_even_where_the_queue_is_full() {
    TaskQueue.Accepted first = queue.submit(keyed("k", "a"));
    fill(3);
    TaskQueue.Accepted second = queue.submit(keyed("k", "a"));
    assertThat(first.status()).isEqualTo(202);
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.location())
        .isEqualTo(first.location())
        .isEqualTo("/tasks/" + first.task().id());
    assertThat(queue.list(100).tasks()).hasSize(4);
  }

  @Test
  void the_same_key_with_another_body_is_refused() {
    queue.submit(keyed("k", "a"));
    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> queue.submit(keyed("k", "b")));
    assertThat(refused.problem().status()).isEqualTo(422);
    assertThat(queue.list(100).tasks()).hasSize(1);
  }

  @Test
  void ended_tasks_are_kept_by_number_the_first_to_end_goes_first() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < KEPT + 2; i++) {
      ids.add(done("key" + i));
    }
    assertThat(queue.list(100).tasks())
        .extracting(Results.Task::id)
        .containsExactly(ids.get(5), ids.get(4), ids.get(3), ids.get(2));
    assertThat(status(ids.get(1))).isEqualTo(404);
    assertThat(gauge("tasks.kept")).isEqualTo(KEPT);
  }

  @Test
  void ended_tasks_are_kept_for_a_time_and_their_keys_no_longer() {
    String id = done("k");
    nanos.addAndGet(TTL_MS * 1_000_000L - 1);
    assertThat(queue.submit(keyed("k", "a")).status()).isEqualTo(200);
    nanos.addAndGet(1);
    assertThat(status(id)).isEqualTo(404);
    assertThat(queue.list(1).tasks()).isEmpty();
    assertThat(queue.submit(keyed("k", "b")).status()).isEqualTo(202);
  }

  @Test
  void a_task_that_has_not_ended_is_kept_however_long_it_takes() {
    String id = submit(1).task().id();
    nanos.addAndGet(TTL_MS * 2_000_000L);
    assertThat(queue.get(id).state().isFinal()).isFalse();
  }

  @Test
  void a_list_has_an_end_and_begins_with_the_task_accepted_last() {
    List<String> ids = fill();
    Results.Tasks two = queue.list(2);
    assertThat(two.tasks()).extracting(Results.Task::id).containsExactly(ids.get(3), ids.get(2));
    assertThat(two.running()).isEqualTo(2);
    assertThat(two.queued()).isEqualTo(2);
  }

  @Test
  void what_is_not_finished_at_the_end_is_abandoned_and_nothing_more_is_accepted() {
    String done = done("k");
    List<String> ids = fill(3);
    assertThat(queue.unfinished()).isEqualTo(3);

    queue.close();

    assertThat(queue.unfinished()).isZero();
    assertThat(queue.get(done).state()).isEqualTo(TaskState.DONE);
    assertThat(registry.counter("tasks.ended", "state", "abandoned").count()).isEqualTo(3);
    assertThat(queue.list(100).tasks())
        .filteredOn(task -> task.state() == TaskState.ABANDONED)
        .extracting(Results.Task::id)
        .containsExactlyInAnyOrderElementsOf(ids);
    assertThat(catchThrowableOfType(ProblemException.class, () -> submit(1)).problem().status())
        .isEqualTo(503);
  }

  @Test
  void an_answer_that_comes_too_late_changes_nothing() throws InterruptedException {
    String id = submit(1).task().id();
    arrived.acquireUninterruptibly();
    queue.close();
    mayPass.release();
    worker.join();
    assertThat(queue.get(id).state()).isEqualTo(TaskState.ABANDONED);
    assertThat(queue.get(id).result()).isNull();
    assertThat(gauge("tasks.running")).isZero();
  }

  private TaskQueue.Accepted submit(int waitMs) {
    return queue.submit(new TaskRequest(waitMs, "x", 10, "hash", null));
  }

  private static TaskRequest keyed(String key, String hash) {
    return new TaskRequest(1, "x", 10, hash, key);
  }

  /** As many tasks as there is room for; returns when all workers are busy. */
  private List<String> fill() {
    return fill(WORKERS + QUEUED);
  }

  private List<String> fill(int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(submit(1).task().id());
    }
    arrived.acquireUninterruptibly(WORKERS);
    return ids;
  }

  /** A task that has come to its end. */
  private String done(String key) {
    String id = queue.submit(keyed(key, "a")).task().id();
    arrived.acquireUninterruptibly();
    mayPass.release();
    awaitEnd(id);
    return id;
  }

  private Results.Task awaitEnd(String id) {
    while (!queue.get(id).state().isFinal()) {
      Thread.yield();
    }
    return queue.get(id);
  }

  private int status(String id) {
    return catchThrowableOfType(ProblemException.class, () -> queue.get(id)).problem().status();
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }
}
