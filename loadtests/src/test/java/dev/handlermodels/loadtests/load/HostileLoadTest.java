package dev.handlermodels.loadtests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.load.HostileLoad.Outcome;
import dev.handlermodels.loadtests.load.HostileLoad.Plan;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileLoadTest {
  private static final int CONNECTIONS = 5;

  private final ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();
  private ServerSocket listener;

  @BeforeEach
  void start() throws IOException {
    listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    listener.close();
  }

  /** Reads so many bytes of each connection, then answers and closes. */
  private void serve(int bytes, String answer) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  Socket socket = listener.accept();
                  Thread.ofVirtual().start(() -> serve(socket, bytes, answer));
                }
              } catch (IOException _) {
                // The test is over.
              }
            });
  }

  private void serve(Socket socket, int bytes, String answer) {
    try (socket;
        InputStream in = socket.getInputStream()) {
      received.add(new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1));
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException _) {
      // The client has gone.
    }
  }

  private Outcome run(Attack attack, int windowMs) throws IOException {
    return HostileLoad.run(
        new Plan(listener.getLocalPort(), attack, CONNECTIONS, 10, windowMs, null));
  }

  @Test
  void headersDripInUntilTheServerHasHadEnough() throws IOException {
    String head = "GET / HTTP/1.1\r\nHost: x\r\na: b\r\na: b\r\n";
    serve(head.length(), "HTTP/1.1 408 Request Timeout\r\n\r\n");

    Outcome outcome = run(Attack.SLOW_HEADERS, 2000);

    assertThat(received).hasSize(CONNECTIONS).containsOnly(head);
    assertThat(outcome.opened()).isEqualTo(CONNECTIONS);
    assertThat(outcome.closed()).isEqualTo(CONNECTIONS);
    assertThat(outcome.closedAfterMs()).isNotNull();
    assertThat(outcome.answers()).containsEntry("408", CONNECTIONS);
  }

  @Test
  void whoIsNeverClosedIsNotCountedAsClosed() throws IOException {
    serve(1_000_000, "");

    Outcome outcome = run(Attack.SLOW_BODY, 300);

    assertThat(outcome.opened()).isEqualTo(CONNECTIONS);
    assertThat(outcome.closed()).isZero();
    assertThat(outcome.closedAfterMs()).isNull();
    assertThat(outcome.answers()).isEmpty();
  }

  @Test
  void aListenerThatIsNotThereRefuses() throws IOException {
    listener.close();

    Outcome outcome = run(Attack.SILENT, 300);

    assertThat(outcome.refused()).isEqualTo(CONNECTIONS);
    assertThat(outcome.opened()).isZero();
  }

  @Test
  void aSlowReaderSeesTheStatusOfItsFirstAnswerOnly() throws IOException {
    serve(10, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(1_000_000));

    Outcome outcome = run(Attack.SLOW_READING, 500);

    assertThat(outcome.answers()).containsEntry("200", CONNECTIONS);
    assertThat(outcome.closed()).isZero();
  }

  @Test
  void whatDoesNotFitTheSocketBuffersIsSentAsTheServerReads() throws IOException {
    int length = Attack.PIPELINING.script().first().remaining();
    serve(length, "HTTP/1.1 200 OK\r\n\r\n");

    Outcome outcome = run(Attack.PIPELINING, 2000);

    assertThat(received).hasSize(CONNECTIONS).allMatch(text -> text.length() == length);
    assertThat(outcome.answers()).containsEntry("200", CONNECTIONS);
  }

  @Test
  void inEachRoundAllComeAgain() throws IOException {
    serve(1_000_000, "");

    Outcome outcome = run(Attack.WAITING, 600);

    assertThat(outcome.connections()).isEqualTo(2 * CONNECTIONS);
    assertThat(outcome.opened()).isEqualTo(2 * CONNECTIONS);
  }

  @Test
  void theDataFileIsAnotherOneInEachRoundAndAsBeforeAfterwards(@TempDir Path dir)
      throws IOException {
    Path file = dir.resolve("data.json");
    DataFileSwap.restore(file);
    byte[] before = Files.readAllBytes(file);
    DataFileSwap.swap(file, 0);
    assertThat(Files.size(file)).isEqualTo(300_000_000);
    DataFileSwap.swap(file, 1);
    assertThat(file).isSymbolicLink();
    DataFileSwap.swap(file, 2);
    assertThat(Files.readAttributes(file, BasicFileAttributes.class).isOther()).isTrue();
    serve(1_000_000, "");

    HostileLoad.run(
        new Plan(listener.getLocalPort(), Attack.DATA_FILE, 1, 10, 300, file.toString()));

    assertThat(file).hasBinaryContent(before);
  }

  @Test
  void everyAttackHasAnIdThatLeadsBackToIt() {
    for (Attack attack : Attack.values()) {
      assertThat(Attack.of(attack.id())).isEqualTo(attack);
    }
  }
}
