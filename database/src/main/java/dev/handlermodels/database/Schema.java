package dev.handlermodels.database;

import dev.handlermodels.api.settings.DatabaseAddress;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The tables, in a schema of their own, as the files in {@code db/migration} make them. Several
 * processes may begin at once: the first one does the work, the others wait for it.
 */
final class Schema {
  /** Of tables and of the statements that use them. */
  static final String NAME = "handler_models";

  /** As the first migration seeds them. */
  static final int ROWS = 10_000;

  private Schema() {}

  /**
   * Brings it up to date.
   *
   * @throws org.flywaydb.core.api.FlywayException where the database cannot be reached, or does not
   *     allow it
   */
  static void migrate(DatabaseAddress address) throws SQLException {
    PGSimpleDataSource database = Jdbc.dataSource(address);
    Flyway.configure(Schema.class.getClassLoader())
        .dataSource(database)
        .defaultSchema(NAME)
        .createSchemas(true)
        .locations("classpath:db/migration")
        .load()
        .migrate();
  }
}
