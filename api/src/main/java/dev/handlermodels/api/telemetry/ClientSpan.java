package dev.handlermodels.api.telemetry;

import java.util.function.BiConsumer;

/** One upstream call as a span, a child of its request's span. */
public interface ClientSpan {
  /** Nothing is traced. */
  ClientSpan NONE =
      new ClientSpan() {
        @Override
        public void fields(BiConsumer<String, String> set) {}

        @Override
        public void answered(int status) {}

        @Override
        public void end(Throwable failure) {}
      };

  /**
   * The header fields that hand the trace on: traceparent, and tracestate where there is one.
   *
   * @param set takes name and value
   */
  void fields(BiConsumer<String, String> set);

  /** An answer with this status has begun; what it is worth, {@link #end} says. */
  void answered(int status);

  /**
   * @param failure what the call failed with; null where it did not
   */
  void end(Throwable failure);
}
