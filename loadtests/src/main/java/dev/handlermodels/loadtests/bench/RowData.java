package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.Json;
import dev.handlermodels.loadtests.UserFacts;
import dev.handlermodels.loadtests.bench.GatlingLog.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * The raw files of a row, read.
 *
 * @param users null where Gatling wrote none
 * @param arrivals of an open load; null where it was closed, or cut short
 */
record RowData(
    RowFacts facts,
    UserFacts users,
    List<Sample> samples,
    List<Response> responses,
    Arrivals arrivals) {

  static RowData read(Path row, Settings settings) throws IOException {
    Path arrivals = Layout.arrivals(row);
    Path users = Layout.users(row);
    Path log = Layout.simulationLog(row);
    return new RowData(
        Json.read(Layout.facts(row), RowFacts.class),
        Files.exists(users) ? Json.read(users, UserFacts.class) : null,
        samples(Layout.samples(row)),
        Files.exists(log) && Files.size(log) > 0 ? GatlingLog.read(log).responses() : List.of(),
        settings.isOpen() && Files.exists(arrivals)
            ? Arrivals.read(arrivals, settings.openRate())
            : null);
  }

  private static List<Sample> samples(Path file) throws IOException {
    List<Sample> samples = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        try {
          samples.add(Json.LINE.readValue(line, Sample.class));
        } catch (JacksonException e) {
          break; // the last line of a bench that was killed
        }
      }
    }
    return samples;
  }

  /** When the first user arrived; null where none did. */
  Long startedAtMs() {
    return users == null || users.startedAtMs() == 0 ? null : users.startedAtMs();
  }
}
