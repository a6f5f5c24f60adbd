package dev.handlermodels.api.wire;

/** The status codes of Close frames (RFC 6455, 7.4). */
public final class CloseCode {
  public static final int NORMAL = 1000;
  public static final int GOING_AWAY = 1001;
  public static final int PROTOCOL = 1002;
  public static final int UNSUPPORTED = 1003;

  /** Stands for a Close without a code; never sent. */
  public static final int NONE = 1005;

  public static final int INVALID_TEXT = 1007;
  public static final int POLICY = 1008;
  public static final int TOO_BIG = 1009;
  public static final int INTERNAL = 1011;
  public static final int TRY_AGAIN = 1013;

  private static final int ABNORMAL = 1006;
  private static final int RESERVED = 1004;
  private static final int LAST_REGISTERED = 1014;
  private static final int FIRST_OF_LIBRARIES = 3000;
  private static final int LAST = 4999;

  private CloseCode() {}

  /** Whether a frame may have it: 1004, 1005, 1006 and 1015 may not, nor may what nobody knows. */
  static boolean isAllowed(int code) {
    return (code >= NORMAL
            && code <= LAST_REGISTERED
            && code != RESERVED
            && code != NONE
            && code != ABNORMAL)
        || (code >= FIRST_OF_LIBRARIES && code <= LAST);
  }

  /** For metrics: a client's own codes must not become label values without end. */
  public static String label(int code) {
    return code >= FIRST_OF_LIBRARIES ? "other" : Integer.toString(code);
  }
}
