package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.ChildProcesses;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Starts a described server, and tells whether it is ready, or in one sentence why it is not. */
final class ServerStart {
  private static final int OK = 200;

  /** How the JDK begins the message of a command that cannot be started. */
  private static final String CANNOT_RUN = "Cannot run program";

  private final ServerDescription server;
  private final String readyUrl;
  private final String baseUrl;
  private final LoopbackClient http;
  private Integer lastStatus;

  ServerStart(ServerDescription server, String baseUrl, LoopbackClient http) {
    this.server = server;
    this.baseUrl = baseUrl;
    this.readyUrl = baseUrl + (server.ready() == null ? "/" : server.ready());
    this.http = http;
  }

  /**
   * Starts its command.
   *
   * @param root the folder of a server of the bench's own
   * @throws MeasurementException with one sentence, where there is nothing to start
   */
  static ChildProcess process(
      ServerDescription server, Settings settings, ChildProcesses children, Path root, Path log)
      throws IOException, MeasurementException {
    Path folder = server.folder() == null ? root : Path.of(server.folder());
    List<String> command = Commands.server(server, settings);
    try {
      return children.start(
          "The server", folder, command, Commands.environment(server, settings), log);
    } catch (IOException e) {
      if (!e.getMessage().startsWith(CANNOT_RUN)) {
        throw e;
      }
      throw new MeasurementException(
          String.format(
              Locale.ROOT,
              "The command of %s does not start: there is no program '%s' that can be run.",
              server.name(),
              command.getFirst()),
          List.of());
    }
  }

  boolean isReady() throws InterruptedException {
    lastStatus = http.status(readyUrl);
    return lastStatus != null && (server.ready() == null || lastStatus == OK);
  }

  /** After a look that failed. */
  String whyNotReady() {
    String answer =
        lastStatus == null
            ? "nothing answers at " + baseUrl
            : readyUrl + " answers with status " + lastStatus + ", not " + OK;
    return server.isStarted()
        ? String.format(
            Locale.ROOT,
            "The server was not ready within %d s: %s.",
            server.readyWithinSeconds(),
            answer)
        : String.format(Locale.ROOT, "%s is not ready: %s.", server.name(), answer);
  }
}
