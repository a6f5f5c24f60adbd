package dev.handlermodels.api.work;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.MediaTypes;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Resources;
import dev.handlermodels.api.SecurityHeaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
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

  private static final int ETAG_BYTES = 16;

  /**
   * What to answer.
   *
   * @param body empty where the client has it already
   */
  public record Answer(int status, String contentType, Map<String, String> headers, byte[] body) {}

  /** A file, as it is served. */
  private record Asset(String contentType, byte[] content, String etag) {
    static Asset of(String contentType, byte[] content) {
      return new Asset(contentType, content, '"' + hash(content) + '"');
    }
  }

  /** Read when the first of them is asked for, and kept. */
  private static final class Assets {
    static final Asset PAGE = Asset.of(MediaTypes.HTML, Resources.bytes("/docs/index.html"));
    static final Map<String, Asset> FILES =
        Map.of(
            "initializer.js",
            Asset.of(MediaTypes.JAVASCRIPT, Resources.bytes("/docs/initializer.js")),
            "swagger-ui-bundle.js",
            Asset.of(MediaTypes.JAVASCRIPT, ofWebJar("swagger-ui-bundle.js")),
            "swagger-ui.css",
            Asset.of(MediaTypes.CSS, ofWebJar("swagger-ui.css")),
            "chat",
            Asset.of(MediaTypes.HTML, Resources.bytes("/docs/chat.html")),
            "chat.js",
            Asset.of(MediaTypes.JAVASCRIPT, Resources.bytes("/docs/chat.js")),
            "chat.css",
            Asset.of(MediaTypes.CSS, Resources.bytes("/docs/chat.css")));
  }

  private Docs() {}

  /**
   * @param rawPath of {@link Endpoint#DOCS} or {@link Endpoint#DOCS_FILE}
   * @param ifMatch the values of the request's fields of that name; empty where it has none
   * @param ifNoneMatch likewise
   * @throws ProblemException 404 for a file that the page does not need, 412 for an If-Match that
   *     names another version
   */
  public static Answer answer(String rawPath, List<String> ifMatch, List<String> ifNoneMatch) {
    Asset asset = rawPath.equals(Endpoint.DOCS_PATH) ? Assets.PAGE : file(rawPath);
    if (!ifMatch.isEmpty() && !names(ifMatch, asset.etag, false)) {
      throw Problems.preconditionFailed();
    }
    boolean known = names(ifNoneMatch, asset.etag, true);
    return new Answer(
        known ? 304 : 200,
        asset.contentType,
        Map.of(
            "ETag",
            asset.etag,
            "Cache-Control",
            "no-cache",
            SecurityHeaders.POLICY,
            POLICY,
            "Referrer-Policy",
            "no-referrer"),
        known ? new byte[0] : asset.content);
  }

  private static Asset file(String rawPath) {
    Asset asset = Assets.FILES.get(Endpoint.DOCS_FILE.parameter(rawPath));
    if (asset == null) {
      throw Problems.notFound(rawPath);
    }
    return asset;
  }

  /**
   * Whether a list names this version, or is an asterisk.
   *
   * @param weakly as If-None-Match compares, and If-Match does not (RFC 9110, 13.1.1 and 13.1.2)
   */
  private static boolean names(List<String> fields, String etag, boolean weakly) {
    return fields.stream()
        .flatMap(field -> Arrays.stream(field.split(",")))
        .map(String::strip)
        .anyMatch(
            given ->
                given.equals("*") || given.equals(etag) || weakly && given.equals("W/" + etag));
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

  private static String hash(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest, 0, ETAG_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
