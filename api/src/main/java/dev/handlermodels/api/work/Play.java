package dev.handlermodels.api.work;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.MediaTypes;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Resources;
import dev.handlermodels.api.settings.PlayOrigins;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The page that sends requests from the browser and draws them as they happen. Its files are ours,
 * and nothing is asked of another server but the figures of this one's management listener. Beside
 * this server it shows others, each in a frame that only the origins of PLAY_ORIGINS may open: so
 * no page reads the main listener of another server.
 */
public final class Play {
  private static final String FOLDER = "/play/";

  /** Shown in a frame by the pages of other servers. */
  private static final String COLUMN = "column.html";

  private static final List<String> SCRIPTS =
      List.of("page.js", "column.js", "frame.js", "words.js");

  private final PlayOrigins origins;
  private final StaticFile page;
  private final Map<String, StaticFile> files = new HashMap<>();

  /** What the page has to know of this server; no port where no page may read that listener. */
  private record Told(String server, String model, Integer managementPort) {}

  /**
   * @param managementPort of the management listener that is open
   */
  public Play(ServerIdentity identity, PlayOrigins origins, int managementPort) {
    this.origins = origins;
    List<String> management = origins.managementAddresses(managementPort);
    String alone = policy(management, List.of(), List.of());
    page =
        StaticFile.of(
            MediaTypes.HTML,
            Resources.bytes(FOLDER + "index.html"),
            policy(management, origins.others(), List.of()));
    files.put(
        COLUMN,
        StaticFile.of(
            MediaTypes.HTML,
            Resources.bytes(FOLDER + COLUMN),
            policy(management, List.of(), origins.others())));
    files.put(
        "play.css", StaticFile.of(MediaTypes.CSS, Resources.bytes(FOLDER + "play.css"), alone));
    for (String script : SCRIPTS) {
      files.put(
          script, StaticFile.of(MediaTypes.JAVASCRIPT, Resources.bytes(FOLDER + script), alone));
    }
    Told told =
        new Told(identity.server(), identity.model(), management.isEmpty() ? null : managementPort);
    files.put("server.json", StaticFile.of(Json.CONTENT_TYPE, Json.bytes(told), alone));
  }

  /**
   * Nothing inline, nothing from elsewhere.
   *
   * @param asked whom its scripts may ask beside this listener
   * @param framed what it may show in frames
   * @param framers whose pages may show it in a frame
   */
  private static String policy(List<String> asked, List<String> framed, List<String> framers) {
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;"
        + " connect-src 'self'"
        + (asked.isEmpty() ? "" : " " + String.join(" ", asked))
        + (framed.isEmpty() ? "" : "; frame-src " + String.join(" ", framed))
        + "; base-uri 'none'; form-action 'none'; frame-ancestors "
        + (framers.isEmpty() ? "'none'" : String.join(" ", framers));
  }

  /**
   * @param rawPath of {@link Endpoint#PLAY} or {@link Endpoint#PLAY_FILE}
   * @param with the servers to be shown beside this one, as origins; for a file of the page none
   * @throws ProblemException 400 for an origin that PLAY_ORIGINS does not name, 404 for a file that
   *     the page does not need
   */
  public StaticFile file(String rawPath, List<String> with) {
    StaticFile file = rawPath.equals(Endpoint.PLAY_PATH) ? page : named(rawPath);
    if (!with.isEmpty() && (file != page || !areKnown(with))) {
      throw Problems.badParameter(
          "with",
          "at " + Endpoint.PLAY_PATH + " origins of PLAY_ORIGINS, each once, separated by commas",
          "names a server that this one does not know, or one twice");
    }
    return file;
  }

  private boolean areKnown(List<String> with) {
    return origins.others().containsAll(with) && new HashSet<>(with).size() == with.size();
  }

  private StaticFile named(String rawPath) {
    StaticFile file = files.get(Endpoint.PLAY_FILE.parameter(rawPath));
    if (file == null) {
      throw Problems.notFound(rawPath);
    }
    return file;
  }
}
