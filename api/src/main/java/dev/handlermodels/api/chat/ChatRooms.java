package dev.handlermodels.api.chat;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.admission.MemoryBudget;
import dev.handlermodels.api.admission.MemoryBudget.Kind;
import dev.handlermodels.api.settings.ChatSettings;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.telemetry.ThreadCensus;
import dev.handlermodels.api.wire.CloseCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All rooms and their members: how many there may be, what they may hold, and who looks after them.
 * One thread asks each member by a ping whether it is still there, and cuts those that are not.
 */
public final class ChatRooms implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChatRooms.class);
  private static final int MAX_LOOK_MS = 250;
  private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long FAREWELL_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final ChatSettings settings;
  private final int messageTimeoutMs;
  private final MemoryBudget memory;
  private final ThreadCensus census;
  private final Limit.Counts limits;
  private final MeterRegistry registry;
  private final BooleanSupplier draining;
  private final Map<String, Room> rooms = new HashMap<>();
  private final Set<Member> members = ConcurrentHashMap.newKeySet();
  private final LongAdder said = new LongAdder();
  private final LongAdder delivered = new LongAdder();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("chat-clock").factory());

  /**
   * @param draining whether the server is shutting down
   */
  public ChatRooms(
      Settings settings,
      MemoryBudget memory,
      ThreadCensus census,
      Limit.Counts limits,
      BooleanSupplier draining,
      MeterRegistry registry) {
    this.settings = settings.chat();
    this.messageTimeoutMs = settings.requestTimeoutMs();
    this.memory = memory;
    this.census = census;
    this.limits = limits;
    this.draining = draining;
    this.registry = registry;
    registry.gauge("chat.members", members, Set::size);
    registry.gauge("chat.rooms", this, ChatRooms::roomCount);
    registry.gauge("chat.messages.waiting", this, ChatRooms::waiting);
    FunctionCounter.builder("chat.messages", said, LongAdder::doubleValue)
        .description("messages and presences that were put in order")
        .register(registry);
    FunctionCounter.builder("chat.deliveries", delivered, LongAdder::doubleValue)
        .description("messages that were handed to the framework, once for each member")
        .register(registry);
    int shortestMs =
        Math.min(
            Math.min(this.settings.pingMs(), this.settings.pongTimeoutMs()),
            Math.min(this.settings.idleTimeoutMs(), messageTimeoutMs));
    int lookMs = Math.clamp(shortestMs / 4, 1, MAX_LOOK_MS);
    clock.scheduleWithFixedDelay(this::look, lookMs, lookMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Gives a client a place in a room. It joins when its WebSocket is {@linkplain Member#open open},
   * and keeps its place until it has {@linkplain Member#left left}.
   *
   * @throws ProblemException 503 where there is no place or no memory, or while shutting down
   */
  public Member admit(Query.Chat asked, Member.Listener listener) {
    if (draining.getAsBoolean()) {
      throw Problems.overloaded("this server is shutting down");
    }
    if (!memory.reserve(Kind.CHAT, memory.costs().chatBytes())) {
      throw Problems.noMemory();
    }
    try {
      Member member = new Member(this, place(asked.room()), asked.name(), listener);
      members.add(member);
      return member;
    } catch (ProblemException e) {
      memory.release(Kind.CHAT, memory.costs().chatBytes());
      throw e;
    }
  }

  private synchronized Room place(String name) {
    Room room = rooms.get(name);
    if (room == null && rooms.size() >= settings.maxRooms()) {
      throw Problems.overloaded(
              "there are " + settings.maxRooms() + " chat rooms, which is the limit")
          .exceeds(Limit.CHAT_ROOMS);
    }
    if (room != null && room.places >= settings.maxMembers()) {
      throw Problems.overloaded(
              "there are " + settings.maxMembers() + " in this room, which is the limit")
          .exceeds(Limit.CHAT_MEMBERS);
    }
    if (room == null) {
      room = new Room(name, this);
      rooms.put(name, room);
    }
    room.places++;
    return room;
  }

  void left(Member member) {
    members.remove(member);
    memory.release(Kind.CHAT, memory.costs().chatBytes());
    Room empty = leaves(member.room());
    if (empty != null) {
      empty.close();
    }
  }

  /** The room where it is empty now; null where it is not. */
  private synchronized Room leaves(Room room) {
    room.places--;
    return room.places == 0 ? rooms.remove(room.name()) : null;
  }

  /** Null where there is no memory for it. */
  Outgoing.Text text(byte[] json) {
    Outgoing.Text text = Outgoing.Text.of(json, memory);
    if (text != null) {
      said.increment();
    }
    return text;
  }

  void delivers() {
    delivered.increment();
  }

  /** Counts a Close that this server says. */
  void closes(int code) {
    Counter.builder("chat.closed")
        .description("WebSockets that were closed, by the code that the server said")
        .tag("code", CloseCode.label(code))
        .register(registry)
        .increment();
  }

  ChatSettings settings() {
    return settings;
  }

  int messageTimeoutMs() {
    return messageTimeoutMs;
  }

  ThreadCensus census() {
    return census;
  }

  Limit.Counts limits() {
    return limits;
  }

  boolean isDraining() {
    return draining.getAsBoolean();
  }

  private synchronized int roomCount() {
    return rooms.size();
  }

  private double waiting() {
    return members.stream().mapToInt(Member::waiting).sum();
  }

  private void look() {
    long now = System.nanoTime();
    for (Member member : members) {
      unharmed(() -> member.look(now));
    }
    for (Room room : all()) {
      unharmed(() -> room.tellPresence(true));
    }
  }

  private synchronized Room[] all() {
    return rooms.values().toArray(Room[]::new);
  }

  /** The others have to be looked at, too. */
  private static void unharmed(Runnable look) {
    try {
      look.run();
    } catch (RuntimeException e) {
      LOG.error("a chat could not be looked at", e);
    }
  }

  /**
   * Says 1001 (going away) to everybody; to be called once draining. Returns when it is on its way
   * to all who take it, which a second is enough for: nobody waits for chats.
   */
  public void drain() {
    members.forEach(member -> member.close(CloseCode.GOING_AWAY, "this server is shutting down"));
    long deadlineNanos = System.nanoTime() + FAREWELL_NANOS;
    while (members.stream().anyMatch(Member::isCloseUnwritten)
        && System.nanoTime() < deadlineNanos
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(FAREWELL_LOOK_NANOS);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
