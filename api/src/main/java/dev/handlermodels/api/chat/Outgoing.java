package dev.handlermodels.api.chat;

import dev.handlermodels.api.admission.MemoryBudget;
import dev.handlermodels.api.admission.MemoryBudget.Kind;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** What is written to a member next. */
public sealed interface Outgoing {
  /**
   * A message. All members of a room share one, so it counts once in the memory for clients: from
   * the time it is made until the last of them, and the room's history, have let go of it.
   */
  final class Text implements Outgoing {
    /** As bytes, as a String where a framework wants one, and the object. */
    private static final int COPIES = 2;

    private static final int OBJECT_BYTES = 128;

    private final byte[] json;
    private final MemoryBudget memory;
    private final AtomicInteger holders = new AtomicInteger(1);

    /** Null until it is asked for. */
    private String text;

    private Text(byte[] json, MemoryBudget memory) {
      this.json = json;
      this.memory = memory;
    }

    /**
     * Has one holder from the beginning.
     *
     * @return null where there is no memory for it
     */
    static Text of(byte[] json, MemoryBudget memory) {
      return memory.reserve(Kind.CHAT, bytes(json)) ? new Text(json, memory) : null;
    }

    private static long bytes(byte[] json) {
      return OBJECT_BYTES + (long) COPIES * json.length;
    }

    /** UTF-8, not to be changed. */
    public byte[] json() {
      return json;
    }

    /** The same as text. Two threads may make it at once, and it is the same. */
    public String text() {
      String made = text;
      if (made == null) {
        made = new String(json, StandardCharsets.UTF_8);
        text = made;
      }
      return made;
    }

    Text retain() {
      holders.incrementAndGet();
      return this;
    }

    /** The framework has taken it, or nobody will. */
    public void release() {
      if (holders.decrementAndGet() == 0) {
        memory.release(Kind.CHAT, bytes(json));
      }
    }
  }

  /** Asks whether the client is still there; its pong has the same payload. */
  record Ping(byte[] payload) implements Outgoing {}

  /** The last frame. */
  record Close(int code, String reason) implements Outgoing {}
}
