package dev.handlermodels.blocking.wire;

import java.lang.reflect.Field;
import java.lang.reflect.Method;

/** What the pinned versions of XNIO and Undertow do not offer. */
final class Internals {
  private Internals() {}

  static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  static Method method(Class<?> type, String name) throws NoSuchMethodException {
    Method method = type.getDeclaredMethod(name);
    method.setAccessible(true);
    return method;
  }
}
