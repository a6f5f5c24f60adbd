package dev.handlermodels.api.database;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * What {@code /metrics} says of a pool of connections, under the same names whatever the driver:
 * {@code database_pool_active}, {@code _idle}, {@code _waiting}, {@code _acquire_seconds}, {@code
 * _usage_seconds} and {@code _timeouts_total}.
 */
public final class PoolMetrics {
  private final Timer acquired;
  private final Timer used;
  private final Counter timeouts;

  /** A pool as it is now. */
  public interface Pool {
    /** Connections in use. */
    int active();

    /** Connections that are open and free. */
    int idle();

    /** Callers that wait for one. */
    int waiting();
  }

  /**
   * @param driver jdbc or r2dbc; jdbc-tasks for the pool of tasks
   */
  public PoolMetrics(MeterRegistry registry, String driver, Pool pool) {
    gauge(registry, driver, pool, "active", "connections in use", Pool::active);
    gauge(registry, driver, pool, "idle", "connections that are open and free", Pool::idle);
    gauge(registry, driver, pool, "waiting", "callers that wait for a connection", Pool::waiting);
    this.acquired =
        Timer.builder("database.pool.acquire")
            .description("how long callers waited for the connection that they got")
            .tag("driver", driver)
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofMillis(1000),
                Duration.ofMillis(2500),
                Duration.ofMillis(5000),
                Duration.ofSeconds(10))
            .register(registry);
    this.used =
        Timer.builder("database.pool.usage")
            .description("how long callers held their connection")
            .tag("driver", driver)
            .register(registry);
    this.timeouts =
        Counter.builder("database.pool.timeouts")
            .description("callers that got no connection in time")
            .tag("driver", driver)
            .register(registry);
  }

  private static void gauge(
      MeterRegistry registry,
      String driver,
      Pool pool,
      String name,
      String description,
      ToIntFunction<Pool> value) {
    Gauge.builder("database.pool." + name, pool, value::applyAsInt)
        .strongReference(true)
        .description(description)
        .tag("driver", driver)
        .register(registry);
  }

  public void acquired(long nanos) {
    acquired.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** A connection is given back after that time. */
  public void used(long nanos) {
    used.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void timedOut() {
    timeouts.increment();
  }
}
