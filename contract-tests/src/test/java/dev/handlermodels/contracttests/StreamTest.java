package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.admission.Drainable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A stream: its events, and that neither a slow, a dead nor a departed reader holds anything. */
@Rules
@AtOnce
@Tag("slow")
class StreamTest {
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  /** So often the same in a row, 2 ms apart, counts as standing still. */
  private static final int STILL = 100;

  private static final int HEARTBEAT_MS = 50;

  @Nested
  class Vertx extends Stream {
    Vertx() {
      super(Model.VERTX);
    }

    @Test
    void one_loop_carries_many_streams_and_others_beside_them() {
      assertManyBesideOthers(Map.of());
    }
  }

  @Nested
  class Nima extends Stream {
    Nima() {
      super(Model.NIMA);
    }

    @Test
    void virtual_threads_carry_many_streams_and_others_beside_them() {
      assertManyBesideOthers(Map.of());
    }
  }

  @Nested
  class Blocking extends Stream {
    Blocking() {
      super(Model.BLOCKING);
    }

    @Test
    void a_stream_holds_a_thread_of_the_pool_so_another_request_waits_for_its_end() {
      try (Running server = start(Map.of("POOL_SIZE", "1"));
          EventReader stream = EventReader.open(server, "/stream?items=2&everyMs=60000")) {
        assertThat(stream.next().name()).isEqualTo("item");
        CompletableFuture<Answer> other = server.main().start("/");
        server.awaitInFlight(2);
        assertThat(server.main().get("/health/live").status()).isEqualTo(200);
        assertThat(other).isNotDone();

        stream.leave();
        assertThat(Await.result(other).status()).isEqualTo(200);
      }
    }

    @Test
    void a_pool_as_large_as_the_number_of_streams_carries_them() {
      assertManyBesideOthers(Map.of("POOL_SIZE", "61"));
    }
  }

  abstract static class Stream extends ServerRules {
    Stream(Model model) {
      super(model);
    }

    /** Heartbeats so often that what they bound takes no longer. */
    Running start(Map<String, String> settings) {
      Map<String, String> all = new HashMap<>(settings);
      all.putIfAbsent("STREAM_HEARTBEAT_MS", "" + HEARTBEAT_MS);
      return model.start(upstream.url(), all);
    }

    @Test
    void items_come_numbered_and_in_order_and_are_followed_by_an_end() {
      try (EventReader stream = EventReader.open(server, "/stream?items=3&everyMs=1")) {
        assertThat(stream.head().status()).isEqualTo(200);
        assertThat(stream.head().header("content-type")).isEqualTo("text/event-stream");
        assertThat(stream.head().header("cache-control")).isEqualTo("no-store");
        assertThat(stream.head().header("x-content-type-options")).isEqualTo("nosniff");
        for (int item = 1; item <= 3; item++) {
          EventReader.Event event = stream.next();
          assertThat(event.fields())
              .extracting(Map.Entry::getKey)
              .containsExactly("id", "event", "data");
          assertThat(event.field("id")).isEqualTo("" + item);
          assertThat(event.name()).isEqualTo("item");
          JsonNode data = data(event);
          assertThat(data.propertyNames())
              .containsExactly("server", "thread", "threadKind", "item", "lateMs");
          assertThat(data.path("server").asString()).isEqualTo(model.toString());
          assertThat(data.path("threadKind").asString()).isEqualTo(model.handlerThreadKind());
          assertThat(data.path("item").intValue()).isEqualTo(item);
          assertThat(data.path("lateMs").doubleValue()).isNotNegative();
        }
        assertEnd(stream, "complete", 3);
      }
    }

    @Test
    void a_whole_stream_is_as_the_contract_says_and_leaves_the_connection_usable() {
      try (Raw connection = server.connect()) {
        Answer stream = connection.get("/stream?items=2&everyMs=0").read("GET", "/stream?items=2");
        assertThat(stream.text()).startsWith("id: 1\nevent: item\ndata: {").endsWith("}\n\n");
        assertThat(connection.get("/").read("GET", "/").status()).isEqualTo(200);
      }
    }

