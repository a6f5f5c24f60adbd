package dev.handlermodels.api;

/**
 * A path that has no parameter or one, a whole segment as in {@code /tasks/{id}}. A parameter is 1
 * to {@link Limits#PATH_PARAMETER_CHARS} of the characters that RFC 3986 calls unreserved, of which
 * none is ever encoded: so whether and when to decode is no question, on which the three routers
 * would differ.
 *
 * @param text as written
 * @param prefix what comes before the parameter; all of it where there is none
 * @param suffix what comes behind the parameter; null where there is none
 */
record PathTemplate(String text, String prefix, String suffix) {

  static PathTemplate of(String text) {
    int open = text.indexOf("/{");
    if (open < 0) {
      return new PathTemplate(text, text, null);
    }
    int close = text.indexOf('}');
    return new PathTemplate(text, text.substring(0, open + 1), text.substring(close + 1));
  }

  boolean hasParameter() {
    return suffix != null;
  }

  boolean matches(String rawPath) {
    if (!hasParameter()) {
      return text.equals(rawPath);
    }
    int start = prefix.length();
    int end = rawPath.length() - suffix.length();
    return start < end
        && end - start <= Limits.PATH_PARAMETER_CHARS
        && rawPath.startsWith(prefix)
        && rawPath.endsWith(suffix)
        && isParameter(rawPath, start, end);
  }

  /**
   * @throws IllegalStateException where the path does not match or has no parameter
   */
  String parameter(String rawPath) {
    if (!hasParameter() || !matches(rawPath)) {
      throw new IllegalStateException("no parameter of " + text);
    }
    return rawPath.substring(prefix.length(), rawPath.length() - suffix.length());
  }

  String fill(String parameter) {
    return hasParameter() ? prefix + parameter + suffix : text;
  }

  private static boolean isParameter(String path, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!isUnreserved(path.charAt(i))) {
        return false;
      }
    }
    return !isDotSegment(path, start, end);
  }

  /** RFC 3986, 2.3. */
  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  /** One or two dots mean this directory and the one above (RFC 3986, 3.3); a router goes there. */
  private static boolean isDotSegment(String path, int start, int end) {
    return path.charAt(start) == '.'
        && (end - start == 1 || (end - start == 2 && path.charAt(start + 1) == '.'));
  }
}
