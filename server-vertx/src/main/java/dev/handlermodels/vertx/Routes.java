package dev.handlermodels.vertx;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.TimeoutHandler;

/**
 * Which method of {@link Handlers} answers what. Where a path has a parameter it is a pattern: for
 * its own kind of parameter Vert.x would read the query as well, and fail with one that is wrong.
 */
final class Routes {
  private Routes() {}

  static Router of(Vertx vertx, Settings settings, Handlers handlers) {
    Router routes = Router.router(vertx);
    TimeoutHandler inTime = TimeoutHandler.create(settings.requestTimeoutMs(), 408);
    BodyReader body = new BodyReader();
    routes.route().handler(handlers::begin).failureHandler(handlers::fail);
    routes.get(Endpoint.ROOT_PATH).handler(handlers::root);
    routes.get(Endpoint.IO_PATH).handler(handlers::io);
    routes.get(Endpoint.IO_BLOCKING_PATH).handler(handlers::ioBlocking);
    routes.get(Endpoint.IO_OFFLOADED_PATH).handler(handlers::ioOffloaded);
    routes.get(Endpoint.FILE_PATH).handler(handlers::file);
    routes.get(Endpoint.FILE_BLOCKING_PATH).handler(handlers::fileBlocking);
    routes.get(Endpoint.CPU_PATH).handler(handlers::cpu);
    routes.get(Endpoint.CPU_INLINE_PATH).handler(handlers::cpuInline);
    routes.get(Endpoint.MIXED_PATH).handler(handlers::mixed);
    routes.get(Endpoint.FANOUT_PATH).handler(handlers::fanout);
    routes.getWithRegex(Endpoint.pattern(Endpoint.AGGREGATE_PATH)).handler(handlers::aggregate);
    routes.post(Endpoint.TASKS_PATH).handler(inTime).handler(body).handler(handlers::submitTask);
    routes.getWithRegex(Endpoint.pattern(Endpoint.TASK_PATH)).handler(handlers::task);
    routes.get(Endpoint.TASKS_PATH).handler(handlers::tasks);
    routes.get(Endpoint.STREAM_PATH).handler(handlers::stream);
    routes.get(Endpoint.RACE_PATH).handler(handlers::race);
    routes.post(Endpoint.ECHO_PATH).handler(inTime).handler(body).handler(handlers::echo);
    routes.get(Endpoint.OPENAPI_PATH).handler(handlers::openApi);
    routes.get(Endpoint.DOCS_PATH).handler(handlers::docs);
    routes.getWithRegex(Endpoint.pattern(Endpoint.DOCS_FILE_PATH)).handler(handlers::docs);
    routes.get(Endpoint.LIVE_PATH).handler(handlers::live);
    routes.get(Endpoint.READY_PATH).handler(handlers::ready);
    routes.errorHandler(500, handlers::fail);
    return routes;
  }
}
