package dev.handlermodels.api.launch;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * SIGTERM, SIGINT (Ctrl-C) and SIGHUP: the first ends the process gracefully, a second one at once.
 *
 * <p>Not a shutdown hook: while hooks run the JVM ignores further signals, so that nobody could cut
 * a long drain short but by SIGKILL. {@code sun.misc.Signal} is exported by jdk.unsupported for
 * this purpose, but javac warns of it and offers no way not to; hence by reflection.
 */
final class Signals {
  private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

  /** What a shell reports of a process that a signal ended: this plus the signal's number. */
  private static final int EXIT_BY_SIGNAL = 128;

  private Signals() {}

  /**
   * @param end ends the process; run once, on a thread of its own
   */
  static void onFirst(Runnable end) {
    AtomicBoolean ending = new AtomicBoolean();
    for (String name : NAMES) {
      handle(
          name,
          number -> {
            if (ending.compareAndSet(false, true)) {
              // Handlers run on daemon threads, for which the JVM would not wait.
              Thread.ofPlatform().daemon(false).name("shutdown").start(end);
            } else {
              Runtime.getRuntime().halt(EXIT_BY_SIGNAL + number);
            }
          });
    }
  }

  /** The JVM calls each handler on a new thread, so that the second is not held up by the first. */
  private static void handle(String name, IntConsumer handler) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object signal = type.getConstructor(String.class).newInstance(name);
      int number = (int) type.getMethod("getNumber").invoke(signal);
      InvocationHandler call =
          (_, _, _) -> {
            handler.accept(number);
            return null;
          };
      type.getMethod("handle", type, handlerType)
          .invoke(
              null,
              signal,
              Proxy.newProxyInstance(
                  Signals.class.getClassLoader(), new Class<?>[] {handlerType}, call));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the JVM does not let SIG" + name + " be handled", e);
    }
  }
}
