package dev.handlermodels.vertx;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.vertx.http.Exchange;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import java.util.EnumMap;
import java.util.Map;

/**
 * Which method of {@link Handlers} answers what. A router would match the path a second time:
 * {@link Endpoint} has done so when a request was admitted, and the rest is one look into this
 * table.
 */
final class Routes {
  private final Map<Endpoint, Handler<Exchange>> handlers = new EnumMap<>(Endpoint.class);

  private Routes() {}

  static Routes of(Handlers handlers) {
    return new Routes()
        .get(Endpoint.ROOT_PATH, handlers::root)
        .get(Endpoint.IO_PATH, handlers::io)
        .get(Endpoint.IO_BLOCKING_PATH, handlers::ioBlocking)
        .get(Endpoint.IO_OFFLOADED_PATH, handlers::ioOffloaded)
        .get(Endpoint.FILE_PATH, handlers::file)
        .get(Endpoint.FILE_BLOCKING_PATH, handlers::fileBlocking)
        .get(Endpoint.CPU_PATH, handlers::cpu)
        .get(Endpoint.CPU_INLINE_PATH, handlers::cpuInline)
        .get(Endpoint.MIXED_PATH, handlers::mixed)
        .get(Endpoint.FANOUT_PATH, handlers::fanout)
        .get(Endpoint.AGGREGATE_PATH, handlers::aggregate)
        .post(Endpoint.TASKS_PATH, handlers::submitTask)
        .get(Endpoint.TASK_PATH, handlers::task)
        .get(Endpoint.TASKS_PATH, handlers::tasks)
        .get(Endpoint.STREAM_PATH, handlers::stream)
        .get(Endpoint.RACE_PATH, handlers::race)
        .post(Endpoint.ECHO_PATH, handlers::echo)
        .get(Endpoint.OPENAPI_PATH, handlers::openApi)
        .get(Endpoint.DOCS_PATH, handlers::docs)
        .get(Endpoint.DOCS_FILE_PATH, handlers::docs)
        .get(Endpoint.LIVE_PATH, handlers::live)
        .get(Endpoint.READY_PATH, handlers::ready);
  }

  Handler<Exchange> to(Endpoint endpoint) {
    return handlers.get(endpoint);
  }

  private Routes get(String path, Handler<Exchange> handler) {
    return put(HttpMethod.GET, path, handler);
  }

  private Routes post(String path, Handler<Exchange> handler) {
    return put(HttpMethod.POST, path, handler);
  }

  private Routes put(HttpMethod method, String path, Handler<Exchange> handler) {
    for (Endpoint endpoint : Endpoint.values()) {
      if (endpoint.method().equals(method.name()) && endpoint.path().equals(path)) {
        handlers.put(endpoint, handler);
        return this;
      }
    }
    throw new IllegalArgumentException(path);
  }
}
