package dev.handlermodels.vertx.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class NextTurnTest {
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private final CompletableFuture<Context> ofConnection = new CompletableFuture<>();

  @Test
  void what_has_come_on_a_connection_is_read_before_the_next_turn() throws Exception {
    assertThat(seenAfter((context, task) -> NextTurn.run(context, task)))
        .containsExactly("read", "turn");
  }

  /** If this fails, Netty reads first by itself, and {@link NextTurn} can go. */
  @Test
  void what_is_only_executed_comes_before_what_has_come_on_a_connection() throws Exception {
    assertThat(seenAfter((context, task) -> context.runOnContext(_ -> task.run())))
        .containsExactly("turn", "read");
  }

  private interface Later {
    void run(Context context, Runnable task);
  }

  /** The loop is kept busy until the kernel has the client's bytes; then it plans a turn. */
  private List<String> seenAfter(Later later) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (Socket client = new Socket()) {
      NetServer server =
          await(
              vertx
                  .createNetServer()
                  .connectHandler(
                      socket -> {
                        socket.handler(_ -> seen.add("read"));
                        ofConnection.complete(vertx.getOrCreateContext());
                      })
                  .listen(0, "127.0.0.1"));
      client.connect(
          new java.net.InetSocketAddress(InetAddress.getByName("127.0.0.1"), server.actualPort()));
      Context context = ofConnection.get(10, TimeUnit.SECONDS);
      context.runOnContext(
          _ -> {
            send(client);
            later.run(context, () -> seen.add("turn"));
          });
      return List.of(next(), next());
    } finally {
      await(vertx.close());
    }
  }

  /** On loopback the bytes are there when the write returns. */
  private static void send(Socket client) {
    try {
      client.getOutputStream().write(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String next() throws InterruptedException {
    return seen.poll(10, TimeUnit.SECONDS);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
