package dev.handlermodels.api.launch;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.admission.MemoryBudget;
import dev.handlermodels.api.admission.MemoryCosts;
import dev.handlermodels.api.settings.ChatSettings;
import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.DatabaseSettings;
import dev.handlermodels.api.settings.Descriptors;
import dev.handlermodels.api.settings.GuardSettings;
import dev.handlermodels.api.settings.HostAndPort;
import dev.handlermodels.api.settings.OverloadSettings;
import dev.handlermodels.api.settings.RateLimitSettings;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.settings.TaskSettings;
import dev.handlermodels.api.telemetry.Tracing;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * What {@code GET /settings} says: all that could make one server look faster than another.
 *
 * @param framework null until the main listener is open
 */
record SettingsReport(
    String server,
    String model,
    Effective settings,
    FixedLimits limits,
    Memory memory,
    Framework framework,
    Jvm jvm) {

  /**
   * The arithmetic of {@link MemoryBudget} and of {@link Descriptors}.
   *
   * @param forClientsBytes half of what the heap has beyond the base
   * @param roomForConnections while there is nothing else; MAX_CONNECTIONS may be less
   */
  record Memory(
      long heapBytes,
      long baseBytes,
      long forClientsBytes,
      MemoryCosts costs,
      long roomForConnections,
      long descriptors,
      long descriptorsReserved) {

    static Memory of(MemoryBudget memory) {
      Descriptors descriptors = Descriptors.ofThisProcess();
      return new Memory(
          Runtime.getRuntime().maxMemory(),
          Settings.BASE_HEAP_BYTES,
          memory.maxBytes(),
          memory.costs(),
          memory.maxConnections(),
          descriptors.max(),
          descriptors.reserve());
    }
  }

  /**
   * {@link DatabaseSettings} without user and password.
   *
   * @param address host, port and name, or embedded
   */
  record Database(
      String address,
      int poolSize,
      int queueSize,
      int acquireTimeoutMs,
      int statementTimeoutMs,
      boolean gate,
      boolean readiness) {

    static Database of(DatabaseSettings settings) {
      return new Database(
          settings.address().map(DatabaseAddress::toString).orElse("embedded"),
          settings.poolSize(),
          settings.queueSize(),
          settings.acquireTimeoutMs(),
          settings.statementTimeoutMs(),
          settings.gate(),
          settings.readiness());
    }
  }

  /** {@link Settings} without addresses and files, which do not bear on speed. */
  record Effective(
      String upstream,
      int upstreamTimeoutMs,
      int upstreamMaxConnections,
      int serviceTimeoutMs,
      int aggregateTimeoutMs,
      GuardSettings guard,
      int eventLoops,
      int poolSize,
      int queueSize,
      int workers,
      int cpuWorkers,
      int maxInFlight,
      OverloadSettings overload,
      int maxBodiesBytes,
      long clientMemoryBytes,
      int maxConnections,
      int idleTimeoutMs,
      int headerTimeoutMs,
      int requestTimeoutMs,
      int answerTimeoutMs,
      boolean http2,
      int streamHeartbeatMs,
      int streamWriteTimeoutMs,
      int drainDelayMs,
      int drainMs,
      TaskSettings tasks,
      RateLimitSettings rateLimit,
      Database database,
      ChatSettings chat,
      boolean antiPatterns,
      boolean accessLog,
      boolean countPinned,
      boolean tracing,
      int tracesPerSecond) {}

  /** {@link Limits}, all but defaults. */
  record FixedLimits(
      int requestLineBytes,
      int methodChars,
      int headerBytes,
      int headerFields,
      int chunkLineBytes,
      int http2Streams,
      int http2WindowBytes,
      int http2FrameBytes,
      int http2HeaderListBytes,
      int http2FramesOfHead,
      int http2PeriodMs,
      int http2Resets,
      int http2ControlFrames,
      int http2ControlFramesPerAnswer,
      int bodyBytes,
      int taskBytes,
      int jsonDepth,
      int idempotencyKeyChars,
      int pathParameterChars,
      int maxTasksListed,
      int maxWaitMs,
      int maxCalls,
      int maxConcurrency,
      int maxWork,
      int maxSteps,
      int maxQueries,
      int maxHoldMs,
      int maxRaceTasks,
      int maxStreamItems,
      int maxEveryMs,
      int maxStreamMs,
      int chatMessageBytes,
      int chatFragments,
      int chatControlFrames,
      int chatControlPeriodMs,
      int chatHistory,
      int chatNameChars,
      int chatCloseMs,
      int pieceBytes,
      int sendBufferBytes,
      int upstreamAnswerBytes,
      int upstreamConnectTimeoutMs,
      int upstreamIdleMs,
      int databaseConnectTimeoutMs,
      int databaseStartTimeoutMs,
      int heapBytesPerRequest,
      int spanAttributeChars,
      int managementThreads,
      int managementQueueSize,
      int managementConnections,
      int managementTimeoutMs) {

    static FixedLimits ofConstants() {
      return new FixedLimits(
          Limits.REQUEST_LINE_BYTES,
          Limits.METHOD_CHARS,
          Limits.HEADER_BYTES,
          Limits.HEADER_FIELDS,
          Limits.CHUNK_LINE_BYTES,
          Limits.HTTP2_STREAMS,
          Limits.HTTP2_WINDOW_BYTES,
          Limits.HTTP2_FRAME_BYTES,
          Limits.HTTP2_HEADER_LIST_BYTES,
          Limits.HTTP2_FRAMES_OF_HEAD,
          Limits.HTTP2_PERIOD_MS,
          Limits.HTTP2_RESETS,
          Limits.HTTP2_CONTROL_FRAMES,
          Limits.HTTP2_CONTROL_FRAMES_PER_ANSWER,
          Limits.BODY_BYTES,
          Limits.TASK_BYTES,
          Limits.JSON_DEPTH,
          Limits.IDEMPOTENCY_KEY_CHARS,
          Limits.PATH_PARAMETER_CHARS,
          Limits.MAX_TASKS_LISTED,
          Limits.MAX_WAIT_MS,
          Limits.MAX_CALLS,
          Limits.MAX_CONCURRENCY,
          Limits.MAX_WORK,
          Limits.MAX_STEPS,
          Limits.MAX_QUERIES,
          Limits.MAX_HOLD_MS,
          Limits.MAX_RACE_TASKS,
          Limits.MAX_STREAM_ITEMS,
          Limits.MAX_EVERY_MS,
          Limits.MAX_STREAM_MS,
          Limits.CHAT_MESSAGE_BYTES,
          Limits.CHAT_FRAGMENTS,
          Limits.CHAT_CONTROL_FRAMES,
          Limits.CHAT_CONTROL_PERIOD_MS,
          Limits.CHAT_HISTORY,
          Limits.CHAT_NAME_CHARS,
          Limits.CHAT_CLOSE_MS,
          Limits.PIECE_BYTES,
          Limits.SEND_BUFFER_BYTES,
          Limits.UPSTREAM_ANSWER_BYTES,
          Limits.UPSTREAM_CONNECT_TIMEOUT_MS,
          Limits.UPSTREAM_IDLE_MS,
          Limits.DATABASE_CONNECT_TIMEOUT_MS,
          Limits.DATABASE_START_TIMEOUT_MS,
          Limits.HEAP_BYTES_PER_REQUEST,
          Limits.SPAN_ATTRIBUTE_CHARS,
          Limits.MANAGEMENT_THREADS,
          Limits.MANAGEMENT_QUEUE_SIZE,
          Limits.MANAGEMENT_CONNECTIONS,
          Limits.MANAGEMENT_TIMEOUT_MS);
    }
  }

  /**
   * The virtual machine.
   *
   * @param flags of the command line; system properties are left out, as they may hold secrets
   * @param carriers platform threads beneath all virtual threads: so many run at the same time
   */
  record Jvm(
      String version,
      List<String> flags,
      long heapMaxBytes,
      int processors,
      int carriers,
      List<String> collectors) {}

  static SettingsReport of(Service service) {
    return new SettingsReport(
        service.server(),
        service.model(),
        effective(service.settings()),
        FixedLimits.ofConstants(),
        Memory.of(service.memory()),
        service.framework(),
        ofThisProcess());
  }

  static Effective effective(Settings settings) {
    return new Effective(
        settings.upstreamUrl().map(HostAndPort::of).map(HostAndPort::toString).orElse("embedded"),
        settings.upstreamTimeoutMs(),
        settings.upstreamMaxConnections(),
        settings.serviceTimeoutMs(),
        settings.aggregateTimeoutMs(),
        settings.guard(),
        settings.eventLoops(),
        settings.poolSize(),
        settings.queueSize(),
        settings.workers(),
        settings.cpuWorkers(),
        settings.maxInFlight(),
        settings.overload(),
        settings.maxBodiesBytes(),
        settings.clientMemoryBytes(),
        settings.maxConnections(),
        settings.idleTimeoutMs(),
        settings.headerTimeoutMs(),
        settings.requestTimeoutMs(),
        settings.answerTimeoutMs(),
        settings.http2(),
        settings.streamHeartbeatMs(),
        settings.streamWriteTimeoutMs(),
        settings.drainDelayMs(),
        settings.drainMs(),
        settings.tasks(),
        settings.rateLimit(),
        Database.of(settings.database()),
        settings.chat(),
        settings.antiPatterns(),
        settings.accessLog(),
        settings.countPinned(),
        Tracing.isOn(settings.openTelemetry().values()),
        settings.tracesPerSecond());
  }

  private static Jvm ofThisProcess() {
    return new Jvm(
        Runtime.version().toString(),
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(flag -> flag.startsWith("-X") || flag.startsWith("--"))
            .toList(),
        Runtime.getRuntime().maxMemory(),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class).getParallelism(),
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .map(GarbageCollectorMXBean::getName)
            .toList());
  }
}
