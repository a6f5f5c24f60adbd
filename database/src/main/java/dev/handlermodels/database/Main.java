package dev.handlermodels.database;

import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.telemetry.Logging;
import java.io.IOException;
import java.io.OutputStream;

/**
 * An embedded PostgreSQL as a process of its own, for several servers to share: {@code java -jar
 * database/target/database.jar} prints its process number and its DATABASE_URL, and ends it when
 * its own input ends.
 */
public final class Main {
  private static final int EXIT_FAILED = 1;

  private Main() {}

  public static void main(String[] args) throws IOException {
    Logging.configure();
    try (EmbeddedServer server = EmbeddedServer.start()) {
      DatabaseAddress address = server.address();
      System.out.println(
          server.pid()
              + " postgresql://"
              + address.user()
              + ":"
              + address.password()
              + "@"
              + address);
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(EXIT_FAILED);
    }
  }
}
