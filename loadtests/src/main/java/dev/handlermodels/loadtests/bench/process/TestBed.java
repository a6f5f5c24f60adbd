package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.servers.Servers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Starts the upstream and the servers of a scenario, and sends them single requests. */
public final class TestBed {
  private static final long POLL_MS = 5;

  private final BenchRun run;
  private final Settings settings;

  /** A server that is ready. */
  public record Server(String name, ChildProcess process, int port, int managementPort) {
    public String url(String target) {
      return LoopbackAddress.url(port) + target;
    }

    /** A URL of its management listener. */
    public String managementUrl(String target) {
      return LoopbackAddress.url(managementPort) + target;
    }

    /** CPU time since its start; null where it cannot be read. */
    public Duration cpu() {
      return process.cpu();
    }
  }

  public TestBed(BenchRun run, Settings settings) {
    this.run = run;
    this.settings = settings;
  }

  /** Returns when the upstream answers. */
  public ChildProcess upstream(Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Files.createDirectories(dir);
    ChildProcess upstream =
        run.children.start(
            "The upstream",
            Commands.upstream(settings),
            Commands.upstreamEnvironment(settings),
            dir.resolve("upstream.log"));
    run.awaitReady(upstream, LoopbackAddress.url(settings.upstreamPort()) + "/health");
    return upstream;
  }

  /** Returns when the server is ready on the ports of the settings. */
  public Server server(String name, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    return server(name, dir, Map.of());
  }

  /** The same with more environment variables. */
  public Server server(String name, Path dir, Map<String, String> more)
      throws IOException, InterruptedException, MeasurementException {
    return server(
        name, settings.port(), settings.managementPort(), dir.resolve("server.log"), more);
  }

  /** The same with a log of another name. */
  public Server server(String name, Path log, int port)
      throws IOException, InterruptedException, MeasurementException {
    return server(name, port, settings.managementPort(), log, Map.of());
  }

  /** One more server, on ports that are free. */
  public Server another(String name, Path log)
      throws IOException, InterruptedException, MeasurementException {
    return another(name, log, Map.of());
  }

  /** The same with more environment variables. */
  public Server another(String name, Path log, Map<String, String> more)
      throws IOException, InterruptedException, MeasurementException {
    List<Integer> ports = freePorts(2);
    return server(name, ports.getFirst(), ports.getLast(), log, more);
  }

  private Server server(
      String name, int port, int managementPort, Path log, Map<String, String> more)
      throws IOException, InterruptedException, MeasurementException {
    Files.createDirectories(log.getParent());
    Map<String, String> environment =
        new HashMap<>(Commands.environment(Servers.get(name), settings));
    environment.put("PORT", Integer.toString(port));
    environment.put("MANAGEMENT_PORT", Integer.toString(managementPort));
    environment.putAll(more);
    ChildProcess process =
        run.children.start("server-" + name, Commands.server(name, settings), environment, log);
    return ready(new Server(name, process, port, managementPort));
  }

  /** A server by a command and with an environment of the caller's own. */
  public Server server(String name, Path dir, List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException, MeasurementException {
    ChildProcess process =
        run.children.start("server-" + name, command, environment, dir.resolve("server.log"));
    return ready(new Server(name, process, settings.port(), settings.managementPort()));
  }

  private Server ready(Server server) throws InterruptedException, MeasurementException {
    run.awaitReady(server.process(), server.url("/health/ready"));
    return server;
  }

  /** All answers, in the order of the requests; at most as many milliseconds for each. */
  public List<String> all(List<String> urls, long timeoutMs)
      throws InterruptedException, MeasurementException {
    List<CompletableFuture<String>> asked =
        urls.stream().map(url -> run.http.start(url, timeoutMs)).toList();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      CompletableFuture<String> answer = asked.get(i);
      while (!answer.isDone()) {
        run.stop.pause(POLL_MS);
      }
      if (answer.isCompletedExceptionally()) {
        asked.forEach(other -> other.cancel(true));
        throw new MeasurementException(
            urls.get(i) + ": " + answer.exceptionNow().getMessage(), List.of());
      }
      answers.add(answer.resultNow());
    }
    return answers;
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getByName(LoopbackAddress.HOST)));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
