package dev.handlermodels.loadtests.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a stand-in that keeps one room and can lose messages, or tell them out of order. */
class ChatLoadTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<OutputStream> members = new CopyOnWriteArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private ServerSocket listener;
  private int seq;
  private boolean loses;
  private boolean repeats;
  private IntPredicate refuses = number -> false;

  @TempDir Path dir;

  @BeforeEach
  void start() throws IOException {
    listener = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
    threads.submit(
        () -> {
          while (true) {
            Socket socket = listener.accept();
            threads.submit(() -> serve(socket));
          }
        });
  }

  @AfterEach
  void stop() throws IOException {
    listener.close();
    threads.shutdownNow();
  }

  private Object serve(Socket socket) throws IOException {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int newLines = 0;
      while (newLines < 2) {
        int next = in.readUnsignedByte();
        newLines = next == '\n' ? newLines + 1 : next == '\r' ? newLines : 0;
      }
      OutputStream out = socket.getOutputStream();
      boolean refused = refuses.test(asked.incrementAndGet());
      out.write(ascii("HTTP/1.1 " + (refused ? "503 No" : "101 Yes") + "\r\nX: x\r\n\r\n"));
      if (!refused) {
        members.add(out);
      }
      while (!refused) {
        in.skipNBytes(1);
        byte[] text = new byte[in.readUnsignedByte() & 0x7F];
        in.skipNBytes(4); // the mask is zeros
        in.readFully(text);
        tell(new String(text, StandardCharsets.US_ASCII));
      }
      return null;
    }
  }

  private synchronized void tell(String text) throws IOException {
    seq += repeats && seq > 0 ? 0 : 1;
    byte[] json = ascii("{\"type\":\"message\",\"text\":\"" + text + "\",\"seq\":" + seq + "}");
    ByteBuffer frame = ByteBuffer.allocate(4 + json.length);
    frame.put((byte) 0x81).put((byte) 126).putShort((short) json.length).put(json);
    for (OutputStream member : loses ? members.subList(1, members.size()) : members) {
      member.write(frame.array());
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Four clients in one room, 25 messages a second for 400 ms. */
  private ChatLoad.Outcome run() throws IOException {
    return run(0);
  }

  private ChatLoad.Outcome run(int slowMs) throws IOException {
    Path outcome = dir.resolve("load.json");
    ChatLoad.Marks marks = ChatLoad.Marks.beside(outcome);
    Files.createFile(marks.go());
    return ChatLoad.run(
        new ChatLoad.Plan(listener.getLocalPort(), 4, 4, 100, 5000, 100, 400, slowMs), marks);
  }

  @Test
  void everyMessageReachesEverybodyAndIsTimed() throws IOException {
    ChatLoad.Outcome outcome = run();
    assertThat(outcome.open()).isEqualTo(4);
    assertThat(outcome.openedInMs()).isNotNull();
    assertThat(outcome.failures()).isZero();
    assertThat(outcome.messages()).isBetween(8, 12);
    assertThat(outcome.lost()).isZero();
    assertThat(outcome.disorder()).isZero();
    assertThat(outcome.deliveryP99Us()).isPositive();
    assertThat(outcome.lastP99Us()).isGreaterThanOrEqualTo(outcome.deliveryP50Us());
  }

  @Test
  void whatOneMemberIsNotToldIsLost() throws IOException {
    loses = true;
    ChatLoad.Outcome outcome = run();
    assertThat(outcome.lost()).isEqualTo(outcome.messages());
  }

  @Test
  void aNumberThatDoesNotGrowIsDisorder() throws IOException {
    repeats = true;
    assertThat(run().disorder()).isPositive();
  }

  @Test
  void aRefusedWebSocketIsAFailureAndTheOthersGoOn() throws IOException {
    refuses = number -> number == 2;
    ChatLoad.Outcome outcome = run();
    assertThat(outcome.failures()).isEqualTo(1);
    assertThat(outcome.open()).isEqualTo(3);
    assertThat(outcome.openedInMs()).isNull();
  }

  @Test
  void aSlowReaderThatIsNotLetInIsSaidAndNotCounted() throws IOException {
    refuses = number -> number > 4;
    ChatLoad.Outcome outcome = run(300);
    assertThat(outcome.slowFate()).isEqualTo("not let in");
    assertThat(outcome.slowPhaseP99Us()).isPositive();
    assertThat(outcome.failures()).isZero();
    assertThat(outcome.open()).isEqualTo(4);
  }
}
