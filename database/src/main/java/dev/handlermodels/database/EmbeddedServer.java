package dev.handlermodels.database;

import dev.handlermodels.api.settings.DatabaseAddress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.util.ArchUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL for machines that have none: a process of its own in a folder of its own, which
 * ends with this one, whatever ends this one. It listens on loopback alone and lets nobody in
 * without a password, which is drawn anew each time.
 *
 * <p>A PostgreSQL refuses to be run by root; there the library starts it in a user namespace, in
 * which it is nobody.
 */
public final class EmbeddedServer implements AutoCloseable {
  private static final String NAME = "handler_models";
  private static final int SECRET_BYTES = 16;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
  private static final int WATCHDOG_SECONDS = 10;
  private static final int LAST_LINES = 3;

  /**
   * Waits until this process has ended, and be it by kill -9: then its end of the pipe is closed.
   * Signals of a terminal reach all processes in front of it; this one outlives them.
   */
  private static final String WATCHDOG =
      """
      trap '' INT TERM HUP QUIT
      read -r _
      of_folder() { # a process of this folder, and not one that has got its number since
        case "$(tr '\\0' ' ' <"/proc/$1/cmdline" 2>/dev/null || ps -o args= -p "$1" 2>/dev/null)" in
          *"$folder"*) true ;;
          *) false ;;
        esac
      }
      folder=$1
      tries=0
      while [ -d "$folder/data" ] && [ $tries -lt 20 ]; do
        pid=$(head -n 1 "$folder/data/postmaster.pid")
        if [ -n "$pid" ] && of_folder "$pid"; then
          kill -QUIT "$pid" # ends at once, without writing what it has in memory
        elif [ $tries -gt 1 ]; then
          break # none runs, nor one that was being started
        fi
        tries=$((tries + 1))
        sleep 0.5
      done
      [ -z "$pid" ] || ! of_folder "$pid" || kill -KILL "$pid"
      rm -rf "$folder"
      """;

  private final Path folder;
  private final String superuserPassword = secret();
  private final String password = secret();
  private final Process watchdog;
  private EmbeddedPostgres postgres;

  private EmbeddedServer(Path folder) throws IOException {
    this.folder = folder;
    // Before there is anything to watch, so that there is no moment without.
    this.watchdog =
        new ProcessBuilder("sh", "-c", WATCHDOG, "watchdog", folder.toString())
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
  }

  /**
   * Starts one with an empty database; that takes some seconds.
   *
   * @throws IOException where it does not start
   */
  public static EmbeddedServer start() throws IOException {
    Path folder = Files.createTempDirectory("handler-models-postgres-").toRealPath();
    EmbeddedServer server = new EmbeddedServer(folder);
    try {
      server.startPostgres(0);
      server.createDatabase();
      return server;
    } catch (IOException | SQLException | RuntimeException e) {
      String why = server.lastWords();
      server.close();
      throw new IOException(
          "the embedded PostgreSQL did not start: " + e.getMessage() + "; " + why, e);
    }
  }

  private static String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * @param port 0 for any free one
   */
  private void startPostgres(int port) throws IOException {
    // The library would look into a folder that all users share, and end what it finds there.
    System.setProperty("ot.epg.working-dir", folder.resolve("unused").toString());
    Path superuser = Files.writeString(folder.resolve("superuser"), superuserPassword);
    Redirect log = Redirect.appendTo(folder.resolve("log").toFile());
    try {
      postgres =
          EmbeddedPostgres.builder()
              .setPort(port)
              .setDataDirectory(folder.resolve("data"))
              .setCleanDataDirectory(false)
              .setPgBinaryResolver(EmbeddedServer::archive)
              .setOverrideWorkingDirectory(programs().toFile())
              .setRegisterShutdownHook(false) // while hooks run, no signal is heard
              .setPGStartupWait(START_TIMEOUT)
              .setOutputRedirector(log)
              .setErrorRedirector(log)
              // Options of initdb, of which the library trusts everybody by default.
              .setLocaleConfig("auth-host", "scram-sha-256")
              .setLocaleConfig("auth-local", "scram-sha-256")
              .setLocaleConfig("pwfile", superuser.toString())
              .setLocaleConfig("locale", "C")
              .setConnectConfig("password", superuserPassword)
              .setServerConfig("unix_socket_directories", "")
              // The library's own is off, which loses what was committed last when it is killed.
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("io_method", "sync")
              .setServerConfig("jit", "off")
              .start();
    } finally {
      Files.deleteIfExists(superuser);
    }
  }

