package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.config.JvmFlags;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.servers.Variables;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ChatLoad;
import dev.handlermodels.loadtests.load.HostileLoad;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import dev.handlermodels.loadtests.load.SpanSink;
import dev.handlermodels.loadtests.load.StreamLoad;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The command lines and environments of the processes that the bench starts. */
public final class Commands {
  public static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final String OPTIONS = "@" + Layout.JVM_OPTIONS;
  private static final String HEAP = "${heap}";

  /** A stopped server may finish what it has begun, but the next row does not wait for it. */
  private static final String DRAIN_MS = "1000";

  /** Of who else connects to a server of streams. */
  private static final int OTHER_CONNECTIONS = 100;

  /** What the most expensive server counts for a stream: its connection and its request. */
  private static final int BYTES_PER_STREAM = 32 * 1024;

  /** What the most expensive server counts for a member of a chat room and its connection. */
  private static final int BYTES_PER_CHAT = 20 * 1024;

  private static final int CHAT_MAX_IN_FLIGHT = 10_000;

  private Commands() {}

  public static List<String> upstream(Settings settings) {
    return java(settings, List.of("-jar", Layout.UPSTREAM_JAR));
  }

  /** A PostgreSQL, which prints where it is. */
  public static List<String> database(Settings settings) {
    return java(settings, List.of("-jar", Layout.DATABASE_JAR));
  }

  /** A driver and its pool in a loop, from the test classes. */
  public static List<String> bareDatabaseLoop(String driver, Settings settings) {
    String classPath =
        Layout.testClasses(Servers.EVENT_LOOP)
            + File.pathSeparator
            + Layout.serverJar(Servers.EVENT_LOOP);
    return java(
        settings,
        List.of(
            "-cp", classPath, "dev.handlermodels." + Servers.EVENT_LOOP + ".sql.BareLoop", driver));
  }

  /** The same command as ./serve, started in the project's folder. */
  public static List<String> server(String server, Settings settings) {
    return server(Servers.get(server), settings);
  }

  /** The command of a description, with its variables replaced. */
  public static List<String> server(ServerDescription server, Settings settings) {
    Map<String, String> variables = variables(settings);
    List<String> command = new ArrayList<>();
    for (String word : server.command()) {
      if (!word.equals(HEAP)) {
        command.add(Variables.fill(word, variables));
      } else if (settings.heapMiB() != null) {
        command.addAll(heap(settings.heapMiB()));
      }
    }
    return command;
  }

  /** The environment of a description, likewise. */
  public static Map<String, String> environment(ServerDescription server, Settings settings) {
    Map<String, String> variables = variables(settings);
    Map<String, String> environment = new HashMap<>();
    server
        .environment()
        .forEach((name, value) -> environment.put(name, Variables.fill(value, variables)));
    return environment;
  }

  private static Map<String, String> variables(Settings settings) {
    return with(settings.variables(), Map.of("java", JAVA));
  }

  /** The flags of jvm.options alone: memory is what is measured. */
  public static List<String> streamServer(String server) {
    return List.of(JAVA, OPTIONS, JvmFlags.aotCache(server), "-jar", Layout.serverJar(server));
  }

  /** The same for a process that may open so many files. */
  public static List<String> withFiles(int files, List<String> command) {
    List<String> limited =
        new ArrayList<>(List.of("sh", "-c", "ulimit -n " + files + "; exec \"$@\"", "sh"));
    limited.addAll(command);
    return limited;
  }

  /** The bare framework, from the test classes: it is measured, and not shipped. */
  public static List<String> bare(String server, Settings settings) {
    String classPath = Layout.testClasses(server) + File.pathSeparator + Layout.serverJar(server);
    return java(settings, List.of("-cp", classPath, "dev.handlermodels." + server + ".Bare"));
  }

  /** The second load generator. */
  public static List<String> keepAliveLoad(KeepAliveLoad.Plan plan, Path outcome) {
    return ownProcess(
        256,
        KeepAliveLoad.class,
        outcome.toString(),
        text(plan.port()),
        plan.path(),
        text(plan.connections()),
        text(plan.rampMs()),
        text(plan.warmupMs()),
        text(plan.windowMs()),
        text(plan.sloMs()),
        text(plan.patienceMs()));
  }

  /** The open load generator; its plan is written beside the outcome. */
  public static List<String> arrivalLoad(ArrivalLoad.Plan plan, Path outcome) throws IOException {
    Path file = outcome.resolveSibling(outcome.getFileName() + ".plan");
    Json.write(file, plan);
    return ownProcess(256, ArrivalLoad.class, outcome.toString(), file.toString());
  }

