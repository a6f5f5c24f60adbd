package dev.handlermodels.loadtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadSettingsTest {
  @Test
  void nothingGivenMeansTheTableOfTheOriginal() {
    assertThat(LoadSettings.from(name -> null))
        .isEqualTo(
            new LoadSettings(
                "http://127.0.0.1:8080",
                500,
                1000,
                10,
                10,
                5,
                60,
                30_000,
                0,
                1,
                null,
                null,
                null,
                null,
                "waitMs=1000"));
  }

  @Test
  void aQueryReplacesTheWait() {
    assertThat(LoadSettings.from(name -> null).target("/io")).isEqualTo("/io?waitMs=1000");
    assertThat(LoadSettings.from(Map.of("waitMs", "5")::get).target("/io"))
        .isEqualTo("/io?waitMs=5");
    assertThat(LoadSettings.from(Map.of("query", "a=b")::get).target("/x")).isEqualTo("/x?a=b");
    assertThat(LoadSettings.from(Map.of("query", "")::get).target("/x")).isEqualTo("/x");
  }

  @Test
  void propertiesReplaceTheDefaults() {
    Map<String, String> properties =
        Map.of("baseUrl", "http://example.org:81/", "users", "7", "rampSeconds", "0");
    LoadSettings settings = LoadSettings.from(properties::get);
    assertThat(settings.baseUrl()).isEqualTo("http://example.org:81");
    assertThat(settings.users()).isEqualTo(7);
    assertThat(settings.rampSeconds()).isZero();
  }

  @Test
  void anOpenLoadHasRoomForEveryArrivalAndNotForTooMany() {
    Map<String, String> open = Map.of("rate", "400");
    assertThat(LoadSettings.from(open::get).capacity()).isEqualTo(400 * 81 + 1);

    Map<String, String> tooMany = Map.of("rate", "10000", "durationSeconds", "3600");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoadSettings.from(tooMany::get))
        .withMessage("rate × seconds takes a whole number from 1 to 1000000, not '36210000'.");
  }

  @Test
  void theClockLeavesTheBenchTimeToEndTheRun() {
    assertThat(LoadSettings.from(name -> null).totalSeconds()).isEqualTo(81);
    assertThat(LoadSettings.from(name -> name.equals("endFile") ? "end" : null).totalSeconds())
        .isEqualTo(90);
    Map<String, String> longer = Map.of("endFile", "end", "tailSeconds", "20");
    assertThat(LoadSettings.from(longer::get).totalSeconds()).isEqualTo(100);
  }

  @ParameterizedTest
  @CsvSource({
    "users, 0, users takes a whole number from 1 to 10000",
    "users, many, users takes a whole number from 1 to 10000",
    "users, 10001, users takes a whole number from 1 to 10000",
    "waitMs, -1, waitMs takes a whole number from 0 to 60000",
    "durationSeconds, 0, durationSeconds takes a whole number from 1 to 3600",
    "durationSeconds, 1.5, durationSeconds takes a whole number from 1 to 3600",
    "rampSeconds, 601, rampSeconds takes a whole number from 0 to 600",
    "warmupSeconds, '', warmupSeconds takes a whole number from 0 to 600",
    "requestTimeoutMs, 99999999999, requestTimeoutMs takes a whole number from 1 to 120000",
    "rate, 10001, rate takes a whole number from 0 to 10000",
    "baseUrl, localhost, baseUrl takes an address such as http://127.0.0.1:8080",
    "baseUrl, https://my_host, baseUrl takes an address such as http://127.0.0.1:8080",
    "baseUrl, http://my_host:x, baseUrl takes an address such as http://127.0.0.1:8080",
    "baseUrl, ftp://localhost, baseUrl takes an address such as http://127.0.0.1:8080",
    "baseUrl, http://:x y, baseUrl takes an address such as http://127.0.0.1:8080",
  })
  void aWrongPropertyIsAnsweredWithOneSentence(String name, String value, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoadSettings.from(property -> property.equals(name) ? value : null))
        .withMessage(sentence + ", not '" + value + "'.");
  }
}
