package dev.handlermodels.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DescriptorsTest {
  @ParameterizedTest
  @ValueSource(longs = {128, 256, 1024, 4096, 20_000, 1_048_576, Integer.MAX_VALUE})
  void the_defaults_stay_below_the_limit(long max) {
    Descriptors descriptors = new Descriptors(max);
    Settings settings = Settings.of(Map.of(), descriptors);
    assertThat(
            settings.maxConnections() + settings.upstreamMaxConnections() + descriptors.reserve())
        .isLessThanOrEqualTo(max);
    assertThat(settings.maxConnections()).isBetween(1, 20_000);
    assertThat(settings.upstreamMaxConnections()).isBetween(1, 10_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {128, 256, 1024, 4096, 20_000})
  void connections_for_tasks_in_the_database_are_counted(long max) {
    Descriptors descriptors = new Descriptors(max);
    Map<String, String> environment =
        Map.of("TASK_STORE", "postgres", "DATABASE_URL", "postgresql://u:p@h/n");
    Settings settings = Settings.of(environment, descriptors);
    assertThat(settings.tasks().databaseConnections()).isEqualTo(4 + 4); // workers and requests
    assertThat(
            settings.maxConnections()
                + settings.upstreamMaxConnections()
                + 2 * settings.database().poolSize()
                + settings.tasks().databaseConnections()
                + descriptors.reserve())
        .isLessThanOrEqualTo(max);
  }

  @Test
  void what_does_not_fit_is_refused_with_the_arithmetic() {
    assertThatThrownBy(() -> Settings.of(Map.of("MAX_CONNECTIONS", "1000"), new Descriptors(1024)))
        .isInstanceOf(Settings.SettingsException.class)
        .hasMessageContaining("MAX_CONNECTIONS (1000), UPSTREAM_MAX_CONNECTIONS (448)")
        .hasMessageContaining("reserve of 128")
        .hasMessageContaining("1024 descriptors");
  }
}
