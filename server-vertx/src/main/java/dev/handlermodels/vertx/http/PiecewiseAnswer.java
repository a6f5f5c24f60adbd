package dev.handlermodels.vertx.http;

import dev.handlermodels.api.Limits;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/**
 * Sends a long answer in pieces, as the client takes them. Netty copies what is written out of the
 * heap, so an answer written at once would be held a second time for as long as the client takes.
 */
final class PiecewiseAnswer {
  private final HttpServerResponse response;
  private final Buffer content;
  private final Promise<Void> sent = Promise.promise();
  private int from;

  private PiecewiseAnswer(HttpServerResponse response, Buffer content) {
    this.response = response;
    this.content = content;
  }

  /**
   * @return completed when all of it is written
   */
  static Future<Void> send(HttpServerResponse response, Buffer content) {
    if (content.length() <= Limits.PIECE_BYTES) {
      return response.end(content);
    }
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.length()));
    response.setWriteQueueMaxSize(Limits.PIECE_BYTES);
    PiecewiseAnswer answer = new PiecewiseAnswer(response, content);
    answer.writeWhileThereIsRoom();
    return answer.sent.future();
  }

  private void writeWhileThereIsRoom() {
    while (content.length() - from > Limits.PIECE_BYTES && !response.writeQueueFull()) {
      response.write(next(Limits.PIECE_BYTES));
    }
    int left = content.length() - from;
    if (left > Limits.PIECE_BYTES) {
      response.drainHandler(_ -> writeWhileThereIsRoom());
    } else if (left > 0) { // Vert.x may tell once more that there is room
      response.end(next(left)).onComplete(sent);
    }
  }

  private Buffer next(int bytes) {
    from += bytes;
    return content.slice(from - bytes, from);
  }
}
