package dev.handlermodels.api.chat;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.telemetry.ThreadCensus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A room: all its members are told the same in the same order. A message gets its place while the
 * room is locked, and is put into the queue of each member then. Nothing is written meanwhile, so a
 * slow reader holds up nobody.
 *
 * <p>Who comes and goes is told together, every 250 ms at most: told one by one, a thousand who
 * join would be half a million messages.
 */
final class Room {
  private static final long PRESENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int NAMES_TOLD = 20;
  private static final Member[] NOBODY = {};

  private final String name;
  private final ChatRooms rooms;
  private final Deque<Outgoing.Text> history = new ArrayDeque<>();
  private final List<String> joined = new ArrayList<>();
  private final List<String> left = new ArrayList<>();
  private int joinedCount;
  private int leftCount;

  /** Replaced whenever somebody comes or goes, so that it can be walked through without a lock. */
  private Member[] members = NOBODY;

  private long seq;
  private boolean closed;
  private long presenceNanos = System.nanoTime() - PRESENCE_NANOS;

  /** With a place here, told of or not; guarded by the rooms. */
  int places;

  Room(String name, ChatRooms rooms) {
    this.name = name;
    this.rooms = rooms;
  }

  String name() {
    return name;
  }

  /** A member that is told everything from now on, and the last messages first. */
  void join(Member member) {
    synchronized (this) {
      history.forEach(member::offer);
      members = Arrays.copyOf(members, members.length + 1);
      members[members.length - 1] = member;
      joinedCount++;
      note(joined, member.name());
    }
    member.wake();
    tellPresence(false);
  }

  void leave(Member member) {
    synchronized (this) {
      members = Arrays.stream(members).filter(other -> other != member).toArray(Member[]::new);
      leftCount++;
      note(left, member.name());
    }
    tellPresence(false);
  }

  private static void note(List<String> names, String name) {
    if (names.size() < NAMES_TOLD) {
      names.add(name);
    }
  }

  /**
   * Tells everybody.
   *
   * @return false where there is no memory for it
   */
  boolean say(Member from, String text) {
    ThreadCensus census = rooms.census();
    Thread thread = Thread.currentThread();
    Member[] told;
    synchronized (this) {
      long next = seq + 1;
      Outgoing.Text message =
          rooms.text(
              Json.bytes(
                  new ChatMessage.Said(
                      name,
                      from.name(),
                      text,
                      next,
                      now(),
                      thread.getName(),
                      census.kindOf(thread))));
      if (message == null) {
        return false;
      }
      seq = next;
      told = offer(message);
      history.add(message);
      if (closed || history.size() > Limits.CHAT_HISTORY) {
        history.remove().release();
      }
    }
    wake(told);
    return true;
  }

  /**
   * Tells who has come and gone, where there is something to tell.
   *
   * @param due whether somebody who looks regularly asks; else it may have been told just now, and
   *     is told later
   */
  void tellPresence(boolean due) {
    Member[] told;
    synchronized (this) {
      if (joinedCount + leftCount == 0 || members.length == 0) {
        return;
      }
      long nowNanos = System.nanoTime();
      if (!due && nowNanos - presenceNanos < PRESENCE_NANOS) {
        return;
      }
      Outgoing.Text message =
          rooms.text(
              Json.bytes(
                  new ChatMessage.Presence(
                      name,
                      seq + 1,
                      now(),
                      new ChatMessage.Names(joinedCount, List.copyOf(joined)),
                      new ChatMessage.Names(leftCount, List.copyOf(left)),
                      members.length)));
      if (message == null) {
        return; // told at the next look
      }
      seq++;
      presenceNanos = nowNanos;
      joinedCount = 0;
      leftCount = 0;
      joined.clear();
      left.clear();
      told = offer(message);
      message.release();
    }
    wake(told);
  }

  private Member[] offer(Outgoing.Text message) {
    for (Member member : members) {
      member.offer(message);
    }
    return members;
  }

  private static void wake(Member[] told) {
    for (Member member : told) {
      member.wake();
    }
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  /** Nobody is here any more. */
  synchronized void close() {
    closed = true; // the last words of a client may still come
    history.forEach(Outgoing.Text::release);
    history.clear();
  }
}
