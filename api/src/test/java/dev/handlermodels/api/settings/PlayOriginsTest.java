package dev.handlermodels.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PlayOriginsTest {
  private static PlayOrigins of(String setting) {
    return Settings.fromEnvironment(Map.of("PLAY_ORIGINS", setting)).playOrigins();
  }

  @Test
  void by_default_they_are_the_main_listener_on_loopback_by_its_three_names() {
    assertThat(of("").readers(8080))
        .containsExactlyInAnyOrder(
            "http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080");
    assertThat(of("").others()).isEmpty();
    assertThat(of("").managementAddresses(9090))
        .containsExactly("http://127.0.0.1:9090", "http://localhost:9090");
  }

  @Test
  void others_are_added() {
    PlayOrigins origins = of("http://localhost:8081, http://my-host:8080,https://play.example");
    assertThat(origins.readers(80))
        .containsExactlyInAnyOrder(
            "http://127.0.0.1",
            "http://localhost",
            "http://[::1]",
            "http://localhost:8081",
            "http://my-host:8080",
            "https://play.example");
    assertThat(origins.managementAddresses(9091))
        .containsExactly(
            "http://127.0.0.1:9091",
            "http://localhost:9091",
            "http://my-host:9091",
            "http://play.example:9091");
  }

  @Test
  void none_is_nobody() {
    assertThat(of("none").readers(8080)).isEmpty();
    assertThat(of("none").managementAddresses(9090)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "null",
        "none,http://a",
        "localhost:8081",
        "http://localhost:8081/",
        "http://localhost:8081/play",
        "http://LOCALHOST:8081",
        "http://*.example",
        "http://*:8081",
        "http://user@host",
        "http://[::1]:8081",
        "http://a:80",
        "https://a:443",
        "http://a:0",
        "http://a:65536",
        "http://a:08081",
        "ftp://a",
        "http://",
        "http://a,",
        "http://a,http://a",
        "http://a;script-src http://b",
        "http://a http://b",
        "http://a'"
      })
  void what_is_no_list_of_origins_is_refused(String setting) {
    assertThatThrownBy(() -> of(setting))
        .isInstanceOf(Settings.SettingsException.class)
        .hasMessageStartingWith("PLAY_ORIGINS is '" + Secrets.masked(setting) + "' but has to be");
  }

  @Test
  void seventeen_are_too_many() {
    String sixteen =
        IntStream.range(0, PlayOrigins.MAX_OTHERS)
            .mapToObj(i -> "http://host-" + (char) ('a' + i))
            .collect(Collectors.joining(","));
    assertThat(of(sixteen).others()).hasSize(PlayOrigins.MAX_OTHERS);
    assertThatThrownBy(() -> of(sixteen + ",http://one-more"))
        .isInstanceOf(Settings.SettingsException.class);
  }
}
