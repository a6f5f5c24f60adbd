package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * The raw files of a row, read.
 *
 * @param users null where Gatling wrote none
 * @param window null where the row never reached it
 * @param serverSettings that the server reported, by dotted name; empty where it did not
 * @param blocked Vert.x's warnings of a blocked loop, in the whole run
 * @param arrivals of an open load; null where it was closed, or cut short
 */
public record RowData(
    RowOutcome facts,
    UserStats users,
    MeasuredWindow window,
    Map<String, String> serverSettings,
    List<BlockedWarning> blocked,
    List<Sample> samples,
    List<Response> responses,
    Arrivals arrivals) {

  public static RowData read(Path row, Settings settings) throws IOException {
    Path arrivals = Layout.arrivals(row);
    return new RowData(
        Json.read(Layout.facts(row), RowOutcome.class),
        orNull(Layout.users(row), UserStats.class),
        orNull(Layout.window(row), MeasuredWindow.class),
        ServerSettings.read(Layout.settings(row)),
        BlockedWarning.read(Layout.serverLog(row)),
        samples(Layout.samples(row)),
        responses(row),
        settings.isOpen() && Files.exists(arrivals)
            ? Arrivals.read(arrivals, settings.openRate())
            : null);
  }

  /** The records of all injectors of a merged row. */
  private static List<Response> responses(Path row) throws IOException {
    if (Files.notExists(Layout.injectors(row))) {
      Path log = Layout.simulationLog(row);
      return Files.exists(log) && Files.size(log) > 0
          ? GatlingLog.read(log).responses()
          : List.of();
    }
    List<Response> all = new ArrayList<>();
    for (String part : Json.read(Layout.injectors(row), String[].class)) {
      all.addAll(responses(row.resolve(part)));
    }
    return all;
  }

  private static <T> T orNull(Path file, Class<T> type) throws IOException {
    return Files.exists(file) ? Json.read(file, type) : null;
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

  /** The second of the load in which the measured window began or would have begun. */
  public int leadSeconds(Settings settings) {
    return window == null || startedAtMs() == null
        ? settings.leadSeconds()
        : (int) ((window.fromMs() - startedAtMs()) / 1000);
  }

  /** When the first user arrived; null where none did. */
  public Long startedAtMs() {
    return users == null || users.startedAtMs() == 0 ? null : users.startedAtMs();
  }
}
