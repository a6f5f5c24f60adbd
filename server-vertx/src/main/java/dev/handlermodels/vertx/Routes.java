package dev.handlermodels.vertx;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.vertx.http.Dispatcher;
import io.vertx.core.Vertx;

/** The route table: which method of {@link Handlers} answers which endpoint. */
final class Routes {
  private Routes() {}

  static Dispatcher of(Service service, Vertx vertx, Handlers handlers) {
    return new Dispatcher(service, vertx)
        .get(Endpoint.ROOT_PATH, handlers::root)
        .get(Endpoint.IO_PATH, handlers::io)
        .get(Endpoint.IO_BLOCKING_PATH, handlers::ioBlocking)
        .get(Endpoint.IO_PINNED_PATH, handlers::ioPinned)
        .get(Endpoint.IO_OFFLOADED_PATH, handlers::ioOffloaded)
        .get(Endpoint.FILE_PATH, handlers::file)
        .get(Endpoint.FILE_BLOCKING_PATH, handlers::fileBlocking)
        .get(Endpoint.CPU_PATH, handlers::cpu)
        .get(Endpoint.CPU_INLINE_PATH, handlers::cpuInline)
        .get(Endpoint.MIXED_PATH, handlers::mixed)
        .get(Endpoint.STEPS_PATH, handlers::steps)
        .get(Endpoint.FANOUT_PATH, handlers::fanout)
        .get(Endpoint.AGGREGATE_PATH, handlers::aggregate)
        .get(Endpoint.DB_PATH, handlers::db)
        .get(Endpoint.DB_BLOCKING_PATH, handlers::dbBlocking)
        .get(Endpoint.DB_OFFLOADED_PATH, handlers::dbOffloaded)
        .post(Endpoint.DB_INCREMENT_PATH, handlers::dbIncrement)
        .post(Endpoint.TASKS_PATH, handlers::submitTask)
        .get(Endpoint.TASK_PATH, handlers::task)
        .get(Endpoint.TASKS_PATH, handlers::tasks)
        .get(Endpoint.STREAM_PATH, handlers::stream)
        .get(Endpoint.CHAT_PATH, handlers::chat)
        .get(Endpoint.RACE_PATH, handlers::race)
        .post(Endpoint.ECHO_PATH, handlers::echo)
        .get(Endpoint.OPENAPI_PATH, handlers::openApi)
        .get(Endpoint.DOCS_PATH, handlers::docs)
        .get(Endpoint.DOCS_FILE_PATH, handlers::docs)
        .get(Endpoint.PLAY_PATH, handlers::play)
        .get(Endpoint.PLAY_FILE_PATH, handlers::play)
        .get(Endpoint.LIVE_PATH, handlers::live)
        .get(Endpoint.READY_PATH, handlers::ready);
  }
}
