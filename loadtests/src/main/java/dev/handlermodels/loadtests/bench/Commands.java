package dev.handlermodels.loadtests.bench;

import static java.util.Map.entry;

import dev.handlermodels.loadtests.ArrivalLoad;
import dev.handlermodels.loadtests.HostileLoad;
import dev.handlermodels.loadtests.Json;
import dev.handlermodels.loadtests.KeepAliveLoad;
import dev.handlermodels.loadtests.SpanSink;
import dev.handlermodels.loadtests.StreamLoad;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command lines and environments of the three processes. */
final class Commands {
  /** Gatling gets more heap than a server: it must never be what is measured. */
  static final List<String> GATLING_FLAGS =
      List.of(
          "-Xms512m",
          "-Xmx1g",
          "-XX:+UseSerialGC",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          // Gatling asks Maven Central for its newest version and keeps the answer in the user's
          // home. A proxy that is not there ends the question at once.
          "-Dhttps.proxyHost=127.0.0.1",
          "-Dhttps.proxyPort=9");

  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final String OPTIONS = "@" + Layout.JVM_OPTIONS;

  /** A stopped server may finish what it has begun, but the next row does not wait for it. */
  private static final String DRAIN_MS = "1000";

  /** The servers' own default. A shorter queue than there are users would refuse some of them. */
  private static final int QUEUE_SIZE = 1000;

  /**
   * As the heap of most scenarios holds it on each server; a row is to show its model, not this.
   */
  private static final int MAX_IN_FLIGHT = 10_000;

  private Commands() {}

  static List<String> upstream(Settings settings) {
    return java(settings, List.of("-jar", Layout.UPSTREAM_JAR));
  }

  /** The same command as ./serve, started in the project's folder. */
  static List<String> server(String server, Settings settings) {
    return java(settings, List.of(aotCache(server), "-jar", Layout.serverJar(server)));
  }

  /** The flags of jvm.options alone: memory is what is measured. */
  static List<String> streamServer(String server) {
    return List.of(JAVA, OPTIONS, aotCache(server), "-jar", Layout.serverJar(server));
  }

  /** The bare framework, from the test classes: it is measured, and not shipped. */
  static List<String> bare(String server, Settings settings) {
    String classPath = Layout.testClasses(server) + File.pathSeparator + Layout.serverJar(server);
    return java(settings, List.of("-cp", classPath, "dev.handlermodels." + server + ".Bare"));
  }

  /** The second load generator. */
  static List<String> keepAliveLoad(KeepAliveLoad.Plan plan, Path outcome) {
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
        text(plan.sloMs()));
  }

  /** The open load generator; its plan is written beside the outcome. */
  static List<String> arrivalLoad(ArrivalLoad.Plan plan, Path outcome) throws IOException {
    Path file = outcome.resolveSibling(outcome.getFileName() + ".plan");
    Json.write(file, plan);
    return ownProcess(256, ArrivalLoad.class, outcome.toString(), file.toString());
  }

  /** The load generator of streams. */
  static List<String> streamLoad(StreamLoad.Plan plan, Path outcome) {
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

  /** Clients that hold connections. */
  static List<String> hostileLoad(HostileLoad.Plan plan, Path outcome) {
    return ownProcess(
        256,
        HostileLoad.class,
        outcome.toString(),
        text(plan.port()),
        plan.attack().name(),
        text(plan.connections()),
        text(plan.everyMs()),
        text(plan.windowMs()));
  }

  /** A collector that forgets what it gets. */
  static List<String> spanSink(int port) {
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

  /** Flags of a server beside those of jvm.options. */
  static String aotCache(String server) {
    return "-XX:AOTCache=server-%s/target/server-%s.aot".formatted(server, server);
  }

  static Map<String, String> upstreamEnvironment(Settings settings) {
    return Map.of("HOST", Loopback.HOST, "PORT", text(settings.upstreamPort()));
  }

  static Map<String, String> serverEnvironment(Settings settings) {
    return Map.ofEntries(
        entry("HOST", Loopback.HOST),
        entry("PORT", text(settings.port())),
        entry("MANAGEMENT_PORT", text(settings.managementPort())),
        entry("UPSTREAM_URL", Loopback.url(settings.upstreamPort())),
        entry("EVENT_LOOPS", text(settings.eventLoops())),
        entry("POOL_SIZE", text(settings.poolSize())),
        entry("WORKERS", text(settings.workers())),
        entry("QUEUE_SIZE", text(Math.max(QUEUE_SIZE, settings.users()))),
        entry("MAX_IN_FLIGHT", text(MAX_IN_FLIGHT)),
        entry("ANTI_PATTERNS", "true"), // rows of the table
        entry("DRAIN_MS", DRAIN_MS));
  }

  /** A thread of the pool for each stream; the other servers have no such pool. */
  static Map<String, String> streamServerEnvironment(
      StreamLoad.Plan plan, int managementPort, int upstreamPort) {
    return Map.of(
        "HOST", Loopback.HOST,
        "PORT", text(plan.port()),
        "MANAGEMENT_PORT", text(managementPort),
        "UPSTREAM_URL", Loopback.url(upstreamPort),
        "POOL_SIZE", text(plan.streams()),
        "MAX_IN_FLIGHT", text(plan.streams() + 10),
        "DRAIN_MS", DRAIN_MS);
  }

  static List<String> gatling(Row row, Settings settings, Path rowDir) {
    List<String> command = new ArrayList<>(List.of(JAVA));
    command.addAll(GATLING_FLAGS);
    command.add("-Djava.util.prefs.userRoot=" + Layout.gatlingRun(rowDir));
    command.add("-Dendpoint=" + row.endpoint);
    command.add("-DbaseUrl=" + settings.baseUrl());
    command.add("-DwaitMs=" + settings.waitMs());
    command.add("-DrampSeconds=" + settings.rampSeconds());
    command.add("-DwarmupSeconds=" + settings.warmupSeconds());
    command.add("-DwarmupWindowSeconds=" + settings.warmupWindowSeconds());
    command.add("-DdurationSeconds=" + settings.durationSeconds());
    command.add("-DrequestTimeoutMs=" + settings.requestTimeoutMs());
    command.add("-DtailSeconds=" + settings.tailSeconds());
    if (settings.isOpen()) {
      command.add("-Drate=" + settings.openRate());
      command.add("-DarrivalsFile=" + Layout.arrivals(rowDir));
    } else {
      command.add("-Dusers=" + settings.users());
    }
    command.add("-DusersFile=" + Layout.users(rowDir));
    command.add("-DwarmupFile=" + Layout.warmup(rowDir));
    command.add("-DendFile=" + Layout.end(rowDir));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.gatling.app.Gatling"));
    command.addAll(List.of("-s", row.simulation.getName()));
    command.addAll(List.of("-rf", Layout.gatlingRun(rowDir).toString()));
    command.addAll(List.of("-rd", row.title()));
    return command;
  }

  private static String text(int number) {
    return Integer.toString(number);
  }
}
