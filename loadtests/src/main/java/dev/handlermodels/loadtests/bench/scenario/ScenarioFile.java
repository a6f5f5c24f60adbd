package dev.handlermodels.loadtests.bench.scenario;

import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** scenario.json: which scenario a folder holds, so that its report can be made again. */
public final class ScenarioFile {
  /** Names that older runs have written. */
  private static final Map<String, String> RENAMED = Map.of("COMPARE", "OPEN_VS_CLOSED");

  private record Content(String scenario) {}

  private ScenarioFile() {}

  public static Path of(Path out) {
    return out.resolve("scenario.json");
  }

  public static void write(Path out, String scenario) throws IOException {
    Json.write(of(out), new Content(scenario));
  }

  public static String read(Path out) throws IOException {
    String scenario = Json.read(of(out), Content.class).scenario();
    return RENAMED.getOrDefault(scenario, scenario);
  }
}
