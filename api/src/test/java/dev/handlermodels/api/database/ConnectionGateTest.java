package dev.handlermodels.api.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ConnectionGateTest {
  private static final RuntimeException GONE = new IllegalStateException("gone");

  @Test
  void as_many_pass_as_there_are_connections_and_the_rest_waits_in_its_order() {
    ConnectionGate gate = new ConnectionGate(2, 2);
    ConnectionGate.Place first = gate.enter();
    ConnectionGate.Place second = gate.enter();
    ConnectionGate.Place third = gate.enter();
    ConnectionGate.Place fourth = gate.enter();

    assertThat(List.of(first.turn(), second.turn())).allMatch(CompletableFuture::isDone);
    assertThat(List.of(third.turn(), fourth.turn())).noneMatch(CompletableFuture::isDone);
    assertThat(gate.waiting()).isEqualTo(2);

    second.close();
    assertThat(third.turn()).isCompleted();
    assertThat(fourth.turn()).isNotDone();
  }

  @Test
  void one_more_than_may_wait_is_refused_and_leaves_nothing_behind() {
    ConnectionGate gate = new ConnectionGate(1, 1);
    ConnectionGate.Place passed = gate.enter();
    ConnectionGate.Place waits = gate.enter();

    assertThatThrownBy(gate::enter)
        .isInstanceOfSatisfying(
            DatabaseException.class,
            e -> assertThat(e.kind()).isEqualTo(DatabaseException.Kind.FULL));
    passed.close();
    waits.close();
    assertThat(gate.enter().turn()).isCompleted();
  }

  @Test
  void who_gives_up_leaves_the_line_to_those_behind() {
    ConnectionGate gate = new ConnectionGate(1, 2);
    ConnectionGate.Place passed = gate.enter();
    ConnectionGate.Place gone = gate.enter();
    ConnectionGate.Place behind = gate.enter();

    gone.giveUp(GONE);
    assertThat(gone.turn()).isCompletedExceptionally();
    gone.close();
    assertThat(gate.waiting()).isEqualTo(1);
    passed.close();
    assertThat(behind.turn()).isCompleted();
  }

  @Test
  void it_is_too_late_to_give_up_what_has_been_granted() {
    ConnectionGate gate = new ConnectionGate(1, 1);
    ConnectionGate.Place passed = gate.enter();
    passed.giveUp(GONE);
    assertThat(passed.turn()).isCompleted();
    passed.close();
    passed.close(); // gives nothing back twice
    assertThat(gate.enter().turn()).isCompleted();
    assertThat(gate.enter().turn()).isNotDone();
  }

  @Test
  void of_many_threads_never_more_pass_than_may() throws Exception {
    ConnectionGate gate = new ConnectionGate(3, 1000);
    AtomicInteger inside = new AtomicInteger();
    ConcurrentLinkedQueue<Integer> seen = new ConcurrentLinkedQueue<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        boolean impatient = i % 7 == 0;
        all.add(CompletableFuture.runAsync(() -> pass(gate, inside, seen, impatient), threads));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
    }
    assertThat(seen).allMatch(count -> count <= 3).isNotEmpty();
    assertThat(gate.waiting()).isZero();
    for (int i = 0; i < 3; i++) {
      assertThat(gate.enter().turn()).as("all have been given back").isCompleted();
    }
  }

  private static void pass(
      ConnectionGate gate,
      AtomicInteger inside,
      ConcurrentLinkedQueue<Integer> seen,
      boolean impatient) {
    try (ConnectionGate.Place place = gate.enter()) {
      if (impatient) {
        place.giveUp(GONE);
      }
      place.turn().join();
      seen.add(inside.incrementAndGet());
      Thread.yield();
      inside.decrementAndGet();
    } catch (RuntimeException _) {
      // gave up
    }
  }
}
