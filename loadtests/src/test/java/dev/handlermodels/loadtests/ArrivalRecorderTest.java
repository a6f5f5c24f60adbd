package dev.handlermodels.loadtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivalRecorderTest {
  @Test
  void everyArrivalIsKeptWithItsOutcome(@TempDir Path dir) throws IOException {
    ArrivalRecorder ledger = new ArrivalRecorder(10, 3);
    for (int arrival = 0; arrival < 3; arrival++) {
      assertThat(ledger.admit(arrival, 1000 + arrival)).isTrue();
    }
    ledger.ended(0, 1500, true);
    ledger.ended(1, 1600, false);
    Path file = dir.resolve("arrivals.csv");
    ledger.write(file);

    assertThat(Files.readAllLines(file))
        .containsExactly(
            ArrivalRecorder.HEADER, "0,1000,1500,ok", "1,1001,1600,failed", "2,1002,0,unfinished");
  }

  @Test
  void anArrivalBeyondTheCapSendsNothingUntilOthersHaveEnded(@TempDir Path dir) throws IOException {
    ArrivalRecorder ledger = new ArrivalRecorder(10, 1);

    assertThat(ledger.admit(0, 1000)).isTrue();
    assertThat(ledger.admit(1, 1001)).isFalse();
    ledger.ended(0, 1002, true);
    assertThat(ledger.admit(2, 1003)).isTrue();

    Path file = dir.resolve("arrivals.csv");
    ledger.write(file);
    assertThat(Files.readAllLines(file)).contains("1,1001,0,not-sent");
  }
}