    @Test
    void without_parameters_there_are_ten_items() {
      try (EventReader stream = EventReader.open(server, "/stream?everyMs=0")) {
        assertThat(stream.rest()).hasSize(11);
      }
    }

    /** The second cannot come before its time, however fast the machine is. */
    @Test
    void an_item_is_not_early() {
      try (EventReader stream = EventReader.open(server, "/stream?items=4&everyMs=100")) {
        stream.next();
        long first = System.nanoTime();
        stream.next();
        stream.next();
        stream.next();
        // The first may have been late to arrive, the others may not.
        assertThat(System.nanoTime() - first).isGreaterThan(200_000_000L);
      }
    }

    @ParameterizedTest
    @CsvSource({
      "items=0, items, a whole number from 1 to 100000",
      "items=100001, items, a whole number from 1 to 100000",
      "items=, items, a whole number from 1 to 100000",
      "items=-1, items, a whole number from 1 to 100000",
      "items=1.5, items, a whole number from 1 to 100000",
      "items=x, items, a whole number from 1 to 100000",
      "items=1&items=1, items, one value",
      "everyMs=-1, everyMs, a whole number from 0 to 60000",
      "everyMs=60001, everyMs, a whole number from 0 to 60000",
      "everyMs=, everyMs, a whole number from 0 to 60000",
      "everyMs=x, everyMs, a whole number from 0 to 60000",
      "everyMs=1&everyMs=1, everyMs, one value",
      "items=61&everyMs=60000, items, items x everyMs of at most 3600000",
      "everyms=1, everyms, 'everyMs, items'"
    })
    void a_wrong_parameter_is_refused_by_name(String query, String parameter, String accepts) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.get("/stream?" + query).read("GET", "/stream?" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.problem()).isEqualTo("bad-parameter");
        assertThat(answer.json().path("parameter").asString()).isEqualTo(parameter);
        assertThat(answer.json().path("accepts").asString().split(", "))
            .containsExactlyInAnyOrder(accepts.split(", "));
        assertThat(connection.get("/").read("GET", "/").status()).isEqualTo(200);
      }
    }

    /**
     * What has been produced and not read is in the two sockets' buffers, which the kernel bounds,
     * and in at most 64 KiB of the server's. Without back-pressure all 100,000 would be produced.
     */
    @Test
    void a_reader_that_does_not_read_stops_the_producer_and_then_gets_every_item_in_order() {
      int items = 100_000;
      try (Running server = start(Map.of());
          EventReader stream = EventReader.open(server, "/stream?everyMs=0&items=" + items)) {
        double produced = awaitStandstill(server);
        assertThat(produced).isLessThan(items * 0.5);
        assertThat(metric(server, "streams_open")).isEqualTo(1);

        assertThat(IntStream.rangeClosed(1, items))
            .allSatisfy(item -> assertThat(stream.next().field("id")).isEqualTo("" + item));
        assertEnd(stream, "complete", items);
        server.awaitInFlight(0);
        assertThat(metric(server, "streams_open")).isZero();
      }
    }

    @Test
    void a_reader_that_never_reads_is_cut_off_after_the_write_time_out() {
      try (Running server = start(Map.of("STREAM_WRITE_TIMEOUT_MS", "100"));
          EventReader stream = EventReader.open(server, "/stream?everyMs=0&items=100000")) {
        Await.until("items are sent", () -> metric(server, "stream_items_total") > 0);
        server.awaitInFlight(0);
        assertThat(metric(server, "streams_open")).isZero();
        assertThat(metric(server, "stream_items_total")).isLessThan(100_000);
        assertThat(stream.isCut()).isTrue();
        assertThat(server.main().get("/").status()).as("others go on").isEqualTo(200);
      }
    }

    @Test
    void a_reader_that_is_slow_but_reads_is_not_cut() {
      int timeoutMs = 4000; // longer than a busy machine keeps the reader from reading
      try (Running server = start(Map.of("STREAM_WRITE_TIMEOUT_MS", "" + timeoutMs));
          EventReader stream = EventReader.open(server, "/stream?everyMs=0&items=100000")) {
        awaitStandstill(server);
        long sinceNanos = System.nanoTime();
        int read = 0;
        while (System.nanoTime() - sinceNanos < 3 * timeoutMs / 2 * 1_000_000L) {
          // The kernel tells the server only of some 64 KiB at a time.
          for (int item = 0; item < 200; item++) {
            assertThat(stream.next().field("id")).isEqualTo("" + ++read);
          }
          LockSupport.parkNanos(100_000_000L); // a slow reader is what this is about
        }
        assertThat(metric(server, "streams_open")).isEqualTo(1);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/stream?items=60&everyMs=60000", "/stream?items=100000&everyMs=1"})
    void a_client_that_leaves_ends_its_stream_in_a_pause_and_between_items(String target) {
      try (Running server = start(Map.of());
          EventReader stream = EventReader.open(server, target)) {
        assertThat(stream.next().name()).isEqualTo("item");
        server.awaitInFlight(1);

        stream.leave();
        server.awaitInFlight(0);
        assertThat(metric(server, "streams_open")).isZero();
        server.awaitNobodyBusy();
      }
    }

    @Test
    void a_client_that_leaves_while_it_is_not_reading_ends_its_stream() {
      try (Running server = start(Map.of());
          EventReader stream = EventReader.open(server, "/stream?items=100000&everyMs=0")) {
        awaitStandstill(server);
        stream.leave();
        server.awaitInFlight(0);
        assertThat(metric(server, "streams_open")).isZero();
      }
    }

    @Test
    void a_long_pause_is_filled_with_comments() {
      try (Running server = start(Map.of());
          EventReader stream = EventReader.open(server, "/stream?items=2&everyMs=1000")) {
        assertThat(stream.next().name()).isEqualTo("item");
        assertThat(stream.next().isComment()).isTrue();
        assertThat(stream.next().isComment()).isTrue();
        assertThat(stream.rest())
            .extracting(EventReader.Event::name)
            .containsExactly("item", "end");
      }
    }

    @Test
    void comments_come_no_more_often_than_they_are_asked_for() {
      try (Running server = start(Map.of())) {
        long startNanos = System.nanoTime();
        try (EventReader stream = EventReader.open(server, "/stream?items=2&everyMs=500")) {
          assertThat(stream.next().name()).isEqualTo("item");
          int comments = 0;
          while (stream.next().isComment()) {
            comments++;
          }
          long elapsedMs = (System.nanoTime() - startNanos) / 1_000_000;
          assertThat(comments).isBetween(1, (int) elapsedMs / HEARTBEAT_MS);
        }
      }
    }

    @Test
    void items_that_follow_each_other_soon_have_no_comments_between_them() {
      try (EventReader stream = EventReader.open(server, "/stream?items=50&everyMs=1")) {
        for (int item = 1; item <= 50; item++) {
          assertThat(stream.next().field("id")).isEqualTo("" + item);
        }
      }
    }

    /** No event and no heartbeat is due while this test waits. */
    @Test
    void a_client_that_leaves_in_a_pause_is_noticed_before_the_next_write() {
      try (Running server = start(Map.of("STREAM_HEARTBEAT_MS", "60000"))) {
        try (EventReader stream = EventReader.open(server, "/stream?items=2&everyMs=60000")) {
          assertThat(stream.next().name()).isEqualTo("item");
        }
        server.awaitInFlight(0);
      }
    }

    /** The pause is three times as long as what closes an idle connection. */
    @Test
    void heartbeats_keep_a_stream_open_beyond_the_idle_time_out() {
      Map<String, String> settings = Map.of("IDLE_TIMEOUT_MS", "500", "UPSTREAM_TIMEOUT_MS", "400");
      try (Running server = start(settings);
          EventReader stream = EventReader.open(server, "/stream?items=2&everyMs=1500")) {
        assertThat(stream.rest())
            .extracting(EventReader.Event::name)
            .containsExactly("item", "item", "end");
      }
    }

    /** The stream would last an hour and DRAIN_MS is longer than any test waits. */
    @ParameterizedTest
    @ValueSource(strings = {"/stream?items=60&everyMs=60000", "/stream?items=100000&everyMs=1"})
    void shutting_down_ends_a_stream_at_once_and_says_when_to_come_again(String target) {
      Map<String, String> settings = Map.of("STREAM_HEARTBEAT_MS", "60000");
      try (Running server = start(settings);
          EventReader stream = EventReader.open(server, target)) {
        assertThat(stream.next().name()).isEqualTo("item");

        CompletableFuture<List<Drainable.Left>> drained =
            CompletableFuture.supplyAsync(server.instance()::drain, THREADS);
        assertThat(Await.result(drained)).isEmpty();

        List<EventReader.Event> rest = stream.rest();
        assertThat(rest.getLast().name()).isEqualTo("end");
        assertThat(rest.getLast().field("retry")).isEqualTo("1000");
        assertThat(data(rest.getLast()).path("reason").asString()).isEqualTo("shutdown");
      }
    }

    @Test
    void a_stream_that_is_asked_for_while_shutting_down_ends_before_its_first_item() {
      try (Running server = start(Map.of("DRAIN_DELAY_MS", "3600000"))) {
        var _ = CompletableFuture.supplyAsync(server.instance()::drain, THREADS);
        Await.until(
            "readiness is off", () -> server.management().get("/health/ready").status() == 503);
        try (EventReader stream = EventReader.open(server, "/stream")) {
          assertThat(stream.head().header("connection")).isEqualToIgnoringCase("close");
          assertEnd(stream, "shutdown", 0);
        }
      }
    }

    @Test
    void a_reader_that_does_not_read_does_not_hold_the_shutdown_beyond_the_write_time_out() {
      try (Running server = start(Map.of("STREAM_WRITE_TIMEOUT_MS", "2000"));
          var _ = EventReader.open(server, "/stream?items=100000&everyMs=0")) {
        awaitStandstill(server);
        CompletableFuture<List<Drainable.Left>> drained =
            CompletableFuture.supplyAsync(server.instance()::drain, THREADS);
        assertThat(Await.result(drained)).isEmpty();
      }
    }

    /** Sixty streams that all wait for their second item. */
    void assertManyBesideOthers(Map<String, String> settings) {
      try (Running server = start(settings)) {
        List<EventReader> streams =
            IntStream.range(0, 60)
                .mapToObj(_ -> EventReader.open(server, "/stream?items=2&everyMs=60000"))
                .toList();
        assertThat(streams).allSatisfy(s -> assertThat(s.next().name()).isEqualTo("item"));
        assertThat(server.main().get("/").status()).isEqualTo(200);
        assertThat(metric(server, "streams_open")).isEqualTo(60);
        streams.forEach(EventReader::leave);
        server.awaitInFlight(0);
      }
    }

    private static JsonNode data(EventReader.Event event) {
      return Json.tree(event.field("data").getBytes(StandardCharsets.UTF_8));
    }

    private static void assertEnd(EventReader stream, String reason, int items) {
      EventReader.Event end = stream.next();
      assertThat(end.name()).isEqualTo("end");
      assertThat(data(end).path("reason").asString()).isEqualTo(reason);
      assertThat(data(end).path("items").intValue()).isEqualTo(items);
      assertThat(stream.next()).as("nothing follows").isNull();
    }

    /** How many items were produced when no more are. */
    private static double awaitStandstill(Running server) {
      double[] last = {-1};
      int[] same = {0};
      Await.until(
          "the producer stands still",
          () -> {
            double now = metric(server, "stream_items_total");
            same[0] = now > 0 && now == last[0] ? same[0] + 1 : 0;
            last[0] = now;
            return same[0] == STILL;
          });
      return last[0];
    }

    /** Not by the client that checks each answer: metrics are asked for hundreds of times here. */
    private static double metric(Running server, String name) {
      try (Raw connection = new Raw(server.instance().managementPort())) {
        return connection
            .get("/metrics")
            .read()
            .text()
            .lines()
            .filter(line -> line.startsWith(name + "{"))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .sum();
      }
    }
  }
}
