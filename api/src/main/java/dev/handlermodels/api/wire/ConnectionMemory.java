package dev.handlermodels.api.wire;

/**
 * What connections take of the memory that is set aside for clients. Nothing here waits, and any
 * thread may ask.
 */
public interface ConnectionMemory {
  /** A connection begins. Returns false where there is no room for it. */
  boolean connects();

  /** A connection that had room has ended. */
  void disconnects();

  /**
   * More bytes of a connection are held: a part of a head, the head of a request that is in flight,
   * requests behind it.
   *
   * @param total what this connection holds then; little has room where more has none
   * @return false where there is no room; then nothing has been taken
   */
  boolean holds(long bytes, long total);

  /** So many of these bytes are no longer held. */
  void releases(long bytes);
}
