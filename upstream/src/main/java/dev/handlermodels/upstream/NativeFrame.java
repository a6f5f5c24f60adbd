package dev.handlermodels.upstream;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.Supplier;

/**
 * Runs a task with a frame of native code beneath it on the stack: C's {@code qsort} calls back to
 * Java, and the task runs in that upcall.
 *
 * <p>A virtual thread that waits there cannot leave its carrier, because the JVM cannot move a
 * native frame to the heap. It is <em>pinned</em>: the carrier waits with it. The ceiling is
 * carriers / wait. On a platform thread this is an ordinary call. {@code NativeFrameTest} proves
 * what holds inside the task, {@code PinnedIT} what becomes of a server.
 */
final class NativeFrame {
  /** Two equal elements: the fewest that are compared. */
  private static final long ELEMENTS = 2;

  private static final ScopedValue<Upcall<?>> UPCALL = ScopedValue.newInstance();
  private static final MethodHandle QSORT;

  /** One for the process. Which task it runs, the calling thread knows by {@link #UPCALL}. */
  private static final MemorySegment COMPARATOR;

  static {
    Linker linker = Linker.nativeLinker();
    QSORT = qsort(linker);
    COMPARATOR = comparator(linker);
  }

  private NativeFrame() {}

  @SuppressWarnings("restricted") // the jars' manifest allows it: Enable-Native-Access
  private static MethodHandle qsort(Linker linker) {
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("qsort"),
        FunctionDescriptor.ofVoid(
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS));
  }

  @SuppressWarnings("restricted")
  private static MemorySegment comparator(Linker linker) {
    try {
      MethodHandle compare =
          MethodHandles.lookup()
              .findStatic(
                  NativeFrame.class,
                  "compare",
                  MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
      FunctionDescriptor signature =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
      return linker.upcallStub(compare, signature, Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Runs the task once, on the calling thread, and returns when it has ended.
   *
   * @throws RuntimeException or Error, whatever the task threw
   */
  static <T> T beneath(Supplier<T> task) {
    Upcall<T> upcall = new Upcall<>(task);
    ScopedValue.where(UPCALL, upcall).run(NativeFrame::sortTwo);
    return upcall.result();
  }

  private static void sortTwo() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment elements = arena.allocate(ValueLayout.JAVA_INT, ELEMENTS);
      QSORT.invokeExact(elements, ELEMENTS, ValueLayout.JAVA_INT.byteSize(), COMPARATOR);
    } catch (Throwable e) { // a method handle declares it; what the task throws stays in its upcall
      throw new IllegalStateException("qsort cannot be called", e);
    }
  }

  /** Called by qsort. An exception that left this method would end the JVM. */
  private static int compare(MemorySegment left, MemorySegment right) {
    try {
      UPCALL.get().run();
    } catch (Throwable _) {
      // What the task throws, its upcall keeps; where there is none, beneath() notices.
    }
    return 0;
  }

  /** One task and what came of it; carried past the native frame by hand. */
  private static final class Upcall<T> implements Runnable {
    private final Supplier<T> task;
    private boolean ran;
    private T result;
    private Throwable failure;

    Upcall(Supplier<T> task) {
      this.task = task;
    }

    /** A C library may compare the same two elements as often as it likes: once is run. */
    @Override
    public void run() {
      if (ran) {
        return;
      }
      ran = true;
      try {
        result = task.get();
      } catch (Throwable e) {
        failure = e;
      }
    }

    T result() {
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      if (!ran) {
        throw new IllegalStateException("qsort compared nothing");
      }
      return result;
    }
  }
}
