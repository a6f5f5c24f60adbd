package dev.handlermodels.vertx.sql;

import dev.handlermodels.api.database.DatabaseException;
import dev.handlermodels.api.settings.DatabaseSettings;
import dev.handlermodels.database.SqlStates;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.IOException;

/** What a failure of the driver means. */
final class SqlFailures {
  private SqlFailures() {}

  /** The failure itself where it can only be a fault of ours. */
  static Throwable of(Throwable failure, DatabaseSettings settings) {
    if (failure instanceof R2dbcException said) {
      var known = SqlStates.failure(said.getSqlState(), said, settings);
      if (known.isPresent()) {
        return known.get();
      }
    }
    return failure instanceof R2dbcNonTransientResourceException
            || failure instanceof R2dbcTransientResourceException
            || failure instanceof IOException
        ? DatabaseException.lost(failure)
        : failure;
  }
}
