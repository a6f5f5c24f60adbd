package dev.handlermodels.loadtests.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.handlermodels.loadtests.IoSimulation;
import dev.handlermodels.loadtests.bench.config.JvmFlags;
import dev.handlermodels.loadtests.bench.config.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A target whose name has an underscore, as many in Docker networks have. What asks for it are
 * processes of their own, for the JDK reads the table of hosts once.
 */
@Tag("slow")
class UnderscoreHostTest {
  @TempDir Path dir;
  private final Queue<String> hosts = new ConcurrentLinkedQueue<>();
  private HttpServer server;
  private String host;

  /** What the bench asks: {@code /health/ready} of an address as the user wrote it. */
  public static final class Ask {
    private Ask() {}

    public static void main(String[] args) throws Exception {
      try (LoopbackClient client = new LoopbackClient()) {
        System.exit(client.answers(Target.address("--target", args[0]) + "/health/ready") ? 0 : 1);
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
    server.createContext("/", this::answer);
    server.start();
    host = "my_server:" + server.getAddress().getPort();
    Files.writeString(dir.resolve("hosts"), "127.0.0.1 my_server localhost\n");
  }

  private void answer(HttpExchange exchange) throws IOException {
    hosts.add(exchange.getRequestHeaders().getFirst("Host"));
    exchange.sendResponseHeaders(200, 2);
    exchange.getResponseBody().write(new byte[] {'{', '}'});
    exchange.close();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void theBenchAsksIt() throws Exception {
    assertRuns(List.of(Ask.class.getName(), "http://" + host + "/"));
    assertThat(hosts).containsExactly(host);
  }

  @Test
  void gatlingLoadsIt() throws Exception {
    List<String> arguments = new ArrayList<>(JvmFlags.GATLING);
    arguments.addAll(List.of("-DbaseUrl=http://" + host, "-Dusers=1", "-DwaitMs=1"));
    arguments.addAll(List.of("-DrampSeconds=0", "-DwarmupSeconds=0", "-DdurationSeconds=1"));
    arguments.addAll(List.of("-Djava.util.prefs.userRoot=" + dir, "io.gatling.app.Gatling"));
    arguments.addAll(List.of("-s", IoSimulation.class.getName(), "-nr", "-rf", dir.toString()));

    assertRuns(arguments);
    assertThat(hosts).isNotEmpty().containsOnly(host);
  }

  private void assertRuns(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Commands.JAVA));
    command.add("-Djdk.net.hosts.file=" + dir.resolve("hosts"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(arguments);
    Path printed = dir.resolve("printed");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    int exitCode = builder.redirectOutput(printed.toFile()).start().waitFor();
    assertThat(exitCode).as(() -> text(printed)).isZero();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
