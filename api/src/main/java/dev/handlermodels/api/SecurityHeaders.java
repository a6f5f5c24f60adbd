package dev.handlermodels.api;

import java.util.Map;

/**
 * What browsers are told with every answer: it is data, no page, and nobody else's. Where an answer
 * is a page ({@code Docs}) it has a {@link #POLICY} of its own.
 */
public final class SecurityHeaders {
  public static final String POLICY = "Content-Security-Policy";

  /** Nothing is loaded, run or framed. */
  public static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

  /** The others, of which there is no other value. */
  public static final Map<String, String> FIXED =
      Map.of("X-Content-Type-Options", "nosniff", "Cross-Origin-Resource-Policy", "same-origin");

  private SecurityHeaders() {}
}
