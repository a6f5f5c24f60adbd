package dev.handlermodels.blocking.wire;

import java.util.concurrent.RejectedExecutionException;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/**
 * Closes a connection whose client has left between two requests, on a worker thread. An I/O thread
 * that closes a connection looks at all its other connections each time (XNIO 3.8,
 * WorkerThread.cancelKey): thousands of clients that leave together would block it for seconds.
 */
final class IdleClose {
  private final StreamConnection socket;
  private boolean begun;

  IdleClose(StreamConnection socket) {
    this.socket = socket;
  }

  /** To be called on the I/O thread; only the first call counts. */
  void begin() {
    if (!begun) {
      begun = true;
      socket.getIoThread().execute(this::stopReadingAndClose); // after the current read
    }
  }

  private void stopReadingAndClose() {
    socket.getSourceChannel().suspendReads();
    try {
      socket.getWorker().execute(() -> IoUtils.safeClose(socket));
    } catch (RejectedExecutionException _) {
      IoUtils.safeClose(socket); // the server is shutting down
    }
  }
}
