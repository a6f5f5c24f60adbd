package dev.handlermodels.vertx.http;

import dev.handlermodels.api.work.EventStream;

/** Writes the next event of a stream. Called when the stream opens, and when an event is due. */
@FunctionalInterface
public interface EventWriter {
  void write(EventStream events, EventSink out);
}
