package dev.handlermodels.loadtests.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({"30s, 30", "1800s, 1800", "30m, 1800", "2h, 7200", "24h, 86400"})
  void aLengthOfTimeIsANumberAndItsUnit(String text, int seconds) {
    assertThat(Durations.seconds("--duration", text, 30, 86_400)).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "m", "29s", "0m", "25h", "-1m", "1.5h", "1d", "9999999h"})
  void whatIsNoneOrOutOfBoundsIsRefusedInOneSentence(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.seconds("--duration", text, 30, 86_400))
        .withMessage(
            "--duration takes a time such as 1800s, 30m or 2h, from 30s to 24h, not '%s'.", text);
  }

  @ParameterizedTest
  @CsvSource({"90, 90s", "1800, 30m", "7200, 2h", "60, 1m"})
  void itIsWrittenInTheLargestUnitThatFits(int seconds, String text) {
    assertThat(Durations.text(seconds)).isEqualTo(text);
  }
}
