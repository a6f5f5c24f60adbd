package dev.handlermodels.api.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.admission.MemoryBudget;
import dev.handlermodels.api.admission.MemoryCosts;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.telemetry.ThreadCensus;
import dev.handlermodels.api.wire.ConnectionReaper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class ChatRoomsTest {
  private static final int MEMORY = 1 << 20;
  private static final int MEMBER = 1000;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Limit.Counts counts = new Limit.Counts(registry);
  private final MemoryBudget memory =
      new MemoryBudget(MEMORY, Limits.BODY_BYTES, new MemoryCosts(1, 1, 1, MEMBER), registry);
  private final AtomicBoolean draining = new AtomicBoolean();
  private Settings settings;
  private ChatRooms rooms;
  private ConnectionReaper reaper;

  private void with(String... namesAndValues) {
    Map<String, String> environment = new HashMap<>(Map.of("CHAT_MESSAGES_PER_SECOND", "1000000"));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      environment.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    settings = Settings.fromEnvironment(environment);
    rooms = new ChatRooms(settings, memory, new ThreadCensus(), counts, draining::get, registry);
    reaper = new ConnectionReaper(settings, counts, memory);
  }

  @AfterEach
  void close() {
    rooms.close();
    reaper.close();
  }

  /** Writes at once, unless it is told that its client does not read. */
  private final class Client implements Wire {
    private final Member member;
    private final List<String> got = Collections.synchronizedList(new ArrayList<>());
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean reads = true;

    Client(String room, String name) {
      member = rooms.admit(new Query.Chat(room, name), Member::say);
      member.open(this, reaper.connected(() -> null, () -> true, () -> {}, () -> {}));
    }

    @Override
    public void drain() {
      while (reads) {
        switch (member.next()) {
          case null -> {
            return;
          }
          case Outgoing.Text text -> {
            got.add(text.text());
            text.release();
          }
          case Outgoing.Ping _ -> got.add("ping");
          case Outgoing.Close close -> {
            got.add("close " + close.code());
            member.closeWritten();
          }
        }
      }
    }

    @Override
    public void end() {
      ended.set(true);
      member.left();
    }

    @Override
    public void cut() {
      end();
    }

    List<JsonNode> messages() {
      return List.copyOf(got).stream()
          .filter(text -> text.startsWith("{"))
          .map(text -> Json.tree(text.getBytes(StandardCharsets.UTF_8)))
          .filter(json -> json.path("type").asString().equals("message"))
          .toList();
    }

    List<String> texts() {
      return messages().stream().map(json -> json.path("text").asString()).toList();
    }
  }

  @Test
  void everybody_gets_everything_in_one_order_whoever_says_it_on_whichever_thread()
      throws InterruptedException {
    with("CHAT_QUEUE_SIZE", "100000");
    List<Client> clients = IntStream.range(0, 8).mapToObj(i -> new Client("r", "c" + i)).toList();
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Client client : clients) {
        threads.submit(
            () -> {
              start.await();
              for (int i = 0; i < 200; i++) {
                client.member.says(client.member.name() + " " + i);
              }
              return null;
            });
      }
      start.countDown();
    }
    List<Long> order =
        clients.getFirst().messages().stream().map(json -> json.path("seq").longValue()).toList();
    assertThat(order).hasSize(8 * 200).isSorted().doesNotHaveDuplicates();
    List<String> said = clients.getFirst().texts();
    for (Client client : clients) {
      assertThat(client.texts()).isEqualTo(said);
    }
    for (Client client : clients) {
      assertThat(said.stream().filter(text -> text.startsWith(client.member.name() + " ")))
          .as("in the order in which it was said")
          .isEqualTo(
              IntStream.range(0, 200).mapToObj(i -> client.member.name() + " " + i).toList());
    }
  }

  @Test
  void who_comes_late_gets_the_last_20_messages_first() {
    with();
    Client early = new Client("r", "early");
    for (int i = 0; i < 30; i++) {
      early.member.says("m" + i);
    }
    Client late = new Client("r", "late");
    assertThat(late.texts()).isEqualTo(IntStream.range(10, 30).mapToObj(i -> "m" + i).toList());
    assertThat(new Client("other", "x").texts()).isEmpty();
  }

  @Test
  void a_slow_reader_is_closed_and_nobody_waits_for_it() {
    with("CHAT_QUEUE_SIZE", "5");
    Client fast = new Client("r", "fast");
    Client slow = new Client("r", "slow");
    slow.reads = false;
    for (int i = 0; i < 20; i++) {
      fast.member.says("m" + i);
    }
    assertThat(fast.texts()).hasSize(20);
    assertThat(
            registry
                .get("http.server.limits.exceeded")
                .tag("limit", "chat-queue")
                .functionCounter()
                .count())
        .isEqualTo(1);
    slow.reads = true;
    slow.drain();
    assertThat(slow.got.getLast()).isEqualTo("close 1013");
    assertThat(slow.texts().size()).isLessThan(20);
  }

  @Test
  void memory_is_given_back_when_the_last_has_left() {
    with();
    Client one = new Client("r", "one");
    Client slow = new Client("r", "slow");
    slow.reads = false;
    for (int i = 0; i < 30; i++) {
      one.member.says("x".repeat(1000));
    }
    assertThat(held()).isGreaterThan(2 * MEMBER + 20 * 2000.0);
    slow.member.left();
    one.member.left();
    one.member.left();
    assertThat(held()).isZero();
    assertThat(registry.get("chat.members").gauge().value()).isZero();
    assertThat(registry.get("chat.rooms").gauge().value()).isZero();
  }

  private double held() {
    return registry.get("http.server.memory.bytes").tag("kind", "chat").gauge().value();
  }

  @Test
  void without_memory_the_sender_is_closed() {
    with();
    Client client = new Client("r", "c");
    double forAllButRequests = MEMORY / 8.0 * 7;
    memory.reserve(MemoryBudget.Kind.ANSWER, (long) (forAllButRequests - held() - 500));
    client.member.says("x".repeat(1000));
    assertThat(client.texts()).isEmpty();
    assertThat(client.got.getLast()).isEqualTo("close 1013");
    assertThatThrownBy(() -> new Client("r", "d")).isInstanceOf(ProblemException.class);
  }

  @Test
  void rooms_and_their_members_have_limits_and_a_place_is_free_again() {
    with("CHAT_MAX_ROOMS", "2", "CHAT_MAX_MEMBERS", "1");
    Client first = new Client("a", "x");
    new Client("b", "x");
    assertThatThrownBy(() -> new Client("a", "y")).hasMessageContaining("in this room");
    assertThatThrownBy(() -> new Client("c", "y")).hasMessageContaining("chat rooms");
    first.member.left();
    new Client("c", "y");
  }

  @Test
  void coming_and_going_is_told() {
    with();
    Client ada = new Client("r", "ada");
    JsonNode presence = Json.tree(ada.got.getFirst().getBytes(StandardCharsets.UTF_8));
    assertThat(presence.path("type").asString()).isEqualTo("presence");
    assertThat(presence.at("/joined/names/0").asString()).isEqualTo("ada");
    assertThat(presence.path("members").intValue()).isEqualTo(1);
    Client bob = new Client("r", "bob");
    bob.member.left();
    await(ada, "\"left\":{\"count\":1,\"names\":[\"bob\"]}");
  }

  private static void await(Client client, String text) {
    while (List.copyOf(client.got).stream().noneMatch(told -> told.contains(text))) {
      Thread.onSpinWait(); // told by the clock; the time-out of the class ends it
    }
  }

  @Test
  void who_says_too_much_is_closed() {
    with("CHAT_MESSAGES_PER_SECOND", "3");
    Client client = new Client("r", "c");
    for (int i = 0; i < 4; i++) {
      client.member.says("m");
    }
    assertThat(client.texts()).hasSize(3);
    assertThat(client.got.getLast()).isEqualTo("close 1008");
  }

  @Test
  void at_shutdown_everybody_is_told_and_nobody_comes_in() {
    with();
    Client client = new Client("r", "c");
    draining.set(true);
    rooms.drain();
    assertThat(client.got.getLast()).isEqualTo("close 1001");
    assertThatThrownBy(() -> new Client("r", "d")).isInstanceOf(ProblemException.class);
  }

  @Test
  void who_does_not_answer_a_ping_is_closed_and_cut() {
    with("CHAT_PING_MS", "1", "CHAT_PONG_TIMEOUT_MS", "1");
    Client client = new Client("r", "c");
    await(client, "ping");
    await(client, "close 1008");
    while (!client.ended.get()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void who_answers_close_is_ended_at_once() {
    with();
    Client client = new Client("r", "c");
    client.member.close(1000, "");
    assertThat(client.ended).isFalse();
    client.member.closed(1000);
    assertThat(client.ended).isTrue();
  }

  @Test
  void a_client_that_closes_gets_its_own_code() {
    with();
    Client client = new Client("r", "c");
    client.member.closed(4001);
    assertThat(client.got.getLast()).isEqualTo("close 4001");
    assertThat(client.ended).isTrue();
  }
}
