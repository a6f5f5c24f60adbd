package dev.handlermodels.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DatabaseSettingsTest {
  private static final String URL = "postgresql://ada:s3cret@db.example:5433/shop";

  @Test
  void a_URL_names_all() {
    assertThat(address(Map.of("DATABASE_URL", URL)))
        .isEqualTo(new DatabaseAddress("db.example", 5433, "shop", "ada", "s3cret"));
  }

  @Test
  void what_is_no_letter_or_digit_is_percent_encoded() {
    DatabaseAddress address = DatabaseAddress.of("postgresql://a%40b:p%2Fw%3A+%25@[::1]/my_db");
    assertThat(address).isEqualTo(new DatabaseAddress("[::1]", 5432, "my_db", "a@b", "p/w:+%"));
  }

  @Test
  void user_and_password_may_come_apart_from_it() {
    Map<String, String> apart =
        Map.of(
            "DATABASE_URL", "postgresql://my_host/shop",
            "DATABASE_USER", "grace",
            "DATABASE_PASSWORD", "hopper");
    assertThat(address(apart))
        .isEqualTo(new DatabaseAddress("my_host", 5432, "shop", "grace", "hopper"));
  }

  @Test
  void a_password_may_stand_in_a_file(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("password"), "from a file\n");
    Map<String, String> settings =
        Map.of("DATABASE_URL", URL, "DATABASE_PASSWORD_FILE", file.toString());
    assertThat(address(settings).password()).isEqualTo("from a file");
  }

  @Test
  void settings_do_not_tell_it() {
    Settings settings = Settings.fromEnvironment(Map.of("DATABASE_URL", URL));
    assertThat(settings.toString()).contains("db.example:5433/shop").doesNotContain("s3cret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://h/n",
        "mysql://u:s3cret@h/n",
        "postgresql://u:s3cret@h",
        "postgresql://u:s3cret@h/",
        "postgresql://u:s3cret@h/a/b",
        "postgresql://u:s3cret@h:0/n",
        "postgresql://u:s3cret@h:65536/n",
        "postgresql://u:s3c ret@h/n",
        "postgresql://u:s3cret/x@h/n",
        "postgresql://u:s3cret@h/n?ssl=true",
        "postgresql://u:s3cret@h/n#x",
        "postgresql:///n",
        "s3cret"
      })
  void any_other_URL_is_refused_and_not_shown(String url) {
    assertThatThrownBy(() -> address(Map.of("DATABASE_URL", url)))
        .isInstanceOf(Settings.SettingsException.class)
        .hasMessageContaining("DATABASE_URL has to look like")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void what_belongs_to_a_database_is_refused_without_one() {
    assertThatThrownBy(() -> Settings.fromEnvironment(Map.of("DATABASE_PASSWORD", "s3cret")))
        .isInstanceOf(Settings.SettingsException.class)
        .hasMessageContaining("DATABASE_URL is not")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void a_URL_without_a_user_is_refused() {
    assertThatThrownBy(() -> address(Map.of("DATABASE_URL", "postgresql://h/n")))
        .hasMessageContaining("names no user");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "no/such/file"})
  void a_password_file_without_a_password_is_refused(String content, @TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("password"), content.strip());
    String name = content.startsWith("no") ? content : file.toString();
    assertThatThrownBy(() -> address(Map.of("DATABASE_URL", URL, "DATABASE_PASSWORD_FILE", name)))
        .hasMessageContaining("DATABASE_PASSWORD_FILE is '" + name + "'");
  }

  private static DatabaseAddress address(Map<String, String> environment) {
    return Settings.fromEnvironment(environment).database().address().orElseThrow();
  }
}
