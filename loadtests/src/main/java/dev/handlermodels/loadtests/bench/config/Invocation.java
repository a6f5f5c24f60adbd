package dev.handlermodels.loadtests.bench.config;

import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * How a run was started: command.json in its folder.
 *
 * @param command as typed, but for {@code --out}, which is a path of one machine
 * @param startedAt ISO 8601, UTC
 */
public record Invocation(String command, String startedAt) {

  /** The command line of a run that begins now. */
  public static Invocation of(List<String> arguments) {
    StringBuilder command = new StringBuilder("./bench");
    boolean isPath = false;
    for (String argument : arguments) {
      if (!isPath && !argument.equals("--out") && !argument.startsWith("--out=")) {
        command.append(' ').append(argument);
      }
      isPath = argument.equals("--out");
    }
    return new Invocation(
        command.toString(), Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  public static Path file(Path out) {
    return out.resolve("command.json");
  }

  public void write(Path out) throws IOException {
    Files.createDirectories(out);
    Json.write(file(out), this);
  }

  /** Null in a run from before commands were kept. */
  public static Invocation read(Path out) throws IOException {
    return Files.exists(file(out)) ? Json.read(file(out), Invocation.class) : null;
  }
}
