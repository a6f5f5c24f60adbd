package dev.handlermodels.vertx.wire;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.threadchecker.BlockedThreadEvent;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that an event loop is blocked: where it stands once, and then one line a second
 * for as long as it lasts. Vert.x would write the whole stack at each of its looks, which is 1,400
 * lines for a loop that is blocked for 10 s. Many short blocks in a row share one stack, too.
 */
public final class BlockedLoops implements Handler<BlockedThreadEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(BlockedLoops.class);
  private static final long STACK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** A second, less half of the time between two looks. */
  private static final long LINE_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(750);

  private final Map<Thread, Said> said = new WeakHashMap<>();
  private final LongSupplier clockNanos;

  /** What the log says of a thread already. */
  private static final class Said {
    private long seenNanos;
    private long lineNanos;
    private long stackNanos;
  }

  BlockedLoops(LongSupplier clockNanos) {
    this.clockNanos = clockNanos;
  }

  /** To be called before a loop runs. */
  public static void watch(Vertx vertx) {
    ((VertxInternal) vertx)
        .blockedThreadChecker()
        .setThreadBlockedHandler(new BlockedLoops(System::nanoTime));
  }

  /** Vert.x calls this on the one thread of its checker, for each thread that is blocked. */
  @Override
  public void handle(BlockedThreadEvent event) {
    long now = clockNanos.getAsLong();
    Said before = said.get(event.thread());
    if (before == null || isAnotherBlock(event, before, now)) {
      Said first = before == null ? new Said() : before;
      said.put(event.thread(), first);
      first.stackNanos = now;
      first.lineNanos = now;
      LOG.warn(message(event), stack(event.thread()));
    } else if (now - before.lineNanos >= LINE_EVERY_NANOS) {
      before.lineNanos = now;
      LOG.warn(message(event));
    }
    said.get(event.thread()).seenNanos = now;
  }

  /** Another than the one whose stack stands in the log, and not one of many in a row. */
  private static boolean isAnotherBlock(BlockedThreadEvent event, Said before, long now) {
    return now - event.duration() - before.seenNanos > 0
        && now - before.stackNanos >= STACK_EVERY_NANOS;
  }

  private static String message(BlockedThreadEvent event) {
    return "Thread "
        + event.thread().getName()
        + " has been blocked for "
        + TimeUnit.NANOSECONDS.toMillis(event.duration())
        + " ms, time limit is "
        + TimeUnit.NANOSECONDS.toMillis(event.maxExecTime())
        + " ms";
  }

  private static VertxException stack(Thread thread) {
    VertxException stack = new VertxException("Thread blocked");
    stack.setStackTrace(thread.getStackTrace());
    return stack;
  }
}
