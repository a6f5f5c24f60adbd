package dev.handlermodels.api.upstream;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.Results;
import tools.jackson.core.JacksonException;

/**
 * A good answer of the upstream.
 *
 * @param waitedIn the thread that stood still until the answer came; null where none did
 */
public record UpstreamAnswer(Results.Upstream body, Thread waitedIn) {

  /**
   * Makes something of an answer.
   *
   * @param <T> what is made
   */
  @FunctionalInterface
  public interface Parser<T> {
    /**
     * @throws UpstreamException where the answer is of no use
     */
    T parse(int status, byte[] body);
  }

  /**
   * Checks and parses an answer; both HTTP clients end here, so that both call the same things
   * failures.
   *
   * @throws UpstreamException where the status is not 200 or the body not the JSON expected
   */
  public static UpstreamAnswer parse(int status, byte[] body, Thread waitedIn) {
    return new UpstreamAnswer(read(status, body, Results.Upstream.class), waitedIn);
  }

  /**
   * Checks and parses the answer of one of the services behind {@code /aggregate/{user}}.
   *
   * @throws UpstreamException as above
   */
  public static Results.ServiceAnswer parseService(int status, byte[] body) {
    return read(status, body, Results.ServiceAnswer.class);
  }

  private static <T> T read(int status, byte[] body, Class<T> type) {
    if (status != 200) {
      throw new UpstreamException(
          UpstreamException.Kind.BAD_ANSWER, "it answered with status " + status);
    }
    try {
      return Json.read(body, type);
    } catch (JacksonException e) {
      throw new UpstreamException(
          UpstreamException.Kind.BAD_ANSWER, "its answer is not the JSON expected", e);
    }
  }

  /** An answer longer than {@link Limits#UPSTREAM_ANSWER_BYTES}. */
  public static UpstreamException tooLong() {
    return new UpstreamException(
        UpstreamException.Kind.BAD_ANSWER,
        "its answer has more than " + Limits.UPSTREAM_ANSWER_BYTES + " bytes");
  }
}
