package dev.handlermodels.api.chat;

/**
 * A member's end of its WebSocket, as its server writes to it. No method waits, and each may be
 * called on any thread.
 */
public interface Wire {
  /**
   * There is something to write: the wire takes it by {@link Member#next}, on whichever thread it
   * writes, until that gives null. It is not called again before.
   */
  void drain();

  /** Closes the connection when what was written has left. Both sides have said Close. */
  void end();

  /** Closes the connection at once, and the kernel forgets what the client has not taken. */
  void cut();
}
