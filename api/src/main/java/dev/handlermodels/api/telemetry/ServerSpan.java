package dev.handlermodels.api.telemetry;

import java.net.URI;
import java.util.List;

/**
 * One request as a span of its trace. It goes by hand from the request to its upstream calls, never
 * by a thread-local variable: an event loop changes requests at every step, and a pool changes
 * threads.
 */
public interface ServerSpan {
  /** Nothing is traced. */
  ServerSpan NONE =
      new ServerSpan() {
        @Override
        public void route(String route) {}

        @Override
        public ClientSpan call(String method, URI server, String target) {
          return ClientSpan.NONE;
        }

        @Override
        public void end(int status) {}

        @Override
        public String traceId() {
          return null;
        }

        @Override
        public String spanId() {
          return null;
        }
      };

  /** All values of a header field, in their order; null or none where it is missing. */
  @FunctionalInterface
  interface Fields {
    List<String> all(String name);
  }

  /** The path template of the endpoint, as soon as it is known. */
  void route(String route);

  /**
   * An upstream call begins that is made for this request.
   *
   * @param target path and query
   */
  ClientSpan call(String method, URI server, String target);

  /** The answer with this status is written, or the client has gone. */
  void end(int status);

  /** 32 hexadecimal digits, for the log; null where nothing is traced. */
  String traceId();

  /** 16 hexadecimal digits, for the log; null where nothing is traced. */
  String spanId();
}
