package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.servers.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The program that a description needs, on this machine.
 *
 * @param path the first candidate that passes the check; null where none does
 * @param sentence for the report: what it is, or what is missing
 */
public record FoundProgram(String path, String sentence) {
  private static final long ANSWER_WITHIN_SECONDS = 10;

  public static FoundProgram find(Program program) {
    for (String candidate : program.candidates()) {
      String versions = versions(candidate, program.check());
      if (versions != null) {
        return new FoundProgram(candidate, program.found() + " " + versions + ".");
      }
    }
    return new FoundProgram(null, program.missing());
  }

  public boolean isPresent() {
    return path != null;
  }

  private static String versions(String candidate, List<String> check) {
    try {
      List<String> command = new ArrayList<>(List.of(candidate));
      command.addAll(check);
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      if (!process.waitFor(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return null;
      }
      byte[] answer = process.getInputStream().readAllBytes();
      return process.exitValue() == 0 ? new String(answer, StandardCharsets.UTF_8).strip() : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
