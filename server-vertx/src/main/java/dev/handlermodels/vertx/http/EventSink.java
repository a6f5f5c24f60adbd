package dev.handlermodels.vertx.http;

import io.vertx.core.Future;

/** Takes the events of one stream, on the event loop of its connection. Nothing here waits. */
public interface EventSink {
  /** False while a slow reader has not taken what was written before, or is not there any more. */
  boolean hasRoom();

  /**
   * Hands an event to the socket.
   *
   * @return completed when there is room for another; never after the last event
   */
  Future<Void> write(byte[] event);

  /**
   * Has the stream's {@link EventWriter} called again, in a turn of its own, so that others have
   * theirs between two events.
   *
   * @param waitMs 0 for the next turn of the loop
   */
  void callAgain(long waitMs);
}
