package dev.handlermodels.loadtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.handlermodels.loadtests.ArrivalLoad.Ended;
import dev.handlermodels.loadtests.ArrivalLoad.Outcome;
import dev.handlermodels.loadtests.ArrivalLoad.Plan;
import dev.handlermodels.loadtests.ArrivalLoad.Step;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivalLoadTest {
  @TempDir Path dir;

  private static int sum(List<Ended> times, ToIntFunction<Ended> count) {
    return times.stream().mapToInt(count).sum();
  }

  @Test
  void arrivalsComeAtTheirRateAndAreCountedByWhatBecameOfThem() throws IOException {
    AtomicInteger answered = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
    server.createContext(
        "/",
        exchange -> {
          int number = answered.incrementAndGet();
          byte[] body = "hello".getBytes(StandardCharsets.US_ASCII);
          int status = number % 10 == 0 ? 503 : number % 10 == 1 ? 500 : 200;
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      Path began = dir.resolve("began");
      Outcome outcome =
          ArrivalLoad.run(
              new Plan(
                  server.getAddress().getPort(),
                  "/",
                  100,
                  5_000,
                  List.of(new Step(100, 500), new Step(400, 500))),
              began);

      assertThat(began).exists();
      assertThat(answered).hasValue(50 + 200);
      assertThat(outcome.slices()).hasSize(4);
      assertThat(sum(outcome.slices(), Ended::arrivals)).isEqualTo(250);
      assertThat(sum(outcome.slices(), Ended::refused)).isEqualTo(25);
      assertThat(sum(outcome.slices(), Ended::failed)).isEqualTo(25);
      assertThat(sum(outcome.slices(), Ended::ok)).isEqualTo(200);
      assertThat(sum(outcome.slices(), Ended::broken)).isZero();
      assertThat(sum(outcome.slices(), slice -> slice.statuses().getOrDefault(500, 0)))
          .isEqualTo(25);
      // What comes in the first 100 ms of a step does not count in the step.
      assertThat(outcome.steps()).extracting(Ended::arrivals).containsExactly(40, 160);
      assertThat(outcome.steps()).extracting(Ended::seconds).containsExactly(0.4, 0.4);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aConnectionThatIsClosedInsteadOfAnAnswerIsBroken() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> closeAll(server));
      Outcome outcome =
          ArrivalLoad.run(
              new Plan(server.getLocalPort(), "/", 0, 5_000, List.of(new Step(40, 500))), null);
      assertThat(outcome.steps().getFirst().broken()).isEqualTo(20);
    }
  }

  private static void closeAll(ServerSocket server) {
    try {
      while (true) {
        server.accept().close();
      }
    } catch (IOException e) {
      assertThat(server.isClosed()).isTrue();
    }
  }

  @Test
  void aPortAtWhichNobodyListensBreaksEveryArrival() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Outcome outcome =
        ArrivalLoad.run(new Plan(port, "/", 0, 5_000, List.of(new Step(40, 500))), null);
    assertThat(outcome.steps().getFirst().broken()).isEqualTo(20);
  }

  @Test
  void whoGetsNoAnswerInTimeTimesOutAndTheRunEnds() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
      Outcome outcome =
          ArrivalLoad.run(
              new Plan(server.getLocalPort(), "/", 0, 100, List.of(new Step(20, 500))), null);
      assertThat(outcome.steps().getFirst().timeouts()).isEqualTo(10);
    }
  }

  @Test
  void latencyCountsFromTheIntendedArrival() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> answerOneAfterTheOther(server));
      Outcome outcome =
          ArrivalLoad.run(
              new Plan(server.getLocalPort(), "/", 0, 10_000, List.of(new Step(100, 250))), null);
      // Each takes 20 ms and has a connection that waits for those before it: the last for 25.
      assertThat(outcome.steps().getFirst().maxUs()).isGreaterThan(200_000);
      // One or the other may take a connection that the server is just closing.
      assertThat(outcome.steps().getFirst().ok()).isGreaterThan(20);
    }
  }

  private static void answerOneAfterTheOther(ServerSocket server) {
    try {
      while (true) {
        try (Socket socket = server.accept()) {
          socket.getInputStream().read(new byte[1000]);
          long from = System.nanoTime();
          while (System.nanoTime() - from < 20_000_000) {
            Thread.onSpinWait();
          }
          socket
              .getOutputStream()
              .write(
                  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException e) {
      assertThat(server.isClosed()).isTrue();
    }
  }

  @Test
  void theCommandLineTellsAllOfThePlan() throws IOException {
    Path outcome = dir.resolve("load.json");
    ArrivalLoad.main(new String[] {outcome.toString(), "1", "/", "0", "100", "20:100", "40:100"});
    Outcome read = Json.read(outcome, Outcome.class);
    assertThat(read.steps()).extracting(Ended::arrivals).containsExactly(2, 4);
    assertThat(Files.exists(ArrivalLoad.began(outcome))).isTrue();
  }
}
