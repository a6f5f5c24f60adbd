package dev.handlermodels.blocking.http;

import dev.handlermodels.api.work.EventStream;
import java.io.IOException;

/** Writes the events of one stream to its client. */
@FunctionalInterface
public interface EventWriter {
  /**
   * Waits on the calling thread until the kernel has taken the event.
   *
   * @throws IOException when the client has gone
   */
  void write(byte[] event) throws IOException;

  /** What a handler does with a stream that is open. */
  @FunctionalInterface
  interface Loop {
    void run(EventStream events, EventWriter out) throws IOException;
  }
}
