package dev.handlermodels.loadtests.bench.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A process that the bench started, with its output in a file of its own. */
public final class ChildProcess {
  private static final int LAST_LINES = 8;

  /** Variables that a caller's shell may have set; a fair comparison must not inherit them. */
  static final Set<String> NOT_INHERITED =
      Set.of(
          "HOST",
          "PORT",
          "MANAGEMENT_HOST",
          "MANAGEMENT_PORT",
          "UPSTREAM_URL",
          "UPSTREAM_TIMEOUT_MS",
          "UPSTREAM_MAX_CONNECTIONS",
          "SERVICE_TIMEOUT_MS",
          "AGGREGATE_TIMEOUT_MS",
          "UPSTREAM_RETRY_PERCENT",
          "UPSTREAM_BREAKER_PERCENT",
          "UPSTREAM_BREAKER_CALLS",
          "UPSTREAM_BREAKER_OPEN_MS",
          "EVENT_LOOPS",
          "POOL_SIZE",
          "QUEUE_SIZE",
          "WORKERS",
          "CPU_WORKERS",
          "MAX_IN_FLIGHT",
          "FANOUT_CONCURRENCY",
          "MAX_IN_FLIGHT_PER_CLIENT",
          "MAX_QUEUE_MS",
          "ADAPTIVE_LIMIT",
          "MAX_BODIES_BYTES",
          "CLIENT_MEMORY_BYTES",
          "MAX_CONNECTIONS",
          "MAX_CONNECTIONS_PER_CLIENT",
          "IDLE_TIMEOUT_MS",
          "HEADER_TIMEOUT_MS",
          "REQUEST_TIMEOUT_MS",
          "ANSWER_TIMEOUT_MS",
          "HTTP2",
          "STREAM_HEARTBEAT_MS",
          "STREAM_WRITE_TIMEOUT_MS",
          "DRAIN_DELAY_MS",
          "DRAIN_MS",
          "TASK_STORE",
          "TASK_TAKEOVER_MS",
          "TASK_WORKERS",
          "TASK_QUEUE_SIZE",
          "TASK_QUEUE_BYTES",
          "TASK_RESULTS_KEPT",
          "TASK_RESULT_TTL_MS",
          "ALLOWED_ORIGINS",
          "CHAT_MAX_ROOMS",
          "CHAT_MAX_MEMBERS",
          "CHAT_MESSAGES_PER_SECOND",
          "CHAT_QUEUE_SIZE",
          "CHAT_PING_MS",
          "CHAT_PONG_TIMEOUT_MS",
          "CHAT_IDLE_TIMEOUT_MS",
          "CHAT_THREAD_PER_CONNECTION",
          "RATE_LIMIT",
          "RATE_LIMIT_PER_CLIENT",
          "RATE_LIMIT_WINDOW_SECONDS",
          "RATE_LIMIT_CLIENTS",
          "TRUSTED_PROXIES",
          "DATABASE_URL",
          "DATABASE_USER",
          "DATABASE_PASSWORD",
          "DATABASE_PASSWORD_FILE",
          "DATABASE_POOL_SIZE",
          "DATABASE_QUEUE_SIZE",
          "DATABASE_ACQUIRE_TIMEOUT_MS",
          "DATABASE_STATEMENT_TIMEOUT_MS",
          "DATABASE_GATE",
          "DATABASE_READINESS",
          "DATA_FILE",
          "ANTI_PATTERNS",
          "PLAY_ORIGINS",
          "LOG_FORMAT",
          "ACCESS_LOG",
          "COUNT_PINNED",
          "TRACES_PER_SECOND",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "_JAVA_OPTIONS");

  public final String name;
  private final Process process;
  private final Path log;

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  static ChildProcess start(
      String name, Path folder, List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeAll(NOT_INHERITED);
    builder.environment().keySet().removeIf(variable -> variable.startsWith("OTEL_"));
    builder.environment().putAll(environment);
    builder.directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
    return new ChildProcess(name, builder.start(), log);
  }

  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** CPU time since its start; null where it cannot be read. */
  public Duration cpu() {
    return process.info().totalCpuDuration().orElse(null);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** A phrase about how it ended. */
  public String ending() {
    return process.isAlive() ? "still runs" : "ended with code " + process.exitValue();
  }

  /** Null while it runs. */
  public Integer exitCode() {
    return process.isAlive() ? null : (Integer) process.exitValue();
  }

  public boolean awaitExit(long ms) throws InterruptedException {
    return process.waitFor(ms, TimeUnit.MILLISECONDS);
  }

  /** Asks it to end, and makes it end where it does not within {@code graceMs}. */
  void stop(long graceMs) {
    process.destroy();
    try {
      if (!awaitExit(graceMs)) {
        process.destroyForcibly();
        awaitExit(graceMs);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The end of its output; empty where there is none. */
  public List<String> lastLogLines() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
    } catch (IOException e) {
      return List.of();
    }
  }
}
