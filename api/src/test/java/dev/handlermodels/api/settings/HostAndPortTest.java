package dev.handlermodels.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HostAndPortTest {
  @ParameterizedTest
  @CsvSource({
    "http://upstream:8081, upstream, 8081",
    "http://my_upstream:8081, my_upstream, 8081",
    "http://my_upstream, my_upstream, 80",
    "http://user:secret@my_upstream:1/, my_upstream, 1",
    "http://[2001:db8::5]:8081, [2001:db8::5], 8081",
    "http://h:, h, 80"
  })
  void host_and_port_are_told_apart(String url, String host, int port) {
    assertThat(HostAndPort.of(URI.create(url))).isEqualTo(new HostAndPort(host, port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http:/path", "http://:80", "http://my_upstream:65536", "http://h_1:0"})
  void no_host_or_an_impossible_port_is_refused(String url) {
    assertThatThrownBy(() -> HostAndPort.of(URI.create(url)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
