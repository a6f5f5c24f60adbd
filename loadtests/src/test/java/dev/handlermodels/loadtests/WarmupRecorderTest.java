package dev.handlermodels.loadtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.Warmup.Window;
import org.junit.jupiter.api.Test;

class WarmupRecorderTest {
  private final WarmupRecorder ledger = new WarmupRecorder(10, 30, 5);

  @Test
  void aRequestCountsInTheWindowInWhichItEnded() {
    ledger.ended(9_999, 1000); // the ramp
    ledger.ended(10_000, 1000);
    ledger.ended(14_999, 1002);
    ledger.ended(15_000, 1100);

    assertThat(ledger.at(20_000).windows())
        .containsExactly(new Window(2, 1000L), new Window(1, 1100L));
  }

  @Test
  void onlyWindowsThatAreOverAreTold() {
    assertThat(ledger.at(5_000).windows()).isEmpty();
    assertThat(ledger.at(19_999).windows()).containsExactly(new Window(0, null));
    assertThat(ledger.at(1_000_000).windows()).hasSize(6);
  }

  @Test
  void twoEqualWindowsAreSettledAndOneIsNot() {
    for (long ms = 10_000; ms < 20_000; ms += 100) {
      ledger.ended(ms, 1000);
    }

    assertThat(ledger.at(15_000).settled()).isFalse();
    assertThat(ledger.at(20_000).settled()).isTrue();
    assertThat(ledger.at(25_000).settled()).as("then nothing ended").isFalse();
  }
}
