package dev.handlermodels.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class NativeFrameTest {
  private static final ScopedValue<String> CONTEXT = ScopedValue.newInstance();
  private static final ThreadLocal<String> LOCAL = new ThreadLocal<>();

  /** On a virtual thread, as a request of server-nima is. */
  private static void onVirtualThread(Runnable test) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.submit(test).get();
    }
  }

  @Test
  void the_task_runs_once_on_the_callers_thread_with_its_context() throws Exception {
    onVirtualThread(
        () -> {
          AtomicInteger runs = new AtomicInteger();
          Thread caller = Thread.currentThread();
          LOCAL.set("local");
          String seen =
              ScopedValue.where(CONTEXT, "scoped")
                  .call(
                      () ->
                          NativeFrame.beneath(
                              () -> {
                                runs.incrementAndGet();
                                assertThat(Thread.currentThread()).isSameAs(caller);
                                return CONTEXT.get() + " " + LOCAL.get();
                              }));
          assertThat(seen).isEqualTo("scoped local");
          assertThat(runs).hasValue(1);
          assertThat(CONTEXT.isBound()).isFalse();
        });
  }

  @Test
  void native_code_is_beneath_the_task() {
    List<String> frames =
        NativeFrame.beneath(
            () ->
                StackWalker.getInstance()
                    .walk(all -> all.map(StackWalker.StackFrame::getMethodName).toList()));
    assertThat(frames).containsSubsequence("compare", "sortTwo", "beneath");
  }

  @Test
  void whatever_the_task_throws_reaches_the_caller_and_not_the_native_code() throws Exception {
    onVirtualThread(
        () -> {
          for (Throwable failure :
              List.of(new IllegalStateException("late"), new StackOverflowError("deep"))) {
            assertThatThrownBy(
                    () ->
                        NativeFrame.beneath(
                            () -> {
                              if (failure instanceof Error e) {
                                throw e;
                              }
                              throw (RuntimeException) failure;
                            }))
                .isSameAs(failure);
          }
        });
  }

  /** The JVM survives, because the overflow is caught within the upcall. */
  @Test
  void a_task_that_really_overflows_the_stack_fails_alone() throws Exception {
    onVirtualThread(
        () ->
            assertThatThrownBy(() -> NativeFrame.beneath(NativeFrameTest::endless))
                .isInstanceOf(StackOverflowError.class));
    assertThat(NativeFrame.beneath(() -> "well again")).isEqualTo("well again");
  }

  private static Integer endless() {
    return 1 + endless();
  }

  @Test
  void tasks_may_be_nested_and_each_has_its_own_result() {
    String outer =
        NativeFrame.beneath(() -> "outer " + NativeFrame.<String>beneath(() -> "inner") + " end");
    assertThat(outer).isEqualTo("outer inner end");
  }

  @Test
  void many_at_once_do_not_mix() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      CountDownLatch all = new CountDownLatch(8);
      List<Future<Integer>> results = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int number = i;
        results.add(
            threads.submit(
                () ->
                    NativeFrame.beneath(
                        () -> {
                          all.countDown();
                          await(all);
                          return number;
                        })));
      }
      for (int i = 0; i < 8; i++) {
        assertThat(results.get(i).get()).isEqualTo(i);
      }
    }
  }

  @Test
  void an_interrupt_ends_the_wait_and_is_still_set_outside() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    List<Boolean> interrupted = new ArrayList<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  NativeFrame.beneath(
                      () -> {
                        inside.countDown();
                        while (!Thread.currentThread().isInterrupted()) {
                          LockSupport.park();
                        }
                        return null;
                      });
                  interrupted.add(Thread.currentThread().isInterrupted());
                });
    inside.await();
    thread.interrupt();
    thread.join();
    assertThat(interrupted).containsExactly(true);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
