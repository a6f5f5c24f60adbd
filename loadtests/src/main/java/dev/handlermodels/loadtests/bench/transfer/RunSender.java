package dev.handlermodels.loadtests.bench.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Sends the folder of a run to a {@link RunReceiver}. */
public final class RunSender {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration SEND = Duration.ofMinutes(5);
  private static final int ATTEMPTS = 60;
  private static final int PAUSE_MS = 2_000;

  private final int attempts;
  private final int pauseMs;

  RunSender(int attempts, int pauseMs) {
    this.attempts = attempts;
    this.pauseMs = pauseMs;
  }

  /**
   * Returns when it has arrived. A receiver that is not there yet is tried again for two minutes.
   *
   * @param to the receiver's address and the name of the run
   * @throws IOException with a sentence, where it does not arrive
   */
  public static void send(Path folder, URI to) throws IOException, InterruptedException {
    new RunSender(ATTEMPTS, PAUSE_MS).sendTo(folder, to);
  }

  void sendTo(Path folder, URI to) throws IOException, InterruptedException {
    Path archive = Files.createTempFile("run", ".zip");
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build()) {
      try (OutputStream out = Files.newOutputStream(archive)) {
        RunArchive.pack(folder, out);
      }
      HttpRequest request =
          HttpRequest.newBuilder(to)
              .timeout(SEND)
              .PUT(HttpRequest.BodyPublishers.ofFile(archive))
              .build();
      HttpResponse<String> answer = ask(http, request);
      if (answer.statusCode() != 201) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s did not take the run: %s %s",
                to,
                answer.statusCode(),
                answer.body().strip()));
      }
    } finally {
      Files.delete(archive);
    }
  }

  private HttpResponse<String> ask(HttpClient http, HttpRequest request)
      throws IOException, InterruptedException {
    IOException last = null;
    for (int attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) {
        Thread.sleep(pauseMs);
      }
      try {
        return http.send(request, HttpResponse.BodyHandlers.ofString());
      } catch (ConnectException | HttpTimeoutException e) {
        last = e;
      }
    }
    throw new IOException(
        String.format(Locale.ROOT, "%s cannot be reached: %s", request.uri(), last), last);
  }
}
