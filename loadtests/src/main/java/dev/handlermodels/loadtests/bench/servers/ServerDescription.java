package dev.handlermodels.loadtests.bench.servers;

import java.util.List;
import java.util.Map;

/**
 * A server as the bench knows it: a file of {@code loadtests/servers}, or a user's own.
 *
 * @param model in words
 * @param with the option that adds it to the table, {@code --with-NAME}; null where it is there
 *     anyway
 * @param about a sentence for the help
 * @param order among the servers; those without one come last
 * @param url of one that runs already; null where the bench starts it
 * @param port that it listens on; null for the bench's own {@code --port}
 * @param program that has to be there; null where the command is enough
 * @param folder in which the command is started; null for the project's
 * @param command with variables; empty for one that runs already
 * @param environment with variables
 * @param needs files that have to be built before
 * @param ready path that answers 200 once it is ready; null where any answer will do
 * @param live path that is asked under load
 * @param census URL of its census of threads, with variables; null where there is none
 * @param settings URL of its own report of its settings, likewise
 * @param limits bounds of all rows that its report of settings knows
 */
public record ServerDescription(
    String name,
    String model,
    String with,
    String about,
    Integer order,
    String url,
    Integer port,
    Program program,
    String folder,
    List<String> command,
    Map<String, String> environment,
    List<String> needs,
    String ready,
    int readyWithinSeconds,
    String live,
    String census,
    String settings,
    List<Place> limits,
    List<Row> rows) {
  public static final String DEFAULT_LIVE = "/health/live";
  static final int READY_WITHIN_SECONDS = 60;

  /** A server that runs already, of which nothing more is known: for a quick look. */
  public static ServerDescription running(String name, String url, String path, Integer places) {
    List<Place> waits = places == null ? null : List.of(new Place("places", places));
    Row row =
        new Row(
            name,
            path,
            null,
            "EndpointSimulation",
            Row.DEFAULT_QUERY,
            waits,
            true,
            null,
            null,
            null);
    return new ServerDescription(
        name,
        HandlerModel.UNKNOWN.label,
        null,
        null,
        null,
        url,
        null,
        null,
        null,
        List.of(),
        Map.of(),
        List.of(),
        null,
        READY_WITHIN_SECONDS,
        DEFAULT_LIVE,
        "${management}/threads",
        "${management}/settings",
        List.of(),
        List.of(row));
  }

  /** The same, running already at that URL. */
  public ServerDescription at(String address) {
    return but(address, folder, List.of(), Map.of());
  }

  /** The same with its program found. */
  public ServerDescription withProgram(String path) {
    return but(
        url,
        folder,
        command.stream().map(word -> word.replace("${program}", path)).toList(),
        environment);
  }

  /** What a report needs: neither commands nor paths of one machine nor what may be secret. */
  public ServerDescription forReport() {
    return but(url, null, List.of(), Map.of());
  }

  private ServerDescription but(
      String address, String inFolder, List<String> started, Map<String, String> variables) {
    return new ServerDescription(
        name,
        model,
        with,
        about,
        order,
        address,
        port,
        program,
        inFolder,
        started,
        variables,
        needs,
        ready,
        readyWithinSeconds,
        live,
        census,
        settings,
        limits,
        rows);
  }

  public HandlerModel handlerModel() {
    return HandlerModel.of(model);
  }

  public boolean isStarted() {
    return url == null;
  }
}
