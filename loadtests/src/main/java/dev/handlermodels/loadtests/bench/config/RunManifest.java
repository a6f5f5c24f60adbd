package dev.handlermodels.loadtests.bench.config;

import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The plan of a run: run.json, written before the first row.
 *
 * @param startedAt ISO 8601, UTC
 * @param rows ids in the order of the table
 * @param repeats how often each row is run; null in a run from before there were repeats
 * @param notes sentences for the report
 * @param servers that are not in the catalogue, or differ from it; empty in a run from before there
 *     were descriptions
 */
public record RunManifest(
    String startedAt,
    Machine machine,
    Settings settings,
    List<String> rows,
    Integer repeats,
    List<String> notes,
    List<ServerDescription> servers) {

  /** Null in a run from before there were notes or descriptions. */
  public RunManifest {
    notes = notes == null ? List.of() : notes;
    servers = servers == null ? List.of() : servers;
  }

  /** Each row once. */
  public RunManifest(String startedAt, Machine machine, Settings settings, List<String> rows) {
    this(startedAt, machine, settings, rows, 1, List.of(), List.of());
  }

  /** Writes run.json of a run that begins now and runs each row once. */
  public static void begin(Path out, Layout layout, Settings settings, List<String> rows)
      throws IOException {
    begin(out, layout, settings, rows, 1, List.of(), List.of());
  }

  /** Writes run.json of a run that begins now. */
  public static void begin(
      Path out,
      Layout layout,
      Settings settings,
      List<String> rows,
      int repeats,
      List<String> notes,
      List<ServerDescription> servers)
      throws IOException {
    Files.createDirectories(out);
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    Json.write(
        Layout.run(out),
        new RunManifest(
            now,
            Machine.here(layout),
            settings,
            rows,
            repeats,
            notes,
            servers.stream().map(ServerDescription::forReport).toList()));
  }

  public int timesEach() {
    return repeats == null ? 1 : repeats;
  }
}
