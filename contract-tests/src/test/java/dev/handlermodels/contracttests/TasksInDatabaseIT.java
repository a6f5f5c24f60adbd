package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two servers and a worker on one database, of which one is killed with -9 in mid-work at a random
 * moment: of all tasks answered 202 none is lost, and none has two results. More rounds: {@code mvn
 * -pl contract-tests -am verify -Dit.test=TasksInDatabaseIT -Dkill.rounds=20}.
 */
@Rules
@Timeout(1800)
class TasksInDatabaseIT {
  private static final int ROUNDS = Integer.getInteger("kill.rounds", 3);
  private static final int SERVERS = 2;
  private static final int CLIENTS = 4;
  private static final int LONGEST_MS = 1500;
  private static final int START_SECONDS = 90;

  /** Chooses servers, victims and moments; what the moment meets, it cannot repeat. */
  private final long seed = Long.getLong("kill.seed", System.nanoTime());

  private final Random random = new Random(seed);

  @Test
  void of_all_tasks_that_were_accepted_none_is_lost_and_none_has_two_results() throws Exception {
    System.out.printf("%s rounds, -Dkill.seed=%s%n", ROUNDS, seed);
    for (int round = 1; round <= ROUNDS; round++) {
      round(round);
    }
  }

  private void round(int round) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("TASK_STORE", "postgres");
    settings.put("TASK_TAKEOVER_MS", "2000");
    settings.put("TASK_QUEUE_SIZE", "1000000");
    settings.put("TASK_RESULTS_KEPT", "1000000");
    settings = TestDatabase.settings(settings);
    Model[] models = Model.values();
    List<ServerProcess> processes = new ArrayList<>();
    ConcurrentLinkedQueue<String> accepted = new ConcurrentLinkedQueue<>();
    AtomicBoolean enough = new AtomicBoolean();
    try {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < SERVERS; i++) {
        Model model = models[random.nextInt(models.length)];
        processes.add(ServerProcess.start(model, settings));
        names.add(model.toString());
      }
      processes.add(ServerProcess.startWorker(settings));
      names.add("worker");
      processes.forEach(ServerProcess::managementPort); // each is ready
      for (ServerProcess server : processes.subList(0, SERVERS)) {
        awaitTables(server);
      }
      List<CompletableFuture<Void>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        ServerProcess server = processes.get(i % SERVERS);
        clients.add(CompletableFuture.runAsync(() -> submit(server, accepted, enough)));
      }
      Await.until(
          "some are accepted",
          () -> {
            clients.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .forEach(CompletableFuture::join); // says why
            return accepted.size() > 20;
          });
      Thread.sleep(random.nextInt(LONGEST_MS)); // a random moment
      int killed = random.nextInt(processes.size());
      ServerProcess victim = processes.get(killed);
      int before = accepted.size();
      victim.close(); // kill -9
      Await.until("others are accepted", () -> killed == SERVERS || accepted.size() > before + 20);
      enough.set(true);
      CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).get();

      Await.until("all have ended", () -> TestDatabase.tasks("state <> 'done'") == 0);
      assertThat(accepted).doesNotHaveDuplicates();
      assertThat(TestDatabase.tasks("results <> 1")).as("round " + round).isZero();
      assertThat(TestDatabase.tasks("true"))
          .as("accepted, or committed while the answer was lost with its server")
          .isBetween((long) accepted.size(), (long) accepted.size() + CLIENTS);
      for (String location : accepted) {
        assertThat(TestDatabase.tasks("id = '" + location.substring("/tasks/".length()) + "'"))
            .as("round " + round + ": " + location)
            .isEqualTo(1);
      }
      System.out.printf(
          "round %s of %s: kill -9 of %s, number %s; %s accepted, %s begun more than once, none"
              + " lost, none with two results%n",
          round,
          names,
          names.get(killed),
          killed + 1,
          accepted.size(),
          TestDatabase.tasks("attempt > 1"));
    } finally {
      enough.set(true);
      processes.forEach(ServerProcess::close);
      TestDatabase.change("DELETE FROM handler_models.task");
    }
  }

  /** The first requests wait for the schema, which all processes see to at once. */
  private static void awaitTables(ServerProcess server) throws Exception {
    try (Client client = server.main()) {
      Answer answer;
      do {
        answer = client.start("/tasks").get(START_SECONDS, TimeUnit.SECONDS);
      } while (answer.status() == 503);
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  /** Until it is enough, or until its server is killed. */
  private static void submit(
      ServerProcess server, ConcurrentLinkedQueue<String> accepted, AtomicBoolean enough) {
    byte[] task = "{\"text\":\"x\",\"waitMs\":20}".getBytes(StandardCharsets.UTF_8);
    try (Client client = server.main()) {
      while (!enough.get()) {
        Answer answer =
            client.start("POST", "/tasks", Map.of("Content-Type", "application/json"), task).join();
        if (answer.status() != 503) { // which promises nothing
          assertThat(answer.status()).isEqualTo(202);
          accepted.add(answer.header("location"));
        }
      }
    } catch (CompletionException e) {
      if (e.getCause() instanceof AssertionError failure) {
        throw failure;
      } // else it was killed
    }
  }
}
