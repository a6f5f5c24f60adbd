package dev.handlermodels.api.wire;

/**
 * A target as a client writes it for a proxy, {@code http://host/path}. A server has to take it,
 * too, and then its authority counts and not the Host field (RFC 9112, 3.2.2).
 *
 * @param authority host and port
 * @param origin the same target in the usual form: path and query, or an asterisk
 */
public record AbsoluteForm(String authority, String origin) {

  /** Null where the target is of another form, or of another scheme than that of HTTP. */
  public static AbsoluteForm of(String method, String target) {
    int begin = isScheme(target, "http://") ? 7 : isScheme(target, "https://") ? 8 : 0;
    if (begin == 0) {
      return null;
    }
    int end = begin;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    String authority = target.substring(begin, end);
    if (authority.isEmpty() || !RequestHead.isHost(authority)) {
      return null;
    }
    String rest = target.substring(end);
    if (rest.isEmpty() && method.equals("OPTIONS")) {
      return new AbsoluteForm(authority, "*"); // RFC 9112, 3.2.4
    }
    return new AbsoluteForm(authority, rest.startsWith("/") ? rest : "/" + rest);
  }

  private static boolean isScheme(String target, String scheme) {
    return target.regionMatches(true, 0, scheme, 0, scheme.length());
  }
}
