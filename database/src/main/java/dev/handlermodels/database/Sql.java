package dev.handlermodels.database;

import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** The statements, the same for both drivers. */
public final class Sql {
  /** A row by its number. */
  public static final String ROW = "SELECT id, content FROM " + Schema.NAME + ".item WHERE id = ?";

  /** The same, while the connection is held for so many seconds more. */
  public static final String ROW_HELD =
      "SELECT id, content FROM " + Schema.NAME + ".item, pg_sleep(?) WHERE id = ?";

  /** The counter, which nobody else may change or read for changing before the transaction ends. */
  public static final String COUNTER =
      "SELECT value FROM " + Schema.NAME + ".counter WHERE id = 1 FOR UPDATE";

  public static final String SET_COUNTER =
      "UPDATE " + Schema.NAME + ".counter SET value = ? WHERE id = 1";

  private static final Pattern PARAMETER = Pattern.compile("\\?");

  private Sql() {}

  /**
   * What each connection asks of the database: to end a statement that takes too long, and one
   * whose client process is gone, so that neither its locks nor its connection stay.
   */
  public static Map<String, String> session(int statementTimeoutMs) {
    return Map.of(
        "statement_timeout", statementTimeoutMs + "ms",
        "idle_in_transaction_session_timeout", statementTimeoutMs + "ms",
        "client_connection_check_interval", "1s");
  }

  /** The statement with its parameters as PostgreSQL itself has them: $1, $2. */
  public static String numbered(String statement) {
    AtomicInteger number = new AtomicInteger();
    return PARAMETER.matcher(statement).replaceAll(_ -> "\\$" + number.incrementAndGet());
  }

  /** The number of a row that there is, each as likely as the others. */
  public static int anyRow() {
    return ThreadLocalRandom.current().nextInt(1, Schema.ROWS + 1);
  }
}
