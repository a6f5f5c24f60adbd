package dev.handlermodels.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.handlermodels.api.settings.DatabaseAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * HikariCP and pgjdbc in a loop on as many threads as there are connections, without any server:
 * what {@code ./bench db} holds {@code /db} against.
 */
public final class BareLoop {
  private static final AtomicBoolean STOP = new AtomicBoolean();
  private static final LongAdder QUERIES = new LongAdder();

  private BareLoop() {}

  public static void main(String[] args) throws Exception {
    DatabaseAddress address = DatabaseAddress.of(System.getenv("DATABASE_URL"));
    int pool = Integer.parseInt(System.getenv("POOL"));
    Schema.migrate(address);
    HikariConfig config = new HikariConfig();
    config.setDataSource(Jdbc.dataSource(address, 15_000));
    config.setMaximumPoolSize(pool);
    try (HikariDataSource connections = new HikariDataSource(config)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < pool; i++) {
        threads.add(Thread.ofPlatform().start(() -> loop(connections)));
      }
      double perSecond = window();
      STOP.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      write("jdbc", pool, perSecond);
    }
  }

  private static double window() throws InterruptedException {
    Thread.sleep(Long.parseLong(System.getenv("WARMUP_MS")));
    QUERIES.reset();
    long fromNs = System.nanoTime();
    Thread.sleep(Long.parseLong(System.getenv("WINDOW_MS")));
    return QUERIES.sum() * 1e9 / (System.nanoTime() - fromNs);
  }

  private static void write(String driver, int pool, double perSecond) throws IOException {
    Files.writeString(
        Path.of(System.getenv("OUTCOME")),
        "{\"driver\":\"" + driver + "\",\"pool\":" + pool + ",\"perSecond\":" + perSecond + "}");
  }

  private static void loop(HikariDataSource connections) {
    while (!STOP.get()) {
      try (Connection connection = connections.getConnection();
          PreparedStatement query = connection.prepareStatement(Sql.ROW)) {
        query.setInt(1, Sql.anyRow());
        try (ResultSet found = query.executeQuery()) {
          found.next();
          found.getInt(1);
          found.getString(2);
        }
        QUERIES.increment();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
