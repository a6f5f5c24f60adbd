package dev.handlermodels.api.settings;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How the descriptors of the process are shared out. A server that has none left cannot accept, and
 * some frameworks do not begin again; so MAX_CONNECTIONS, UPSTREAM_MAX_CONNECTIONS and what the
 * process needs for itself stay below the limit together.
 *
 * @param max the limit of the process ({@code ulimit -n})
 */
public record Descriptors(long max) {
  private static final int CONNECTIONS = 20_000;
  private static final int UPSTREAM_CONNECTIONS = 10_000;
  private static final int DATABASE_CONNECTIONS = 20;
  private static final int LEAST_RESERVE = 64;
  private static final int MOST_RESERVE = 512;

  /** Those of this process; as good as endless where the operating system does not say. */
  public static Descriptors ofThisProcess() {
    return new Descriptors(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Integer.MAX_VALUE);
  }

  /** For files, both listeners, the management listener, and newcomers that are being closed. */
  public long reserve() {
    return Math.clamp(max / 8, LEAST_RESERVE, MOST_RESERVE);
  }

  /** The default of UPSTREAM_MAX_CONNECTIONS: up to a half of those that may be used. */
  int upstreamConnections() {
    return Math.clamp((max - reserve()) / 2, 1, UPSTREAM_CONNECTIONS);
  }

  /** The default of DATABASE_POOL_SIZE: few, where there are few. */
  int databaseConnections() {
    return Math.clamp((max - reserve()) / 16, 1, DATABASE_CONNECTIONS);
  }

  /** The default of MAX_CONNECTIONS. */
  int connections(int upstreamConnections) {
    return Math.clamp(max - reserve() - upstreamConnections, 1, CONNECTIONS);
  }

  boolean suffice(int connections, int upstreamConnections) {
    return (long) connections + upstreamConnections + reserve() <= max;
  }
}
