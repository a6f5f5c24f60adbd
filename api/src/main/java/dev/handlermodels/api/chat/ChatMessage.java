package dev.handlermodels.api.chat;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.handlermodels.api.ThreadKind;
import java.util.List;

/** What is told to everybody in a room, as JSON. */
sealed interface ChatMessage {
  /** Which of the two it is. */
  @JsonProperty
  String type();

  /**
   * Something that somebody has said.
   *
   * @param seq counts what is told in this room, from 1
   * @param at when it got its place in the order
   * @param thread that served it
   */
  record Said(
      String room,
      String from,
      String text,
      long seq,
      String at,
      String thread,
      ThreadKind threadKind)
      implements ChatMessage {
    @Override
    public String type() {
      return "message";
    }
  }

  /**
   * Who has come and gone since this was told last.
   *
   * @param members in the room now
   */
  record Presence(String room, long seq, String at, Names joined, Names left, int members)
      implements ChatMessage {
    @Override
    public String type() {
      return "presence";
    }
  }

  /**
   * @param names the first of them
   */
  record Names(int count, List<String> names) {}
}
