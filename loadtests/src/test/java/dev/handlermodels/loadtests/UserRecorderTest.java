package dev.handlermodels.loadtests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UserRecorderTest {
  @Test
  void knowsWhoWasServedAndWhatIsUnfinished() {
    UserRecorder ledger = new UserRecorder(3);
    int served = ledger.join(1000);
    int failed = ledger.join(1001);
    int waiting = ledger.join(1002);
    ledger.sent(served, 1000);
    ledger.ended(served, true);
    ledger.sent(failed, 1001);
    ledger.ended(failed, false);
    ledger.sent(waiting, 1002);

    assertThat(ledger.stats(2002, true))
        .isEqualTo(new UserStats(1000, 2002, true, 1, 1, 3, 1, 1, 1000));
  }

  @Test
  void aUserServedTwiceCountsOnce() {
    UserRecorder ledger = new UserRecorder(2);
    int user = ledger.join(1000);
    ledger.ended(user, true);
    ledger.ended(user, true);

    assertThat(ledger.stats(1500, false).served()).isEqualTo(1);
    assertThat(ledger.stats(1500, false).ok()).isEqualTo(2);
  }
}
