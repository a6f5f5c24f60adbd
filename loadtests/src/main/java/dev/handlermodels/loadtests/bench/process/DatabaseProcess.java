package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A PostgreSQL that runs beside a server, and not inside of it. */
public record DatabaseProcess(ChildProcess starter, ProcessHandle postmaster, String url) {
  private static final long READY_WITHIN_MS = 60_000;
  private static final int POLL_MS = 50;

  /** Returns when it has said where it is. */
  public static DatabaseProcess start(BenchRun run, Settings settings, Path log)
      throws IOException, InterruptedException, MeasurementException {
    ChildProcess starter =
        run.children.start("PostgreSQL", Commands.database(settings), Map.of(), log);
    long untilNs = System.nanoTime() + READY_WITHIN_MS * 1_000_000;
    while (true) {
      for (String line : Files.readAllLines(log)) {
        if (line.contains(" postgresql://")) {
          String[] numberAndUrl = line.split(" ");
          return new DatabaseProcess(
              starter,
              ProcessHandle.of(Long.parseLong(numberAndUrl[0])).orElseThrow(),
              numberAndUrl[1]);
        }
      }
      if (!starter.isAlive() || System.nanoTime() > untilNs) {
        throw new MeasurementException(
            "PostgreSQL " + starter.ending() + " and is not ready.", starter.lastLogLines());
      }
      run.stop.pause(POLL_MS);
    }
  }
}
