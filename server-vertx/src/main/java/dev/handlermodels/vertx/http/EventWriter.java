package dev.handlermodels.vertx.http;

import dev.handlermodels.api.work.EventStream;
import io.vertx.core.Future;

/** Writes the events of one stream to its client, on the event loop. Nothing here waits. */
public interface EventWriter {
  /** False while a slow reader has not taken what was written before, or is not there any more. */
  boolean hasRoom();

  /**
   * Hands an event to the socket.
   *
   * @return completed when there is room for another; never after the last event
   */
  Future<Void> write(byte[] event);

  /**
   * Runs the stream's {@link Loop} again, in a turn of its own, so that others have theirs between
   * two events.
   *
   * @param waitMs 0 for the next turn of the loop
   */
  void callAgain(long waitMs);

  /** What a handler does with a stream that is open, each time when an event may be due. */
  @FunctionalInterface
  interface Loop {
    void run(EventStream events, EventWriter out);
  }
}
