package dev.handlermodels.api;

import tools.jackson.core.JacksonException;

/**
 * A good answer of the upstream.
 *
 * @param waitedIn the thread that stood still until the answer came; null where none did
 */
public record UpstreamAnswer(Results.Upstream body, Thread waitedIn) {

  /**
   * Checks and parses an answer; both HTTP clients end here, so that both call the same things
   * failures.
   *
   * @throws UpstreamException where the status is not 200 or the body not the JSON expected
   */
  public static UpstreamAnswer parse(int status, byte[] body, Thread waitedIn) {
    if (status != 200) {
      throw new UpstreamException(
          UpstreamException.Kind.BAD_ANSWER, "it answered with status " + status);
    }
    try {
      return new UpstreamAnswer(Json.read(body, Results.Upstream.class), waitedIn);
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
