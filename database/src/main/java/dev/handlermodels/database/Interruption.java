package dev.handlermodels.database;

/**
 * Interrupts the thread that made it, but not beyond its end: what the thread does next must not be
 * hit. For waits that can be ended in no other way.
 */
final class Interruption implements AutoCloseable {
  private final Thread thread = Thread.currentThread();
  private boolean interrupted;
  private boolean over;

  synchronized void now() {
    if (!over) {
      interrupted = true;
      thread.interrupt();
    }
  }

  /** An interrupt of somebody else's stays. */
  @Override
  public synchronized void close() {
    over = true;
    if (interrupted) {
      Thread.interrupted();
    }
  }
}
