package dev.handlermodels.blocking.wire;

import dev.handlermodels.api.launch.Service;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.channels.AcceptingChannel;

/**
 * The listener: accepts no faster than the I/O threads take up, and goes on when file descriptors
 * have run out. XNIO hands over 128 connections in each turn of the thread that accepts, however
 * many the I/O threads have not looked at. It tries again after 0.25, 1, 4, 16 and then each 30 s,
 * and nothing but an accepted connection shortens that. This one tries four times a second, tells
 * readiness while nobody can connect, and notices a listener that is lost. It rests on internals of
 * the pinned version of XNIO.
 */
public final class AcceptWatch implements AutoCloseable {
  private static final int PERIOD_MS = 250;

  /** Connections that are handed over before the I/O threads look at their sockets again. */
  private static final int AT_ONCE = 8;

  /** A thread of XNIO looks at its sockets before it runs what is to run after a time. */
  private static final int PAUSE_MS = 1;

  /** Before it closes; more than the kernel holds by default, which is 4096. */
  private static final int LAST = 5120;

  /** A thread that accepts is never busy for so long. */
  private static final int CLOSE_MS = 1000;

  /** XNIO logs a stack trace where a turn to accept comes after the listener was closed. */
  private static final Logger XNIO = Logger.getLogger("org.xnio.listener");

  static {
    XNIO.setFilter(logged -> !(logged.getThrown() instanceof ClosedChannelException));
  }

  private final Service service;
  private final AcceptingChannel<?> listener;
  private final ChannelListener<StreamConnection> accepted;
  private final Object handle;
  private final Field backsOff;
  private final Field backOffTime;
  private final XnioIoThread thread;
  private final XnioExecutor.Key looks;
  private boolean accepts = true;
  private volatile boolean closed;

  private AcceptWatch(
      Service service, AcceptingChannel<?> queue, ChannelListener<StreamConnection> accepted)
      throws ReflectiveOperationException {
    this.service = service;
    this.accepted = accepted;
    // What XNIO returns queues the connections that this one accepts.
    this.listener =
        (AcceptingChannel<?>) Internals.field(queue.getClass(), "realServer").get(queue);
    // One handle: connections are accepted on a thread of their own.
    this.handle = Array.get(Internals.field(listener.getClass(), "handles").get(listener), 0);
    this.backsOff = Internals.field(handle.getClass(), "backOff");
    this.backOffTime = Internals.field(handle.getClass(), "backOffTime");
    this.thread =
        (XnioIoThread)
            Internals.method(handle.getClass().getSuperclass(), "getWorkerThread").invoke(handle);
    this.looks = thread.executeAtInterval(this::look, PERIOD_MS, TimeUnit.MILLISECONDS);
  }

  /**
   * Accepts until {@link #close}.
   *
   * @param queue what XNIO has made for this address, and nobody has used
   * @param accepted gets each connection, on its I/O thread
   */
  public static AcceptWatch begin(
      Service service, AcceptingChannel<?> queue, ChannelListener<StreamConnection> accepted) {
    try {
      AcceptWatch watch = new AcceptWatch(service, queue, accepted);
      watch.listener.getAcceptSetter().set(_ -> watch.acceptAndPause());
      watch.listener.resumeAccepts();
      return watch;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this version of XNIO is not known", e);
    }
  }

  public int port() {
    return listener.getLocalAddress(InetSocketAddress.class).getPort();
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
      accept(LAST);
    } finally {
      IoUtils.safeClose(listener);
    }
  }

  /** Runs on the thread that accepts. */
  private void acceptAndPause() {
    XnioIoThread last = accept(AT_ONCE);
    if (last != null) {
      listener.suspendAccepts();
      try {
        last.executeAfter(this::goOn, PAUSE_MS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException _) {
        // The server ends.
      }
    }
  }

  private void goOn() {
    if (!closed) {
      listener.resumeAccepts();
    }
  }

  /**
   * Hands over those who have come, so many at most.
   *
   * @return the thread that gets the last of them; null where nobody has come
   */
  private XnioIoThread accept(int most) {
    XnioIoThread last = null;
    try {
      for (int i = 0; i < most; i++) {
        StreamConnection connection = (StreamConnection) listener.accept();
        if (connection == null) {
          return last;
        }
        last = connection.getIoThread();
        handOver(last, connection);
      }
    } catch (IOException _) {
      // It is closed: look() says so.
    }
    return last;
  }

  private void handOver(XnioIoThread serving, StreamConnection connection) {
    try {
      serving.execute(() -> ChannelListeners.invokeChannelListener(connection, accepted));
    } catch (RejectedExecutionException _) { // the server ends
      IoUtils.safeClose(connection);
    }
  }
}
