package dev.handlermodels.api;

import java.util.Locale;
import java.util.Set;

/** Media types of bodies that are not JSON results. */
public final class MediaTypes {
  public static final String YAML = "application/yaml";
  public static final String HTML = "text/html; charset=utf-8";
  public static final String JAVASCRIPT = "text/javascript; charset=utf-8";
  public static final String CSS = "text/css; charset=utf-8";
  private static final String BYTES = "application/octet-stream";
  private static final Set<String> ECHOED = Set.of(Json.CONTENT_TYPE, "text/plain");

  private MediaTypes() {}

  /**
   * The type that {@code /echo} answers with: the request's where that is harmless, plain bytes
   * otherwise, so that no page or script that somebody posts comes back as one.
   *
   * @param requestType the request's Content-Type, null where it has none
   */
  public static String echoed(String requestType) {
    if (requestType == null) {
      return BYTES;
    }
    return ECHOED.contains(bare(requestType)) ? requestType : BYTES;
  }

  /**
   * @param requestType the request's Content-Type, null where it has none
   */
  public static boolean isJson(String requestType) {
    return requestType != null && bare(requestType).equals(Json.CONTENT_TYPE);
  }

  private static String bare(String type) {
    return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }
}
