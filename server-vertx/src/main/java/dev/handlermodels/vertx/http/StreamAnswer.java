package dev.handlermodels.vertx.http;

import dev.handlermodels.api.work.EventStream;
import dev.handlermodels.vertx.wire.NextTurn;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Consumer;

/** An answer of events. It ends when its last event is written, or when the client has gone. */
final class StreamAnswer implements EventWriter {
  private final Vertx vertx;
  private final HttpServerResponse response;
  private final Loop loop;
  private final Consumer<Future<Void>> ended;
  private EventStream events;

  /**
   * @param ended told when the end of the answer is written
   */
  StreamAnswer(Vertx vertx, HttpServerResponse response, Loop loop, Consumer<Future<Void>> ended) {
    this.vertx = vertx;
    this.response = response;
    this.loop = loop;
    this.ended = ended;
  }

  /** To be called once, before the first event. */
  void begin(EventStream opened) {
    events = opened;
    loop.run(events, this);
  }

  @Override
  public boolean hasRoom() {
    return !response.closed() && !response.writeQueueFull();
  }

  @Override
  public Future<Void> write(byte[] event) {
    response.write(Exchange.buffer(event));
    if (events.isOver()) {
      ended.accept(response.end());
      return Future.future(_ -> {}); // nothing comes after it
    }
    if (!response.writeQueueFull()) {
      return Future.succeededFuture();
    }
    Promise<Void> room = Promise.promise();
    response.drainHandler(_ -> room.complete());
    return room.future();
  }

  @Override
  public void callAgain(long waitMs) {
    if (waitMs == 0) {
      NextTurn.run(vertx.getOrCreateContext(), () -> loop.run(events, this));
    } else {
      vertx.setTimer(waitMs, _ -> loop.run(events, this));
    }
  }

  /** The same from another thread. */
  void callAgainOn(Context context) {
    context.runOnContext(_ -> loop.run(events, this));
  }
}
