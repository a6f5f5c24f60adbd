package dev.handlermodels.contracttests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server as a process, started as README says: its jar, the flags of jvm.options. */
final class ServerProcess implements AutoCloseable {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern READY =
      Pattern.compile("ready \\w+(?: on http://[^:]+:(\\d+))?, management on http://[^:]+:(\\d+),");
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  private final Process process;
  private final CompletableFuture<Matcher> ready = new CompletableFuture<>();
  private final CompletableFuture<String> out;
  private final CompletableFuture<String> err;

  private ServerProcess(Process process) {
    this.process = process;
    this.out = CompletableFuture.supplyAsync(() -> readOut(process), THREADS);
    this.err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), THREADS);
  }

  /**
   * @param settings the environment, on top of free ports
   */
  static ServerProcess start(Model model, Map<String, String> settings, String... arguments) {
    return start(command(model, List.of(), List.of(arguments)), settings);
  }

  /** A process that only works off tasks. */
  static ServerProcess startWorker(Map<String, String> settings) {
    List<String> command = command(Model.NIMA, List.of(), List.of());
    command.set(command.size() - 1, "worker/target/worker.jar");
    return start(command, settings);
  }

  /** The same with so few descriptors. */
  static ServerProcess startWith(int descriptors, Model model, Map<String, String> settings) {
    return start(limited(descriptors, command(model, List.of(), List.of())), settings);
  }

  /** The same with more flags for its JVM. */
  static ServerProcess startWith(List<String> flags, Model model, Map<String, String> settings) {
    return start(command(model, flags, List.of()), settings);
  }

  /**
   * The same with little memory, and an upstream of the test's.
   *
   * @param files how many it may open; 0 for as many as this process
   */
  static ServerProcess start(
      Model model, int heapMiB, int files, URI upstream, Map<String, String> settings) {
    List<String> heap = List.of("-Xms" + heapMiB + "m", "-Xmx" + heapMiB + "m");
    List<String> command = command(model, heap, List.of());
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("UPSTREAM_URL", upstream.toString());
    return start(files > 0 ? limited(files, command) : command, environment);
  }

  private static List<String> limited(int descriptors, List<String> command) {
    List<String> limited = new ArrayList<>(List.of("sh", "-c", "ulimit -n $0 && exec \"$@\""));
    limited.add(Integer.toString(descriptors));
    limited.addAll(command);
    return limited;
  }

  private static List<String> command(Model model, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.add("@jvm.options");
    command.addAll(options);
    command.add("-jar");
    command.add("server-" + model + "/target/server-" + model + ".jar");
    command.addAll(arguments);
    return command;
  }

  private static ServerProcess start(List<String> command, Map<String, String> settings) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(ROOT.toFile());
    builder.environment().putAll(Map.of("PORT", "0", "MANAGEMENT_PORT", "0"));
    builder.environment().putAll(settings);
    try {
      return new ServerProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String readOut(Process process) {
    StringBuilder lines = new StringBuilder();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.append(line).append('\n');
        Matcher matcher = READY.matcher(line);
        if (matcher.find()) {
          ready.complete(matcher);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      ready.completeExceptionally(new AssertionError("it ended before it was ready: " + lines));
    }
    return lines.toString();
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client of the main listener, once the server is ready. */
  Client main() {
    return new Client(port(1));
  }

  Client management() {
    return new Client(port(2));
  }

  /** Of the main listener, once the server is ready. */
  int port() {
    return port(1);
  }

  /** Of the management listener, once the server is ready. */
  int managementPort() {
    return port(2);
  }

  private int port(int group) {
    return Integer.parseInt(Await.result(ready).group(group));
  }

  /**
   * @param name TERM, which a container platform sends to end it, or INT, which Ctrl-C does
   */
  void signal(String name) {
    try {
      new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** After a full collection. */
  long liveHeapBytes() {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    try {
      Process histogram =
          new ProcessBuilder(jcmd.toString(), "" + process.pid(), "GC.class_histogram").start();
      String total =
          text(histogram.getInputStream())
              .lines()
              .filter(line -> line.startsWith("Total"))
              .findFirst()
              .orElseThrow();
      return Long.parseLong(total.strip().split(" +")[2]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether the main listener takes no more connections. */
  boolean refusesConnections() {
    return Raw.refuses(port(1));
  }

  int exitCode() {
    try {
      if (!process.waitFor(Await.BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("the process has not ended within " + Await.BOUND);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** All it wrote to standard output, once it has ended. */
  String out() {
    return Await.result(out);
  }

  String err() {
    return Await.result(err);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
