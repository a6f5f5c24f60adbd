package dev.handlermodels.api;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request that ends in a problem. It carries no stack trace: it is an answer, not a fault of the
 * server.
 */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;
  private final transient Map<String, String> headers;
  private final Limit limit;

  /** Null until it is asked for; a refusal that is made once is written once. */
  private transient volatile byte[] document;

  ProblemException(Problem problem, Map<String, String> headers) {
    this(problem, notStored(headers), null);
  }

  /** A 404 or a 405 that says nothing else may be kept by a cache: RFC 9110, 15.1. */
  private static Map<String, String> notStored(Map<String, String> headers) {
    Map<String, String> all = new TreeMap<>(headers);
    all.put("Cache-Control", Json.CACHE_CONTROL);
    return Collections.unmodifiableMap(all);
  }

  private ProblemException(Problem problem, Map<String, String> headers, Limit limit) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
    this.headers = headers;
    this.limit = limit;
  }

  public ProblemException exceeds(Limit exceeded) {
    return new ProblemException(problem, headers, exceeded);
  }

  /** The limit that the request exceeds, null where the problem is another. */
  Limit limit() {
    return limit;
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

  /** Header fields that belong to the answer: Cache-Control, Allow, Retry-After, Connection. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Whether the server does not do what it could: 429 and 503. */
  public boolean isRefusal() {
    return problem.status() == 429 || problem.status() == 503;
  }

  /** Whether what follows on the connection cannot be read as a request. */
  public boolean closesConnection() {
    return "close".equals(headers.get("Connection"));
  }
}
