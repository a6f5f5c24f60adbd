package dev.handlermodels.blocking;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.FanOut;
import dev.handlermodels.api.MediaTypes;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.Race;
import dev.handlermodels.api.Steps;
import dev.handlermodels.api.admission.Workers;
import dev.handlermodels.api.chat.Member;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.work.Call;
import dev.handlermodels.api.work.Docs;
import dev.handlermodels.api.work.TaskRequest;
import dev.handlermodels.blocking.http.Exchange;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;

/**
 * What a fixed pool does for each endpoint. Run it: {@code ./serve blocking}, then {@code curl
 * 'localhost:8080/io?waitMs=1000'}.
 *
 * <p>Every method runs on a thread of the pool and keeps it until it returns. So {@link #io},
 * {@link #ioBlocking} and {@link #ioPinned} are the same call, with the ceiling pool / wait: user
 * number pool + 1 waits in the queue. {@link #ioOffloaded} blocks two threads for one call, with
 * the ceiling of the smaller pool. A pool thread may compute as well as wait, so {@link #cpu} and
 * {@link #cpuInline} are the same; the operating system shares the processors out. {@code
 * HandlerModelTest} and {@code CpuTest} prove each of these sentences.
 */
final class Handlers {
  private final Service service;
  private final UpstreamClient upstream;
  private final DatabaseClient database;

  Handlers(Service service, UpstreamClient upstream, DatabaseClient database) {
    this.service = service;
    this.upstream = upstream;
    this.database = database;
  }

  void root(Exchange exchange) {
    Call call = service.call(Endpoint.ROOT);
    Query.none(exchange.query());
    exchange.json(call.root());
  }

  void io(Exchange exchange) {
    Call call = service.call(Endpoint.IO);
    int waitMs = Query.waitMs(exchange.query());
    exchange.json(call.io(waitMs, upstream.call(waitMs, exchange.cancellation())));
  }

  void ioBlocking(Exchange exchange) {
    Call call = service.call(Endpoint.IO_BLOCKING);
    int waitMs = Query.waitMs(exchange.query());
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
    exchange.json(call.io(waitMs, upstream.callOffloaded(waitMs, exchange.cancellation())));
  }

  void file(Exchange exchange) throws IOException {
    Call call = service.call(Endpoint.FILE);
    Query.none(exchange.query());
    exchange.json(call.file(service.readDataFile()));
  }

  void fileBlocking(Exchange exchange) throws IOException {
    Call call = service.call(Endpoint.FILE_BLOCKING);
    Query.none(exchange.query());
    exchange.json(call.file(service.readDataFile()));
  }

  void cpu(Exchange exchange) {
    Call call = service.call(Endpoint.CPU);
    int work = Query.work(exchange.query());
    exchange.json(call.cpu(work, service.cpu().inline(work)));
  }

  void cpuInline(Exchange exchange) {
    Call call = service.call(Endpoint.CPU_INLINE);
    int work = Query.work(exchange.query());
    exchange.json(call.cpu(work, service.cpu().inline(work)));
  }

  void mixed(Exchange exchange) {
    Call call = service.call(Endpoint.MIXED);
    Query.Mixed asked = Query.mixed(exchange.query());
    UpstreamAnswer answer = upstream.call(asked.waitMs(), exchange.cancellation());
    exchange.json(call.mixed(asked, answer, service.cpu().inline(asked.work())));
  }

  void steps(Exchange exchange) {
    Call call = service.call(Endpoint.STEPS);
    Steps asked = Query.steps(exchange.query());
    for (Steps.Step step : asked.all()) {
      switch (step.kind()) {
        case CALL -> upstream.call(step.amount(), exchange.cancellation());
        case SQL -> database.rows(step.rows(), exchange.cancellation());
        case CPU -> service.cpu().inline(step.amount());
      }
    }
    exchange.json(call.steps(asked));
  }

  void fanout(Exchange exchange) {
    Call call = service.call(Endpoint.FANOUT);
    FanOut asked = service.fanOut(exchange.query());
    exchange.reserveCalls(asked.concurrency());
    exchange.json(call.fanOut(asked, upstream.fanOut(asked, exchange.cancellation())));
  }

  void aggregate(Exchange exchange) {
    Call call = service.call(Endpoint.AGGREGATE);
    String user = Endpoint.AGGREGATE.parameter(exchange.path());
    Aggregate asked = Query.aggregate(user, exchange.query());
    exchange.json(call.aggregate(asked, upstream.aggregate(asked, exchange.cancellation())));
  }

  void db(Exchange exchange) {
    Call call = service.call(Endpoint.DB);
    Query.Rows asked = Query.rows(exchange.query());
    exchange.json(call.rows(asked, database.rows(asked, exchange.cancellation())));
  }

  void dbBlocking(Exchange exchange) {
    Call call = service.call(Endpoint.DB_BLOCKING);
    Query.Rows asked = Query.rows(exchange.query());
    exchange.json(call.rows(asked, database.rowsBlocking(asked, exchange.cancellation())));
  }

  void dbOffloaded(Exchange exchange) {
    Call call = service.call(Endpoint.DB_OFFLOADED);
    Query.Rows asked = Query.rows(exchange.query());
    exchange.json(call.rows(asked, database.rowsOffloaded(asked, exchange.cancellation())));
  }

  void dbIncrement(Exchange exchange) {
    Call call = service.call(Endpoint.DB_INCREMENT);
    Query.none(exchange.query());
    exchange.body(); // says nothing, but has to be read
    exchange.json(call.counter(database.increment(exchange.cancellation())));
  }

  void submitTask(Exchange exchange) {
    Query.none(exchange.query());
    TaskRequest task =
        TaskRequest.of(exchange.body(), exchange.contentType(), exchange.idempotencyKeys());
    exchange.accepted(service.tasks().submit(task));
  }

  void task(Exchange exchange) {
    Query.none(exchange.query());
    exchange.json(service.tasks().get(Endpoint.TASK.parameter(exchange.path())));
  }

  void tasks(Exchange exchange) {
    exchange.json(service.tasks().list(Query.tasksListed(exchange.query())));
  }

  void stream(Exchange exchange) {
    exchange.stream(
        Query.stream(exchange.query()),
        (events, out) -> {
          while (!events.isOver()) {
            events.awaitDue(); // the pool thread waits here and does nothing else meanwhile
            out.write(events.next()); // and here, for a slow reader
          }
        });
  }

  void chat(Exchange exchange) {
    Query.Chat asked = Query.chat(Endpoint.CHAT.parameter(exchange.path()), exchange.query());
    exchange.chat(asked, Member::say); // a pool thread for each message, or one for each client
  }

  void race(Exchange exchange) throws InterruptedException {
    Call call = service.call(Endpoint.RACE);
    Race race = Query.race(exchange.query());
    exchange.reserveCalls(race.tasks());
    try (ExecutorService threads = Workers.bounded("racer", Race.POOL_THREADS, race.tasks())) {
      race.runOn(threads, service.census()::around);
    }
    exchange.json(call.race(race));
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
}
