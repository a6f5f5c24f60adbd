package dev.handlermodels.contracttests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code ./serve all} as a person runs it, on ports of its own. The jars are those that Maven has
 * just built, so nothing is built again.
 */
final class ThreeServers implements AutoCloseable {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern ADDRESS = Pattern.compile("(http://\\S+/play\\?with=\\S+)");
  private static final int SERVERS = 3;

  /** On any machine. */
  private static final String TWO_CARRIERS = "-Djdk.virtualThreadScheduler.parallelism=2";

  private final Process process;
  private final Path output;
  private final int firstPort;
  private final int firstManagementPort;

  /**
   * @param dir an empty folder for the copy that is run
   */
  ThreeServers(Path dir) {
    this.firstPort = threeFreePorts(25_200);
    this.firstManagementPort = threeFreePorts(25_600);
    this.output = dir.resolve("output");
    try {
      for (String script : List.of("serve", "scripts/find-jdk.sh", "scripts/serve-all.sh")) {
        Files.createDirectories(dir.resolve(script).getParent());
        Files.copy(PROJECT.resolve(script), dir.resolve(script));
      }
      Files.createFile(dir.resolve("scripts/build.sh"));
      for (String built :
          List.of("jvm.options", "server-vertx", "server-nima", "server-blocking")) {
        Files.createSymbolicLink(dir.resolve(built), PROJECT.resolve(built));
      }
      ProcessBuilder builder =
          new ProcessBuilder("./serve", "all")
              .directory(dir.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("PORT", Integer.toString(firstPort));
      builder.environment().put("MANAGEMENT_PORT", Integer.toString(firstManagementPort));
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      builder.environment().put("JAVA_TOOL_OPTIONS", TWO_CARRIERS);
      this.process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first of three in a row that are free; the settings have to name them before the start. */
  private static int threeFreePorts(int from) {
    for (int first = from; first < from + 300; first += SERVERS) {
      List<ServerSocket> open = new ArrayList<>();
      try {
        for (int i = 0; i < SERVERS; i++) {
          open.add(new ServerSocket(first + i, 1, InetAddress.getLoopbackAddress()));
        }
        return first;
      } catch (IOException _) {
        // Taken; the next three may be free.
      } finally {
        open.forEach(ThreeServers::close);
      }
    }
    throw new AssertionError("no three ports in a row are free");
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address that it prints once all three are ready. */
  String address() {
    Await.until(this::output, () -> ADDRESS.matcher(output()).find() || !process.isAlive());
    Matcher printed = ADDRESS.matcher(output());
    if (!printed.find()) {
      throw new AssertionError("no address in " + output());
    }
    return printed.group(1);
  }

  /** The address of the main listener of one of them. */
  String main(Model model) {
    return "http://127.0.0.1:" + (firstPort + model.ordinal());
  }

  /** Hosts and ports of all listeners. */
  List<String> listeners() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      all.add("127.0.0.1:" + (firstPort + i));
      all.add("127.0.0.1:" + (firstManagementPort + i));
    }
    return all;
  }

  private String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> servers = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(Await.BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        servers.forEach(ProcessHandle::destroyForcibly);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      servers.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
