package dev.handlermodels.api.work;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.MediaTypes;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Resources;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;

/**
 * The page that shows openapi.yaml and lets one try it: Swagger UI, of which these files are needed
 * and no others are served. Beside it is a page to chat, made of three files of our own. Nothing is
 * asked of another server.
 */
public final class Docs {
  private static final String WEBJAR = "/META-INF/resources/webjars/swagger-ui/";
  private static final String WEBJAR_VERSION =
      "/META-INF/maven/org.webjars/swagger-ui/pom.properties";

  /** Nothing inline, nothing from elsewhere, in no frame; Swagger UI's icons are data. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /** Read when the first of them is asked for, and kept. */
  private static final class Assets {
    static final StaticFile PAGE = of(MediaTypes.HTML, Resources.bytes("/docs/index.html"));
    static final Map<String, StaticFile> FILES =
        Map.of(
            "initializer.js",
            of(MediaTypes.JAVASCRIPT, Resources.bytes("/docs/initializer.js")),
            "swagger-ui-bundle.js",
            of(MediaTypes.JAVASCRIPT, ofWebJar("swagger-ui-bundle.js")),
            "swagger-ui.css",
            of(MediaTypes.CSS, ofWebJar("swagger-ui.css")),
            "chat",
            of(MediaTypes.HTML, Resources.bytes("/docs/chat.html")),
            "chat.js",
            of(MediaTypes.JAVASCRIPT, Resources.bytes("/docs/chat.js")),
            "chat.css",
            of(MediaTypes.CSS, Resources.bytes("/docs/chat.css")));

    private static StaticFile of(String contentType, byte[] content) {
      return StaticFile.of(contentType, content, POLICY);
    }
  }

  private Docs() {}

  /**
   * @param rawPath of {@link Endpoint#DOCS} or {@link Endpoint#DOCS_FILE}
   * @throws ProblemException 404 for a file that the page does not need
   */
  public static StaticFile file(String rawPath) {
    if (rawPath.equals(Endpoint.DOCS_PATH)) {
      return Assets.PAGE;
    }
    StaticFile file = Assets.FILES.get(Endpoint.DOCS_FILE.parameter(rawPath));
    if (file == null) {
      throw Problems.notFound(rawPath);
    }
    return file;
  }

  private static byte[] ofWebJar(String file) {
    Properties properties = new Properties();
    try {
      properties.load(new ByteArrayInputStream(Resources.bytes(WEBJAR_VERSION)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Resources.bytes(WEBJAR + properties.getProperty("version") + "/" + file);
  }
}
