package dev.handlermodels.loadtests.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.handlermodels.loadtests.load.ArrivalLoad.Clients;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.ArrivalLoad.Outcome;
import dev.handlermodels.loadtests.load.ArrivalLoad.Plan;
import dev.handlermodels.loadtests.load.ArrivalLoad.Request;
import dev.handlermodels.loadtests.load.ArrivalLoad.Step;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ArrivalLoadTest {
  @TempDir Path dir;

  private static int sum(List<IntervalStats> times, ToIntFunction<IntervalStats> count) {
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
      assertThat(sum(outcome.slices(), IntervalStats::arrivals)).isEqualTo(250);
      assertThat(sum(outcome.slices(), IntervalStats::refused)).isEqualTo(25);
      assertThat(sum(outcome.slices(), IntervalStats::failed)).isEqualTo(25);
      assertThat(sum(outcome.slices(), IntervalStats::ok)).isEqualTo(200);
      assertThat(sum(outcome.slices(), IntervalStats::broken)).isZero();
      assertThat(sum(outcome.slices(), slice -> slice.statuses().getOrDefault(500, 0)))
          .isEqualTo(25);
      // What comes in the first 100 ms of a step does not count in the step.
      assertThat(outcome.steps()).extracting(IntervalStats::arrivals).containsExactly(40, 160);
      assertThat(outcome.steps()).extracting(IntervalStats::seconds).containsExactly(0.4, 0.4);
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
  void outcomeAndPlanAreTwoFiles() throws IOException {
    Path outcome = dir.resolve("load.json");
    Path plan = dir.resolve("load.plan");
    Json.write(plan, new Plan(1, "/", 0, 100, List.of(new Step(20, 100), new Step(40, 100))));

    ArrivalLoad.main(new String[] {outcome.toString(), plan.toString()});

    Outcome read = Json.read(outcome, Outcome.class);
    assertThat(read.steps()).extracting(IntervalStats::arrivals).containsExactly(2, 4);
    assertThat(Files.exists(ArrivalLoad.began(outcome))).isTrue();
  }

  /** Clients leave within 250 ms, and later on a busy machine. */
  private static final int LATER_THAN_ANYBODY_LEAVES_MS = 1500;

  @Test
  void aShareOfTheClientsHangsUpAndTheServerSeesEachOfThem() throws IOException {
    try (Patient server = new Patient(LATER_THAN_ANYBODY_LEAVES_MS)) {
      Outcome outcome = ArrivalLoad.run(hangingUp(server.port()), null);

      IntervalStats all = outcome.steps().getFirst();
      assertThat(all.arrivals()).isEqualTo(300);
      assertThat(all.hungUp()).isBetween(40, 80); // 20 % of 300, drawn by the seed
      assertThat(all.ok()).isEqualTo(300 - all.hungUp());
      server.awaitGone(all.hungUp());
      assertThat(server.resets).hasValue((all.hungUp() + 1) / 2);
      assertThat(server.closes).hasValue(all.hungUp() / 2);
      assertThat(server.withinBody).hasPositiveValue();
    }
  }

  @Test
  void theSeedTellsWhoHangsUp() throws IOException {
    try (Patient server = new Patient(LATER_THAN_ANYBODY_LEAVES_MS)) {
      int first = ArrivalLoad.run(hangingUp(server.port()), null).steps().getFirst().hungUp();
      int again = ArrivalLoad.run(hangingUp(server.port()), null).steps().getFirst().hungUp();

      assertThat(again).isEqualTo(first);
    }
  }

  private static Plan hangingUp(int port) {
    List<Request> mix =
        List.of(
            Request.get("/wait", 10, 1),
            new Request("POST", "/echo", List.of(), "x".repeat(1000), 200, 10, 1));
    List<Step> steps = List.of(new Step(300, 1000));
    return new Plan(port, mix, 0, 20_000, steps, 250, new Clients(0, 20, 0, 0, 7));
  }

  /** Answers late enough for whoever wants to leave before, and tells how he left. */
  private static final class Patient implements AutoCloseable {
    private final int answersAfterMs;

    private final ServerSocket socket =
        new ServerSocket(0, 300, InetAddress.getByName("127.0.0.1"));
    private final AtomicInteger resets = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();
    private final AtomicInteger withinBody = new AtomicInteger();
    private final Semaphore gone = new Semaphore(0);

    Patient(int answersAfterMs) throws IOException {
      this.answersAfterMs = answersAfterMs;
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return socket.getLocalPort();
    }

    void awaitGone(int clients) {
      try {
        assertThat(gone.tryAcquire(clients, 10, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private void accept() {
      try {
        while (true) {
          Socket client = socket.accept();
          Thread.ofVirtual().start(() -> serve(client));
        }
      } catch (IOException e) {
        assertThat(socket.isClosed()).isTrue();
      }
    }

    private void serve(Socket client) {
      boolean asked = false;
      try (client) {
        BufferedInputStream in = new BufferedInputStream(client.getInputStream());
        while (true) {
          client.setSoTimeout(0);
          asked = false;
          int left = readHead(in);
          asked = left >= 0;
          while (left > 0 && in.read() >= 0) {
            left--;
          }
          withinBody.addAndGet(left > 0 ? 1 : 0);
          if (left != 0 || isGone(client, in)) {
            closes.addAndGet(asked ? 1 : 0);
            return;
          }
          String answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
          client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException e) {
        resets.addAndGet(asked ? 1 : 0);
      } finally {
        gone.release(asked ? 1 : 0);
      }
    }

    /** The length of the body; -1 where there is no more request. */
    private static int readHead(BufferedInputStream in) throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return -1;
        }
        head.append((char) next);
      }
      int at = head.indexOf("Content-Length: ");
      return at < 0
          ? 0
          : Integer.parseInt(
              head.substring(at + "Content-Length: ".length(), head.indexOf("\r\n", at)));
    }

    private boolean isGone(Socket client, BufferedInputStream in) throws IOException {
      client.setSoTimeout(answersAfterMs);
      try {
        return in.read() < 0;
      } catch (SocketTimeoutException _) {
        return false;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void aMixIsAskedForByItsWeightsAndEachRequestHasItsOwnGoodAnswer() throws IOException {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    HttpServer server = mixServer(asked);
    try {
      List<Request> mix =
          List.of(
              new Request("POST", "/tasks", List.of("Idempotency-Key: a-{n}"), "{}", 202, 0, 30),
              Request.get(ArrivalLoad.TASK, 0, 30),
              Request.get("/chunks", 0, 20),
              new Request("GET", "/nowhere/{n}", List.of(), "", 404, 0, 20));
      Plan plan =
          new Plan(
              server.getAddress().getPort(),
              mix,
              0,
              5_000,
              List.of(new Step(400, 1000)),
              500,
              new Clients(0, 0, 10, 0, 1));
      Outcome outcome = ArrivalLoad.run(plan, null);

      IntervalStats all = outcome.steps().getFirst();
      assertThat(all.ok()).isEqualTo(400);
      assertThat(outcome.slices()).hasSize(2);
      assertThat(all.statuses().get(202)).isBetween(80, 160);
      assertThat(all.statuses().get(404)).isBetween(50, 110);
      // Each tenth answer is a connection's last, and each task is asked for once.
      assertThat(outcome.opened()).isGreaterThanOrEqualTo(40);
      assertThat(asked.stream().filter(path -> path.startsWith("GET /tasks/")))
          .hasSizeGreaterThan(60)
          .doesNotHaveDuplicates();
      assertThat(asked.stream().filter(path -> path.startsWith("key"))).doesNotHaveDuplicates();
      assertThat(asked.stream().filter(path -> path.contains("/nowhere/"))).doesNotHaveDuplicates();
    } finally {
      server.stop(0);
    }
  }

  /** Writes down what it was asked for. */
  private static HttpServer mixServer(Queue<String> asked) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(exchange.getRequestMethod() + " " + path);
          boolean post = exchange.getRequestMethod().equals("POST");
          if (post) {
            asked.add("key " + exchange.getRequestHeaders().getFirst("Idempotency-Key"));
            exchange.getResponseHeaders().add("Location", "/tasks/" + asked.size());
          }
          byte[] body = "x".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
          int status = post ? 202 : path.startsWith("/nowhere") ? 404 : 200;
          exchange.sendResponseHeaders(status, path.equals("/chunks") ? 0 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  @Test
  void aConnectionThatIsNotUsedForAWhileIsClosedByItsClient() throws Exception {
    try (Patient server = new Patient(300)) {
      // One arrival each 500 ms, answered after 300, and 50 ms later the connection is closed.
      List<Step> steps = List.of(new Step(2, 2000));
      List<Request> mix = List.of(Request.get("/", 0, 1));
      Clients clients = new Clients(0, 0, 0, 50, 1);
      Outcome closed =
          ArrivalLoad.run(new Plan(server.port(), mix, 0, 20_000, steps, 250, clients), null);
      Outcome kept = ArrivalLoad.run(new Plan(server.port(), "/", 0, 20_000, steps), null);

      assertThat(closed.steps().getFirst().ok()).isEqualTo(4);
      assertThat(closed.opened()).isEqualTo(4);
      assertThat(kept.opened()).isLessThan(4);
    }
  }

  @Test
  void closedUsersAskAgainWhenTheyHaveTheirAnswer() throws IOException {
    AtomicInteger busy = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          most.accumulateAndGet(busy.incrementAndGet(), Math::max);
          exchange.sendResponseHeaders(200, 1);
          busy.decrementAndGet();
          exchange.getResponseBody().write('x');
          exchange.close();
        });
    server.start();
    try {
      Plan plan =
          new Plan(
              server.getAddress().getPort(),
              List.of(Request.get("/", 0, 1)),
              0,
              5_000,
              List.of(new Step(0, 500)),
              250,
              new Clients(5, 0, 0, 0, 1));
      IntervalStats all = ArrivalLoad.run(plan, null).steps().getFirst();

      assertThat(most.get()).isBetween(1, 5);
      assertThat(all.ok()).isEqualTo(all.arrivals()).isGreaterThan(5);
    } finally {
      server.stop(0);
    }
  }
}
