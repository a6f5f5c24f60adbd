package dev.handlermodels.api;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON of {@code GET /} with three gaps: the thread, its kind and the time. All else is the same
 * for each request and is made once. {@code RootTemplateTest} holds the result against Jackson's.
 */
public final class RootTemplate {
  private final byte[] untilThread;
  private final Map<ThreadKind, byte[]> untilTime = new EnumMap<>(ThreadKind.class);
  private final byte[] rest;

  public RootTemplate(String server, String model, List<Results.EndpointInfo> endpoints) {
    untilThread =
        bytes("{\"server\":" + json(server) + ",\"model\":" + json(model) + ",\"thread\":\"");
    for (ThreadKind kind : ThreadKind.values()) {
      untilTime.put(kind, bytes("\",\"threadKind\":" + json(kind) + ",\"tookMs\":"));
    }
    rest = bytes(",\"endpoints\":" + json(endpoints) + "}");
  }

  /** The whole document. */
  byte[] filled(String thread, ThreadKind kind, double tookMs) {
    return joined(
        untilThread, Json.escaped(thread), untilTime.get(kind), bytes(Double.toString(tookMs)), rest);
  }

  private static byte[] joined(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] whole = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }

  private static String json(Object value) {
    return new String(Json.bytes(value), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
