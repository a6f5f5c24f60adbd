package dev.handlermodels.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Which waits keep a virtual thread on its carrier, as docs/choosing.md lists them: those that JDK
 * 24 set free (JEP 491), and those that are left. The scheduler counts the mounted threads: while a
 * thread waits there is one where it is pinned, and none otherwise.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class PinningCausesTest {
  private static final VirtualThreadSchedulerMXBean SCHEDULER =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Of readings in a row: a thread that only passes is not mounted in all of them. */
  private static final int LOOKS = 50;

  private final Object monitor = new Object();
  private volatile boolean mayEnd;

  private void waitUntilTheTestHasLooked() {
    while (!mayEnd) {
      LockSupport.park();
    }
  }

  @FunctionalInterface
  private interface Waiting {
    void run() throws Exception;
  }

  /** How many virtual threads are mounted while this one waits. */
  private int mountedWhile(Waiting waiting) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              waiting.run();
              return null;
            });
    Thread thread = Thread.ofVirtual().start(task);
    try {
      await(() -> thread.getState() == Thread.State.WAITING || task.isDone());
      if (task.isDone()) {
        task.get();
      }
      return steadilyMounted();
    } finally {
      mayEnd = true;
      LockSupport.unpark(thread);
      synchronized (monitor) {
        monitor.notifyAll();
      }
      end(task);
    }
  }

  /** The number that so many readings in a row agree on. */
  private static int steadilyMounted() {
    long until = System.nanoTime() + PATIENCE_NANOS;
    int mounted = SCHEDULER.getMountedVirtualThreadCount();
    int agreed = 0;
    while (agreed < LOOKS) {
      assertThat(System.nanoTime()).as("the count does not come to rest").isLessThan(until);
      LockSupport.parkNanos(LOOK_NANOS);
      int now = SCHEDULER.getMountedVirtualThreadCount();
      agreed = now == mounted ? agreed + 1 : 0;
      mounted = now;
    }
    return mounted;
  }

  private static void await(BooleanSupplier fact) {
    long until = System.nanoTime() + PATIENCE_NANOS;
    while (!fact.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the thread does not wait").isLessThan(until);
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static void end(FutureTask<Void> task) throws InterruptedException {
    try {
      task.get();
    } catch (ExecutionException e) {
      throw new AssertionError("the thread failed", e.getCause());
    }
  }

  @Test
  void free_a_plain_wait() throws Exception {
    assertThat(mountedWhile(this::waitUntilTheTestHasLooked)).isZero();
  }

  @Test
  void free_since_JDK_24_a_wait_inside_synchronized() throws Exception {
    Object lock = new Object();
    int mounted =
        mountedWhile(
            () -> {
              synchronized (lock) {
                waitUntilTheTestHasLooked();
              }
            });
    assertThat(mounted).isZero();
  }

  @Test
  void free_since_JDK_24_a_wait_to_enter_synchronized() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread owner =
        Thread.ofPlatform()
            .start(
                () -> {
                  synchronized (monitor) {
                    held.countDown();
                    uninterruptibly(release);
                  }
                });
    held.await();
    Thread blocked =
        Thread.ofVirtual()
            .start(
                () -> {
                  synchronized (monitor) {
                    mayEnd = true;
                  }
                });
    await(() -> blocked.getState() == Thread.State.BLOCKED);
    assertThat(steadilyMounted()).isZero();
    release.countDown();
    blocked.join();
    owner.join();
    assertThat(mayEnd).isTrue();
  }

  @Test
  void free_since_JDK_24_Object_wait() throws Exception {
    int mounted =
        mountedWhile(
            () -> {
              synchronized (monitor) {
                while (!mayEnd) {
                  monitor.wait();
                }
              }
            });
    assertThat(mounted).isZero();
  }

  @Test
  void pinned_a_wait_with_native_code_beneath_it() throws Exception {
    int mounted =
        mountedWhile(
            () ->
                NativeFrame.beneath(
                    () -> {
                      waitUntilTheTestHasLooked();
                      return null;
                    }));
    assertThat(mounted).isOne();
  }

  /** Each JVM initializes a class once, so each test has its own. */
  private static volatile PinningCausesTest current;

  private static final class WaitsWhileItIsInitialized {
    static {
      current.waitUntilTheTestHasLooked();
    }

    static void touch() {}
  }

  @Test
  void pinned_a_wait_in_a_class_initializer() throws Exception {
    current = this;
    assertThat(mountedWhile(WaitsWhileItIsInitialized::touch)).isOne();
  }

  private static final class IsInitializedByAnother {
    static {
      current.waitUntilTheTestHasLooked();
    }

    static void touch() {}
  }

  /** Two are mounted: the one that initializes the class, and the one that waits for it. */
  @Test
  void pinned_a_wait_for_a_class_that_another_thread_initializes() throws Exception {
    current = this;
    CountDownLatch arrives = new CountDownLatch(1);
    FutureTask<Void> second =
        new FutureTask<>(
            () -> {
              arrives.countDown();
              IsInitializedByAnother.touch();
              return null;
            });
    int mounted =
        mountedWhile(
            () -> IsInitializedByAnother.touch(),
            () -> {
              Thread.ofVirtual().start(second);
              uninterruptibly(arrives);
            });
    assertThat(mounted).isEqualTo(2);
    end(second);
  }

  private int mountedWhile(Waiting waiting, Waiting then) throws Exception {
    Thread thread = Thread.ofVirtual().unstarted(() -> run(waiting));
    thread.start();
    try {
      await(() -> thread.getState() == Thread.State.WAITING);
      then.run();
      return steadilyMounted();
    } finally {
      mayEnd = true;
      LockSupport.unpark(thread);
      thread.join();
    }
  }

  private static void run(Waiting waiting) {
    try {
      waiting.run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A loader that waits while it is asked for a class. */
  private final class SlowLoader extends ClassLoader {
    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      waitUntilTheTestHasLooked();
      throw new ClassNotFoundException(name);
    }
  }

  /** The JVM itself asks the loader here, so its native code is beneath the wait. */
  @Test
  void pinned_a_wait_in_a_class_loader_that_the_JVM_asks() throws Exception {
    int mounted =
        mountedWhile(
            () -> {
              try {
                Class.forName("no.such.Type", true, new SlowLoader());
              } catch (ClassNotFoundException _) {
                // It was asked, which is all that matters.
              }
            });
    assertThat(mounted).isOne();
  }

  private static void uninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
