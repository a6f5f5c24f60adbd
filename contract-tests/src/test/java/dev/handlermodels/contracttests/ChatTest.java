package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.admission.Drainable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Chat rooms: one order for all, nobody waits for a slow reader, and everybody is let go. */
@Rules
class ChatTest {
  @Nested
  class Vertx extends Chats {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Chats {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Chats {
    Blocking() {
      super(Model.BLOCKING);
    }

    /** POOL_SIZE bounds the clients then: the next one waits for its 101. */
    @Test
    void with_a_thread_for_each_connection_the_pool_bounds_the_clients() {
      Map<String, String> settings = Map.of("CHAT_THREAD_PER_CONNECTION", "true", "POOL_SIZE", "2");
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), settings)) {
        int port = server.instance().port();
        try (ChatClient first = ChatClient.join(port, "/chat/r?name=first");
            ChatClient second = ChatClient.join(port, "/chat/r?name=second")) {
          CompletableFuture<ChatClient> third = ChatClient.start(port, "/chat/r?name=third");
          Await.until(
              "it waits for a thread",
              () -> server.metric("executor_queued_tasks{name=\"pool\"") == 1);
          first.say("one");
          second.say("two");
          List<JsonNode> told = first.await(2);
          assertThat(told.stream().map(m -> m.path("thread").asString()).distinct()).hasSize(2);
          assertThat(third).isNotDone();
          second.leave(1000);
          try (ChatClient late = Await.result(third)) {
            assertThat(late.say("three").await(3).getLast().path("from").asString())
                .isEqualTo("third");
          }
        }
        Await.until(
            "the threads are free",
            () -> server.metric("executor_active_threads{name=\"pool\"") == 0);
      }
    }
  }

  abstract static class Chats {
    private static final int CROWD = 200;

    final Model model;

    Chats(Model model) {
      this.model = model;
    }

    private interface Play {
      void on(Running server, int port);
    }

    /** Afterwards nothing of it is left. */
    private void with(Map<String, String> settings, Play play) {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), settings)) {
        play.on(server, server.instance().port());
        Await.until("all have left", () -> server.metric("chat_members") == 0);
        Await.until(
            "and hold nothing", () -> server.metric("http_server_memory_bytes{kind=\"chat\"") == 0);
        assertThat(server.metric("chat_rooms")).isZero();
        server.awaitNobodyBusy();
      }
    }

    @Test
    void a_message_goes_to_everybody_with_who_said_it_and_which_thread_served_it() {
      with(
          Map.of(),
          (_, port) -> {
            try (ChatClient ada = ChatClient.join(port, "/chat/lobby?name=ada");
                ChatClient anybody = ChatClient.join(port, "/chat/lobby")) {
              ada.say("hello \"world\" € \uD83D\uDE00");
              anybody.await(1);
              JsonNode told = ada.await(1).getFirst();
              assertThat(anybody.messages()).containsExactly(told);
              assertThat(told.path("room").asString()).isEqualTo("lobby");
              assertThat(told.path("from").asString()).isEqualTo("ada");
              assertThat(told.path("text").asString()).isEqualTo("hello \"world\" € \uD83D\uDE00");
              assertThat(told.path("seq").longValue()).isPositive();
              assertThat(told.path("at").asString()).endsWith("Z");
              assertThat(told.path("threadKind").asString()).isEqualTo(model.handlerThreadKind());
              assertThat(told.propertyNames())
                  .containsExactlyInAnyOrder(
                      "type", "room", "from", "text", "seq", "at", "thread", "threadKind");
              anybody.say("me too");
              assertThat(ada.await(2).getLast().path("from").asString()).isEqualTo("anonymous");
            }
          });
    }

    @Test
    void a_crowd_hears_the_same_in_the_same_order_and_nothing_is_lost() {
      with(
          Map.of("CHAT_QUEUE_SIZE", "10000", "CHAT_MESSAGES_PER_SECOND", "1000"),
          (_, port) -> {
            List<ChatClient> crowd =
                Await.all(
                    IntStream.range(0, CROWD)
                        .mapToObj(i -> ChatClient.start(port, "/chat/crowd?name=c" + i))
                        .toList());
            List<ChatClient> speakers = crowd.subList(0, 10);
            speakers.parallelStream()
                .forEach(
                    speaker -> IntStream.range(0, 10).forEach(i -> speaker.say(String.valueOf(i))));
            List<JsonNode> order = crowd.getFirst().await(100);
            for (ChatClient client : crowd) {
              assertThat(client.await(100)).isEqualTo(order);
            }
            assertThat(order.stream().map(told -> told.path("seq").longValue()).toList())
                .isSorted()
                .doesNotHaveDuplicates();
            crowd.forEach(ChatClient::close);
          });
    }

    @Test
    void who_comes_late_is_told_the_last_20_messages_first() {
      with(
          Map.of("CHAT_MESSAGES_PER_SECOND", "1000"),
          (_, port) -> {
            try (ChatClient early = ChatClient.join(port, "/chat/r?name=early")) {
              IntStream.range(0, 30).forEach(i -> early.say(String.valueOf(i)));
              List<JsonNode> all = early.await(30);
              try (ChatClient late = ChatClient.join(port, "/chat/r?name=late")) {
                assertThat(late.await(20)).isEqualTo(all.subList(10, 30));
                Await.until(
                    "and then that it has come",
                    () -> late.all().getLast().at("/joined/names/0").asString().equals("late"));
              }
            }
          });
    }

    @Test
    void coming_and_leaving_is_told_to_this_room_only() {
      with(
          Map.of(),
          (_, port) -> {
            try (ChatClient ada = ChatClient.join(port, "/chat/r?name=ada");
                ChatClient other = ChatClient.join(port, "/chat/other?name=other")) {
              ChatClient bob = ChatClient.join(port, "/chat/r?name=bob");
              awaitPresence(ada, "/joined/names/0", "bob");
              bob.leave(1000);
              awaitPresence(ada, "/left/names/0", "bob");
              assertThat(ada.all().getLast().path("members").intValue()).isEqualTo(1);
              assertThat(other.all())
                  .allSatisfy(told -> assertThat(told.path("room").asString()).isEqualTo("other"));
            }
          });
    }

    private static void awaitPresence(ChatClient client, String pointer, String name) {
      Await.until(
          () -> name + " in " + client.all(),
          () -> client.all().stream().anyMatch(told -> told.at(pointer).asString().equals(name)));
    }

    @Test
    void a_slow_reader_is_closed_and_nobody_waits_for_it() {
      with(
          Map.of("CHAT_QUEUE_SIZE", "5", "CHAT_MESSAGES_PER_SECOND", "1000000"),
          (server, port) -> {
            try (RawWebSocket slow = RawWebSocket.openWithSmallWindow(port, "/chat/r?name=slow");
                ChatClient fast = ChatClient.join(port, "/chat/r?name=fast")) {
              int said = 0;
              while (server.exceeded("chat-queue") == 0) {
                fast.say("x".repeat(60_000)).await(++said); // it hears itself before it says more
                assertThat(said).isLessThan(1000);
              }
              fast.say("still here").await(said + 1);
              List<RawWebSocket.Frame> heard = slow.readToEnd();
              assertThat(heard).as("it is not told everything").hasSizeLessThan(said);
              Await.until("it is gone", () -> server.metric("chat_members") == 1);
              assertThat(server.metric("chat_closed_total{code=\"1013\"")).isEqualTo(1);
            }
          });
    }

    @Test
    void what_comes_in_fragments_is_put_together_also_around_a_ping_and_within_a_character() {
      with(
          Map.of(),
          (_, port) -> {
            byte[] text = "€uro".getBytes(StandardCharsets.UTF_8);
            try (RawWebSocket raw = RawWebSocket.open(port, "/chat/r")) {
              raw.send(RawWebSocket.frame(0x01, new byte[0]));
              raw.send(RawWebSocket.frame(0x00, new byte[] {text[0]}));
              raw.send(RawWebSocket.frame(0x89, "p".getBytes(StandardCharsets.UTF_8)));
              raw.send(RawWebSocket.frame(0x00, new byte[] {text[1]}));
              raw.send(RawWebSocket.frame(0x80, new byte[] {text[2], text[3], text[4], text[5]}));
              assertThat(raw.read(RawWebSocket.PONG).text()).isEqualTo("p");
              assertThat(raw.message().path("text").asString()).isEqualTo("€uro");
            }
          });
    }

    @Test
    void an_empty_message_and_the_longest_are_taken() {
      with(
          Map.of(),
          (_, port) -> {
            try (RawWebSocket raw = RawWebSocket.open(port, "/chat/r")) {
              assertThat(raw.say("").message().path("text").asString()).isEmpty();
              String longest = "\"".repeat(65_536);
              assertThat(raw.say(longest).message().path("text").asString()).isEqualTo(longest);
            }
          });
    }

    /** The client has to answer it with the same payload (RFC 6455, 5.5.3). */
    @Test
    void who_answers_pings_stays_and_who_does_not_is_closed() {
      with(
          Map.of("CHAT_PING_MS", "100", "CHAT_PONG_TIMEOUT_MS", "400"),
          (server, port) -> {
            try (ChatClient good = ChatClient.join(port, "/chat/r?name=good");
                RawWebSocket wrong = RawWebSocket.open(port, "/chat/r?name=wrong")) {
              assertThat(wrong.read(RawWebSocket.PING)).isNotNull();
              wrong.send(RawWebSocket.frame(0x8A, "another".getBytes(StandardCharsets.UTF_8)));
              RawWebSocket.Frame close = wrong.read(RawWebSocket.CLOSE);
              assertThat(close.code()).isEqualTo(1008);
              good.say("still here").await(1);
              assertThat(server.exceeded("chat-pong-time")).isEqualTo(1);
            }
          });
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 3000, 4999})
    void a_close_is_answered_with_its_own_code_and_the_connection_ends(int code) {
      with(
          Map.of(),
          (_, port) -> {
            try (RawWebSocket raw = RawWebSocket.open(port, "/chat/r")) {
              raw.send(RawWebSocket.close(code));
              assertThat(raw.read(RawWebSocket.CLOSE).code()).isEqualTo(code);
              assertThat(raw.read()).isNull();
            }
          });
    }

    @Test
    void a_client_that_breaks_off_has_left() {
      with(
          Map.of(),
          (server, port) -> {
            try (ChatClient ada = ChatClient.join(port, "/chat/r?name=ada")) {
              RawWebSocket.open(port, "/chat/r?name=reset").reset();
              awaitPresence(ada, "/left/names/0", "reset");
              RawWebSocket.open(port, "/chat/r?name=closed").close();
              awaitPresence(ada, "/left/names/0", "closed");
              assertThat(server.metric("chat_members")).isEqualTo(1);
            }
          });
    }

    /** A connection is one of MAX_CONNECTIONS as long as it chats, and not idle. */
    @Test
    void a_chat_counts_as_a_connection_and_is_not_idle_for_http() {
      with(
          Map.of("MAX_CONNECTIONS", "2", "IDLE_TIMEOUT_MS", "100", "CHAT_PING_MS", "50"),
          (server, port) -> {
            try (RawWebSocket ada = RawWebSocket.open(port, "/chat/r?name=ada");
                ChatClient bob = ChatClient.join(port, "/chat/r?name=bob")) {
              try (Raw third = server.connect()) {
                assertThat(third.isCutByServer()).isTrue();
              }
              for (int i = 0; i < 6; i++) { // 50 ms each, at least
                ada.send(RawWebSocket.frame(0x8A, ada.read(RawWebSocket.PING).payload()));
              }
              bob.say("here").await(1);
              assertThat(server.exceeded("idle-time")).isZero();
            }
          });
    }

    @Test
    void at_shutdown_everybody_gets_1001_and_the_drain_waits_for_nobody() {
      try (Gate gate = Gate.opened();
          Running server =
              model.start(gate.url(), Map.of("DRAIN_MS", "3600000", "DRAIN_DELAY_MS", "0"))) {
        int port = server.instance().port();
        List<ChatClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          clients.add(ChatClient.join(port, "/chat/r?name=c" + i));
        }
        try (RawWebSocket silent = RawWebSocket.open(port, "/chat/r?name=silent")) {
          CompletableFuture<List<Drainable.Left>> drained =
              CompletableFuture.supplyAsync(
                  server.instance()::drain, task -> Thread.ofVirtual().start(task));
          assertThat(Await.all(clients.stream().map(ChatClient::closed).toList()))
              .containsOnly(1001);
          assertThat(silent.read(RawWebSocket.CLOSE).code()).isEqualTo(1001);
          assertThat(Await.result(drained)).isEmpty();
        }
      }
    }

    @Test
    void a_new_client_is_refused_while_shutting_down() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of("DRAIN_DELAY_MS", "3600000"))) {
        CompletableFuture<List<Drainable.Left>> drained =
            CompletableFuture.supplyAsync(
                server.instance()::drain, task -> Thread.ofVirtual().start(task));
        Await.until("it drains", () -> server.management().get("/health/ready").status() == 503);
        try (RawWebSocket late = RawWebSocket.connect(server.instance().port(), 0)) {
          late.send(RawWebSocket.request("/chat/r").getBytes(StandardCharsets.ISO_8859_1));
          assertThat(late.head()).startsWith("HTTP/1.1 503 ");
        }
        assertThat(drained).isNotDone();
      }
    }
  }
}