  /**
   * Its programs for this machine. The library's own search refuses an archive that is found twice,
   * as tests of several servers find it.
   */
  private static InputStream archive(String system, String machine) throws IOException {
    String name =
        String.format(
            Locale.ROOT,
            "/postgres-%s-%s.txz",
            system.toLowerCase(Locale.ROOT),
            ArchUtils.normalize(machine));
    InputStream archive = EmbeddedServer.class.getResourceAsStream(name);
    if (archive == null) {
      throw new IOException("there is no PostgreSQL for this kind of machine: " + name);
    }
    return archive;
  }

  /** Where its programs are unpacked once for all that this user starts, and for nobody else. */
  private Path programs() throws IOException {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path ofUser =
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    try {
      return Files.createDirectories(ofUser.resolve("handler-models").resolve("postgres"));
    } catch (IOException _) { // a user without a home
      return Files.createDirectories(folder.resolve("programs"));
    }
  }

  /** One that its user owns, and nothing else. */
  private void createDatabase() throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE " + NAME + " LOGIN PASSWORD '" + password + "'");
      statement.execute("CREATE DATABASE " + NAME + " OWNER " + NAME);
    }
  }

  /** The end of its log, which names no password. */
  private String lastWords() {
    try (Stream<String> lines = Files.lines(folder.resolve("log"))) {
      List<String> all = lines.filter(line -> !line.isBlank()).toList();
      return String.join(" ", all.subList(Math.max(0, all.size() - LAST_LINES), all.size()));
    } catch (IOException | UncheckedIOException _) {
      return "it wrote no log";
    }
  }

  /** Where it listens, and the user who owns its database. */
  public DatabaseAddress address() {
    return new DatabaseAddress("127.0.0.1", postgres.getPort(), NAME, NAME, password);
  }

  /** Ends it as a power cut would: its clients lose their connections, its data stay. */
  public void kill() {
    ProcessHandle postmaster = postmaster();
    List<ProcessHandle> all =
        Stream.concat(postmaster.descendants(), Stream.of(postmaster)).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
  }

  /** The number of its first process, whose children serve a connection each. */
  public long pid() {
    return postmaster().pid();
  }

  private ProcessHandle postmaster() {
    try {
      String pid = Files.readAllLines(folder.resolve("data/postmaster.pid")).getFirst();
      return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts it again after {@link #kill}, on the same port and with the same data.
   *
   * @throws IOException where it does not start
   */
  public void restart() throws IOException {
    int port = postgres.getPort();
    postgres.close(); // gives back the lock on its folder
    startPostgres(port);
  }

  @Override
  public void close() {
    try {
      if (postgres != null) {
        postgres.close();
      }
      deleteFolder();
    } catch (IOException e) {
      log().warn("the folder of the embedded PostgreSQL stays: {}", e.getMessage());
    } finally {
      endWatchdog();
    }
  }

  private void deleteFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** It looks once more, finds nothing left, and ends. */
  private void endWatchdog() {
    try {
      watchdog.getOutputStream().close();
      watchdog.waitFor(WATCHDOG_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      log().warn("the watchdog of the embedded PostgreSQL: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Not a constant: logging is configured by main, after this class may have been loaded. */
  private static Logger log() {
    return LoggerFactory.getLogger(EmbeddedServer.class);
  }
}
