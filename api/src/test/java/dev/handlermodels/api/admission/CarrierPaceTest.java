package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CarrierPaceTest {
  private static final int THREADS = 200;

  @Test
  void fewHaveBeenStartedAndHaveNotRun() {
    CarrierPace pace = new CarrierPace();
    AtomicInteger ran = new AtomicInteger();
    int most = 0;
    for (int started = 1; started <= THREADS; started++) {
      Thread.startVirtualThread(
          () -> {
            compute(TimeUnit.MILLISECONDS.toNanos(1));
            ran.incrementAndGet();
          });
      pace.started();
      most = Math.max(most, started - ran.get());
    }
    // Some more where the machine is busy with others for longer than it waits.
    assertThat(most).isLessThan(THREADS / 4);
  }

  @Test
  void itGoesOnBesideComputationsThatHoldAllCarriers() throws InterruptedException {
    CarrierPace pace = new CarrierPace();
    AtomicInteger ran = new AtomicInteger();
    AtomicBoolean computes = new AtomicBoolean(true);
    List<Thread> computations = new ArrayList<>();
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
      computations.add(
          Thread.startVirtualThread(
              () -> {
                while (computes.get()) {
                  Thread.onSpinWait();
                }
              }));
    }
    for (int i = 0; i < 20; i++) {
      Thread.startVirtualThread(ran::incrementAndGet);
      pace.started();
    }
    int ranBeside = ran.get();
    computes.set(false);
    for (Thread computation : computations) {
      computation.join();
    }
    assertThat(ranBeside).isZero();
  }

  private static void compute(long nanos) {
    long untilNanos = System.nanoTime() + nanos;
    while (System.nanoTime() < untilNanos) {
      Thread.onSpinWait();
    }
  }
}
