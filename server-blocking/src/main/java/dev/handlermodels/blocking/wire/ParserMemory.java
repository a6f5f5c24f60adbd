package dev.handlermodels.blocking.wire;

import io.undertow.server.protocol.http.HttpServerConnection;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * What Undertow's parser keeps of a connection's requests: text that grows with the longest line of
 * a head, and stays as long as the connection lasts. It rests on internals of the pinned version of
 * Undertow.
 */
final class ParserMemory {
  private static final Method LISTENER;
  private static final Field STATE;
  private static final Field TEXT;

  static {
    try {
      LISTENER = Internals.method(HttpServerConnection.class, "getReadListener");
      STATE = Internals.field(LISTENER.getReturnType(), "state");
      TEXT = Internals.field(STATE.getType(), "parsedData");
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this version of Undertow is not known", e);
    }
  }

  private ParserMemory() {}

  /** To be called between two requests. */
  static void letGo(HttpServerConnection connection) {
    try {
      StringBuilder text = (StringBuilder) TEXT.get(STATE.get(LISTENER.invoke(connection)));
      text.setLength(0);
      text.trimToSize();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this version of Undertow is not known", e);
    }
  }
}
