package dev.handlermodels.api;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON of {@code GET /} with three gaps: the thread, its kind and the time. All else is the
 * same for each request and is made once. {@code RootTemplateTest} holds the result against
 * Jackson's.
 */
public final class RootTemplate {
  private final byte[] untilThread;
  private final Map<ThreadKind, byte[]> untilTime = new EnumMap<>(ThreadKind.class);
  private final byte[] rest;

  /** Of the thread that asked last, since an event loop asks again and again. */
  private volatile Begin latest = new Begin("", ThreadKind.PLATFORM, new byte[0]);

  private record Begin(String thread, ThreadKind kind, byte[] json) {}

  public RootTemplate(String server, String model, List<Results.EndpointInfo> endpoints) {
    untilThread =
        bytes("{\"server\":" + json(server) + ",\"model\":" + json(model) + ",\"thread\":\"");
    for (ThreadKind kind : ThreadKind.values()) {
      untilTime.put(kind, bytes("\",\"threadKind\":" + json(kind) + ",\"tookMs\":"));
    }
    rest = bytes(",\"endpoints\":" + json(endpoints) + "}");
  }

  /** The short part that is new, and the long one that all documents share. */
  byte[][] filled(String thread, ThreadKind kind, double tookMs) {
    Begin begin = latest;
    if (!begin.thread.equals(thread) || begin.kind != kind) {
      begin =
          new Begin(
              thread, kind, Json.joined(untilThread, Json.escaped(thread), untilTime.get(kind)));
      latest = begin;
    }
    return new byte[][] {Json.joined(begin.json, bytes(Double.toString(tookMs))), rest};
  }

  private static String json(Object value) {
    return new String(Json.bytes(value), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