  /** The load generator of streams. */
  public static List<String> streamLoad(StreamLoad.Plan plan, Path outcome) {
    return ownProcess(
        256,
        StreamLoad.class,
        outcome.toString(),
        text(plan.port()),
        text(plan.streams()),
        text(plan.items()),
        text(plan.everyMs()),
        text(plan.openWithinMs()),
        text(plan.warmupMs()),
        text(plan.windowMs()),
        text(plan.tailMs()));
  }

  /** The load generator of chats; its plan is written beside the outcome. */
  public static List<String> chatLoad(ChatLoad.Plan plan, Path outcome) throws IOException {
    Path file = outcome.resolveSibling(outcome.getFileName() + ".plan");
    Json.write(file, plan);
    return ownProcess(512, ChatLoad.class, outcome.toString(), file.toString());
  }

  /** Hostile clients. */
  public static List<String> hostileLoad(HostileLoad.Plan plan, Path outcome) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                outcome.toString(),
                text(plan.port()),
                plan.attack().id(),
                text(plan.connections()),
                text(plan.everyMs()),
                text(plan.windowMs())));
    if (plan.dataFile() != null) {
      arguments.add(plan.dataFile());
    }
    return ownProcess(256, HostileLoad.class, arguments.toArray(String[]::new));
  }

  /** A collector that forgets what it gets. */
  public static List<String> spanSink(int port) {
    return ownProcess(128, SpanSink.class, text(port));
  }

  /** One of the bench's own classes, in a process of its own. */
  private static List<String> ownProcess(int heapMiB, Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                JAVA,
                "-Xmx" + heapMiB + "m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> java(Settings settings, List<String> what) {
    List<String> command = new ArrayList<>(List.of(JAVA, OPTIONS));
    if (settings.heapMiB() != null) {
      command.addAll(heap(settings.heapMiB()));
    }
    command.addAll(what);
    return command;
  }

  private static List<String> heap(int mib) {
    return List.of("-Xms" + mib + "m", "-Xmx" + mib + "m", "-XX:MaxDirectMemorySize=" + mib + "m");
  }

  public static Map<String, String> upstreamEnvironment(Settings settings) {
    return Map.of("HOST", LoopbackAddress.HOST, "PORT", text(settings.upstreamPort()));
  }

  /** Everything as a server has it by default. */
  public static Map<String, String> plainServerEnvironment(Settings settings) {
    return Map.of(
        "HOST", LoopbackAddress.HOST,
        "PORT", text(settings.port()),
        "MANAGEMENT_PORT", text(settings.managementPort()),
        "UPSTREAM_URL", LoopbackAddress.url(settings.upstreamPort()),
        "DRAIN_MS", DRAIN_MS);
  }

  /** A thread of the pool for each stream; the other servers have no such pool. */
  public static Map<String, String> streamServerEnvironment(
      StreamLoad.Plan plan, Settings settings) {
    return with(
        plainServerEnvironment(settings),
        Map.of(
            "PORT", text(plan.port()),
            "POOL_SIZE", text(plan.streams()),
            "MAX_IN_FLIGHT", text(plan.streams() + 10),
            "MAX_CONNECTIONS", text(plan.streams() + OTHER_CONNECTIONS),
            "UPSTREAM_MAX_CONNECTIONS", text(OTHER_CONNECTIONS), // a stream needs none
            "CLIENT_MEMORY_BYTES", text(Math.max(5000, plan.streams()) * BYTES_PER_STREAM)));
  }

  /**
   * Room for so many chats on any server.
   *
   * @param threadEach whether each has a thread of the pool, where there is one
   */
  public static Map<String, String> chatServerEnvironment(
      ChatLoad.Plan plan, boolean threadEach, Settings settings) {
    return with(
        with(
            plainServerEnvironment(settings),
            Map.of(
                "PORT", text(plan.port()),
                "POOL_SIZE",
                    text(
                        Math.min(10_000, threadEach ? plan.connections() + OTHER_CONNECTIONS : 40)),
                "QUEUE_SIZE", text(Math.max(Settings.QUEUE_SIZE, plan.connections())),
                "MAX_IN_FLIGHT", text(CHAT_MAX_IN_FLIGHT),
                "MAX_CONNECTIONS", text(plan.connections() + OTHER_CONNECTIONS),
                "UPSTREAM_MAX_CONNECTIONS", text(OTHER_CONNECTIONS), // a chat needs none
                "CLIENT_MEMORY_BYTES", text(Math.max(5000, plan.connections()) * BYTES_PER_CHAT))),
        Map.of(
            "CHAT_MAX_ROOMS", text(plan.connections()),
            "CHAT_MAX_MEMBERS", text(plan.connections()),
            "CHAT_THREAD_PER_CONNECTION", Boolean.toString(threadEach)));
  }

  private static Map<String, String> with(Map<String, String> all, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(all);
    environment.putAll(more);
    return Map.copyOf(environment);
  }

  private static String text(int number) {
    return Integer.toString(number);
  }
}
