package dev.handlermodels.api.settings;

import java.util.List;

/**
 * The bounds of the chat rooms, the environment's CHAT_ variables, and who may use them.
 *
 * @param allowedOrigins of pages that may open a WebSocket; empty for those of the same host
 * @param threadPerConnection whether server-blocking gives each connection a thread of its pool
 * @param maxRooms that are open at once
 * @param maxMembers of one room
 * @param messagesPerSecond of one client
 * @param queueSize messages that wait for one slow reader
 * @param pingMs from one ping to the next
 * @param pongTimeoutMs for the client's answer to it
 * @param idleTimeoutMs for a client to say something
 */
public record ChatSettings(
    List<String> allowedOrigins,
    boolean threadPerConnection,
    int maxRooms,
    int maxMembers,
    int messagesPerSecond,
    int queueSize,
    int pingMs,
    int pongTimeoutMs,
    int idleTimeoutMs) {

  /** Whether the list has it; an asterisk stands for all. */
  public boolean allowsOrigin(String origin) {
    return allowedOrigins.stream()
        .anyMatch(allowed -> allowed.equals("*") || allowed.equalsIgnoreCase(origin));
  }
}
