package dev.handlermodels.contracttests;

import dev.handlermodels.api.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.JsonNode;

/** A well-behaved client of a chat room: the JDK's own, which none of the servers is made of. */
final class ChatClient implements WebSocket.Listener, AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final List<JsonNode> told = new ArrayList<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder part = new StringBuilder();
  private WebSocket socket;

  static ChatClient join(int port, String target) {
    return Await.result(start(port, target));
  }

  static CompletableFuture<ChatClient> start(int port, String target) {
    ChatClient client = new ChatClient();
    return HTTP.newWebSocketBuilder()
        .buildAsync(URI.create("ws://localhost:" + port + target), client)
        .thenApply(
            socket -> {
              client.socket = socket;
              return client;
            });
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    part.append(text);
    if (last) {
      synchronized (told) {
        told.add(Json.tree(part.toString().getBytes(StandardCharsets.UTF_8)));
      }
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    closed.completeExceptionally(failure);
  }

  ChatClient say(String text) {
    Await.result(socket.sendText(text, true));
    return this;
  }

  /** The code with which the server has closed. */
  CompletableFuture<Integer> closed() {
    return closed;
  }

  void leave(int code) {
    Await.result(socket.sendClose(code, "bye"));
  }

  List<JsonNode> all() {
    synchronized (told) {
      return List.copyOf(told);
    }
  }

  List<JsonNode> messages() {
    return all().stream().filter(told -> told.path("type").asString().equals("message")).toList();
  }

  /** Returns when it has been told so many messages. */
  List<JsonNode> await(int count) {
    Await.until(
        () -> count + " messages, but " + messages().size(), () -> messages().size() >= count);
    return messages();
  }

  List<String> texts() {
    return messages().stream().map(told -> told.path("text").asString()).toList();
  }

  @Override
  public void close() {
    socket.abort();
  }
}
