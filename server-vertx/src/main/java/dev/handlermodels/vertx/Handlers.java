package dev.handlermodels.vertx;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.FanOut;
import dev.handlermodels.api.MediaTypes;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.Race;
import dev.handlermodels.api.Steps;
import dev.handlermodels.api.chat.Member;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.work.Call;
import dev.handlermodels.api.work.Docs;
import dev.handlermodels.api.work.TaskRequest;
import dev.handlermodels.vertx.http.Exchange;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the event loop does for each endpoint. Run it: {@code ./serve vertx}, then {@code curl
 * 'localhost:8080/io?waitMs=1000'}.
 *
 * <p>Every method runs on an event loop and must return at once: nobody else is served before it
 * returns. So {@link #io} says what to do when the answer comes, with the ceiling users / wait.
 * {@link #ioBlocking} and {@link #ioPinned} wait, which is the anti-pattern: its ceiling, loops /
 * wait, holds for all on that loop. {@link #ioOffloaded} repairs it: workers / wait. Likewise
 * {@link #cpuInline} computes on the loop, and {@link #cpu} on the CPU workers. {@code
 * HandlerModelTest}, {@code FrozenLoopTest} and {@code CpuTest} prove each of these sentences.
 */
final class Handlers {
  private final Service service;
  private final UpstreamClient upstream;
  private final DatabaseClient database;
  private final LoopSteps steps;
  private final Vertx vertx;

  Handlers(Service service, UpstreamClient upstream, DatabaseClient database, Vertx vertx) {
    this.service = service;
    this.upstream = upstream;
    this.database = database;
    this.steps = new LoopSteps(upstream, database, service.cpu(), vertx);
    this.vertx = vertx;
  }

  void root(Exchange exchange) {
    Call call = service.call(Endpoint.ROOT);
    Query.none(exchange.query());
    exchange.json(call.root());
  }

  void io(Exchange exchange) {
    Call call = service.call(Endpoint.IO);
    int waitMs = Query.waitMs(exchange.query());
    exchange.json(
        upstream.call(waitMs, exchange.cancellation()).map(answer -> call.io(waitMs, answer)));
  }

  void ioBlocking(Exchange exchange) {
    Call call = service.call(Endpoint.IO_BLOCKING);
    int waitMs = Query.waitMs(exchange.query());
    // The loop is blocked here, so it cannot see the client hang up either.
    exchange.json(call.io(waitMs, upstream.callBlocking(waitMs, exchange.cancellation())));
  }

  void ioPinned(Exchange exchange) {
    Call call = service.call(Endpoint.IO_PINNED);
    int waitMs = Query.waitMs(exchange.query());
    exchange.json(call.io(waitMs, upstream.callPinned(waitMs, exchange.cancellation())));
  }

  void ioOffloaded(Exchange exchange) {
    Call call = service.call(Endpoint.IO_OFFLOADED);
    int waitMs = Query.waitMs(exchange.query());
    exchange.json(
        upstream
            .callOffloaded(waitMs, exchange.cancellation())
            .map(answer -> call.io(waitMs, answer)));
  }

  void file(Exchange exchange) {
    Call call = service.call(Endpoint.FILE);
    Query.none(exchange.query());
    exchange.json(vertx.executeBlocking(service::readDataFile, false).map(call::file));
  }

  void fileBlocking(Exchange exchange) throws IOException {
    Call call = service.call(Endpoint.FILE_BLOCKING);
    Query.none(exchange.query());
    exchange.json(call.file(service.readDataFile())); // the loop is blocked here, if briefly
  }

  void cpu(Exchange exchange) {
    Call call = service.call(Endpoint.CPU);
    int work = Query.work(exchange.query());
    exchange.json(steps.compute(work).map(done -> call.cpu(work, done)));
  }

  void cpuInline(Exchange exchange) {
    Call call = service.call(Endpoint.CPU_INLINE);
    int work = Query.work(exchange.query());
    exchange.json(call.cpu(work, service.cpu().inline(work))); // the loop does nothing else
  }

  void mixed(Exchange exchange) {
    Call call = service.call(Endpoint.MIXED);
    Query.Mixed asked = Query.mixed(exchange.query());
    exchange.json(
        upstream
            .call(asked.waitMs(), exchange.cancellation())
            .compose(
                answer ->
                    steps.compute(asked.work()).map(done -> call.mixed(asked, answer, done))));
  }

  void steps(Exchange exchange) {
    Call call = service.call(Endpoint.STEPS);
    Steps asked = Query.steps(exchange.query());
    exchange.json(steps.run(asked, exchange.cancellation()).map(_ -> call.steps(asked)));
  }

  void fanout(Exchange exchange) {
    Call call = service.call(Endpoint.FANOUT);
    FanOut asked = service.fanOut(exchange.query());
    exchange.reserveCalls(asked.concurrency());
    exchange.json(
        upstream.fanOut(asked, exchange.cancellation()).map(tally -> call.fanOut(asked, tally)));
  }

  void aggregate(Exchange exchange) {
    Call call = service.call(Endpoint.AGGREGATE);
    Aggregate asked =
        Query.aggregate(Endpoint.AGGREGATE.parameter(exchange.path()), exchange.query());
    exchange.json(
        upstream
            .aggregate(asked, exchange.cancellation())
            .map(gathered -> call.aggregate(asked, gathered)));
  }

  void db(Exchange exchange) {
    Call call = service.call(Endpoint.DB);
    Query.Rows asked = Query.rows(exchange.query());
    exchange.json(
        database.rows(asked, exchange.cancellation()).map(answer -> call.rows(asked, answer)));
  }

  void dbBlocking(Exchange exchange) {
    Call call = service.call(Endpoint.DB_BLOCKING);
    Query.Rows asked = Query.rows(exchange.query());
    // The loop waits for a connection and for the rows, and serves nobody meanwhile.
    exchange.json(call.rows(asked, database.rowsBlocking(asked, exchange.cancellation())));
  }

  void dbOffloaded(Exchange exchange) {
    Call call = service.call(Endpoint.DB_OFFLOADED);
    Query.Rows asked = Query.rows(exchange.query());
    exchange.json(
        database
            .rowsOffloaded(asked, exchange.cancellation())
            .map(answer -> call.rows(asked, answer)));
  }

  void dbIncrement(Exchange exchange) {
    Call call = service.call(Endpoint.DB_INCREMENT);
    Query.none(exchange.query());
    exchange.body(); // says nothing, but has to be read
    exchange.json(database.increment(exchange.cancellation()).map(call::counter));
  }

  void submitTask(Exchange exchange) {
    Query.none(exchange.query());
    TaskRequest task =
        TaskRequest.of(exchange.body(), exchange.contentType(), exchange.idempotencyKeys());
    exchange.accepted(stored(exchange, () -> service.tasks().submit(task)));
  }

  void task(Exchange exchange) {
    Query.none(exchange.query());
    String id = Endpoint.TASK.parameter(exchange.path());
    exchange.json(stored(exchange, () -> service.tasks().get(id)));
  }

  void tasks(Exchange exchange) {
    int limit = Query.tasksListed(exchange.query());
    exchange.json(stored(exchange, () -> service.tasks().list(limit)));
  }

  void stream(Exchange exchange) {
    exchange.stream(
        Query.stream(exchange.query()),
        (events, out) -> {
          if (!events.isOver() && out.hasRoom()) {
            // No thread waits. The loop calls this again when there is room and an event is due.
            out.write(events.next()).onSuccess(_ -> out.callAgain(events.waitMs()));
          }
        });
  }

  void chat(Exchange exchange) {
    Query.Chat asked = Query.chat(Endpoint.CHAT.parameter(exchange.path()), exchange.query());
    exchange.chat(
        asked, Member::say); // the loop reads and writes for everybody, and waits for none
  }

  void race(Exchange exchange) {
    Call call = service.call(Endpoint.RACE);
    Race race = Query.race(exchange.query());
    exchange.reserveCalls(race.tasks());
    exchange.json(LoopRace.run(race, vertx).map(_ -> call.race(race)));
  }

  void echo(Exchange exchange) {
    Call call = service.call(Endpoint.ECHO);
    Query.none(exchange.query());
    byte[] body = exchange.body();
    exchange.content(MediaTypes.echoed(exchange.contentType()), call.headers(), body);
  }

  void openApi(Exchange exchange) {
    Query.none(exchange.query());
    exchange.content(MediaTypes.YAML, Map.of(), service.openApi());
  }

  void docs(Exchange exchange) {
    Query.none(exchange.query());
    exchange.file(Docs.file(exchange.path()));
  }

  void play(Exchange exchange) {
    exchange.file(service.play().file(exchange.path(), Query.playedWith(exchange.query())));
  }

  void live(Exchange exchange) {
    exchange.json(service.live());
  }

  void ready(Exchange exchange) {
    exchange.json(service.ready());
  }

  /** Tasks in memory are asked here and now; for those in the database a worker waits. */
  private <T> Future<T> stored(Exchange exchange, Supplier<T> ask) {
    return service.tasks().waits()
        ? Future.fromCompletionStage(
            service.workers().submit(exchange.cancellation(), ask), vertx.getOrCreateContext())
        : Future.future(result -> result.complete(ask.get()));
  }
}
