package dev.handlermodels.api.admission;

/** The client has hung up: its request ends, and nobody is there to be told. */
public final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * What metrics show in place of the status of an answer that nobody got. It stands in no registry
   * of HTTP; nginx logs the same.
   */
  static final int STATUS = 499;

  public ClientGoneException() {
    super("the client closed its connection", null, false, false);
  }
}
