package dev.handlermodels.blocking.wire;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xnio.XnioIoThread;

/**
 * The turns of connections whose clients send requests ahead. An I/O thread of XNIO runs all that
 * is executed on it before it looks at its sockets, and so do those who wait here: each of them
 * executed again and again would keep all other connections waiting. Here some of them have a turn,
 * and then the thread looks at its sockets.
 */
public final class SentAhead {
  private static final int TURNS_AT_ONCE = 16;
  private static final long PAUSE_MS = 1;

  private final Map<XnioIoThread, Waiting> waiting = new ConcurrentHashMap<>();

  /** Runs the turn on this thread, after others who wait for theirs. */
  void add(XnioIoThread thread, Runnable turn) {
    waiting.computeIfAbsent(thread, Waiting::new).add(turn);
  }

  private static final class Waiting {
    private final XnioIoThread thread;
    private final Queue<Runnable> turns = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean planned = new AtomicBoolean();

    Waiting(XnioIoThread thread) {
      this.thread = thread;
    }

    void add(Runnable turn) {
      turns.add(turn);
      if (planned.compareAndSet(false, true)) {
        thread.execute(this::run);
      }
    }

    private void run() {
      for (int i = 0; i < TURNS_AT_ONCE; i++) {
        Runnable turn = turns.poll();
        if (turn == null) {
          break;
        }
        turn.run();
      }
      try {
        // Also where nobody waits: who has just had a turn may wait for the next one in a moment.
        thread.executeAfter(this::goOn, PAUSE_MS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException _) {
        // The server ends, and nothing is read any more.
      }
    }

    private void goOn() {
      if (!turns.isEmpty()) {
        run();
        return;
      }
      planned.set(false);
      if (!turns.isEmpty() && planned.compareAndSet(false, true)) { // added meanwhile
        run();
      }
    }
  }
}
