package dev.handlermodels.api;

import java.util.Map;

/**
 * A request that ends in a problem. It carries no stack trace: it is an answer, not a fault of the
 * server.
 */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;
  private final transient Map<String, String> headers;

  /** Null until it is asked for; a refusal that is made once is written once. */
  private transient volatile byte[] document;

  ProblemException(Problem problem, Map<String, String> headers) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
    this.headers = headers;
  }

  public Problem problem() {
    return problem;
  }

  /** The problem as JSON, not to be changed. */
  public byte[] document() {
    byte[] written = document;
    if (written == null) {
      written = Json.bytes(problem);
      document = written;
    }
    return written;
  }

  /** Header fields that belong to the answer: Allow, Retry-After, Connection. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Whether what follows on the connection cannot be read as a request. */
  public boolean closesConnection() {
    return "close".equals(headers.get("Connection"));
  }
}
