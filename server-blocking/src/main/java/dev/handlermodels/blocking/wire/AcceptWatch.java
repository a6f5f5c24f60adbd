package dev.handlermodels.blocking.wire;

import dev.handlermodels.api.launch.Service;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.channels.AcceptingChannel;

/**
 * Keeps the listener accepting when file descriptors run out. XNIO tries again after 0.25, 1, 4, 16
 * and then each 30 s, and nothing but an accepted connection shortens that. This watch makes it try
 * four times a second, tells readiness while nobody can connect, and notices a listener that is
 * lost. It rests on internals of the pinned version of XNIO.
 */
public final class AcceptWatch implements AutoCloseable {
  private static final int PERIOD_MS = 250;

  /** XNIO accepts 128 connections in a turn; so many turns are more than the kernel holds. */
  private static final int MOST_TURNS = 40;

  /** A thread that accepts is never busy for so long. */
  private static final int CLOSE_MS = 1000;

  /** XNIO logs a stack trace where a turn to accept comes after the listener was closed. */
  private static final Logger XNIO = Logger.getLogger("org.xnio.listener");

  static {
    XNIO.setFilter(logged -> !(logged.getThrown() instanceof ClosedChannelException));
  }

  private final Service service;
  private final AcceptingChannel<StreamConnection> listener;
  private final Object handle;
  private final Field backsOff;
  private final Field backOffTime;
  private final Method acceptSome;
  private final XnioIoThread thread;
  private final XnioExecutor.Key looks;
  private boolean accepts = true;
  private volatile boolean closed;

  private AcceptWatch(Service service, AcceptingChannel<StreamConnection> listener)
      throws ReflectiveOperationException {
    this.service = service;
    this.listener = listener;
    Object server = field(listener.getClass(), "realServer").get(listener);
    // One handle: connections are accepted on a thread of their own.
    this.handle = Array.get(field(server.getClass(), "handles").get(server), 0);
    this.backsOff = field(handle.getClass(), "backOff");
    this.backOffTime = field(handle.getClass(), "backOffTime");
    this.acceptSome = method(listener.getClass(), "handleReady");
    this.thread =
        (XnioIoThread) method(handle.getClass().getSuperclass(), "getWorkerThread").invoke(handle);
    this.looks = thread.executeAtInterval(this::look, PERIOD_MS, TimeUnit.MILLISECONDS);
  }

  /** Watches this listener until {@link #close}. */
  public static AcceptWatch of(Service service, AcceptingChannel<StreamConnection> listener) {
    try {
      return new AcceptWatch(service, listener);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this version of XNIO is not known", e);
    }
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private static Method method(Class<?> type, String name) throws NoSuchMethodException {
    Method method = type.getDeclaredMethod(name);
    method.setAccessible(true);
    return method;
  }

  /** Runs on the thread that accepts, so it sees the fields as they are. */
  private void look() {
    if (closed) {
      return;
    }
    if (!listener.isOpen()) {
      closed = true;
      service.listenerLost();
      return;
    }
    try {
      backOffTime.setInt(handle, 0);
      boolean acceptsNow = !backsOff.getBoolean(handle);
      if (acceptsNow != accepts) {
        accepts = acceptsNow;
        service.acceptsConnections(acceptsNow);
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Closes the listener, after all have been accepted who have connected by now: whom the kernel
   * has connected and nobody has accepted is reset otherwise.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    looks.remove();
    CompletableFuture.runAsync(this::acceptAndClose, thread)
        .completeOnTimeout(null, CLOSE_MS, TimeUnit.MILLISECONDS)
        .join();
    IoUtils.safeClose(listener);
  }

  private void acceptAndClose() {
    try {
      for (int i = 0; i < MOST_TURNS && listener.isOpen(); i++) {
        acceptSome.invoke(listener);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    } finally {
      IoUtils.safeClose(listener);
    }
  }
}
