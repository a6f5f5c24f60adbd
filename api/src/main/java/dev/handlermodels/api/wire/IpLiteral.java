package dev.handlermodels.api.wire;

/** An address in brackets, as a host has it: RFC 3986, 3.2.2. */
final class IpLiteral {
  private static final int GROUPS = 8;
  private static final int GROUP_DIGITS = 4;
  private static final int OCTETS = 4;
  private static final int MAX_OCTET = 255;

  private IpLiteral() {}

  /** Whether this is what may stand between the brackets. */
  static boolean isAddress(String text) {
    return text.startsWith("v") || text.startsWith("V") ? isFuture(text) : isV6(text);
  }

  /** {@code "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )}; who asks knows the letters. */
  private static boolean isFuture(String text) {
    int dot = text.indexOf('.');
    return dot > 1
        && dot < text.length() - 1
        && text.indexOf('%') < 0
        && isHex(text.substring(1, dot));
  }

  private static boolean isV6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text, true) == GROUPS;
    }
    String before = text.substring(0, gap);
    String behind = text.substring(gap + 2);
    int groups =
        (before.isEmpty() ? 0 : groups(before, false))
            + (behind.isEmpty() ? 0 : groups(behind, true));
    return groups >= 0 && groups < GROUPS; // the gap is at least one group
  }

  /** How many groups there are; far less than none where one of them is wrong. */
  private static int groups(String text, boolean atEnd) {
    String[] groups = text.split(":", -1);
    int count = 0;
    for (int i = 0; i < groups.length; i++) {
      boolean isV4 = atEnd && i == groups.length - 1 && isV4(groups[i]);
      if (!isV4 && !(groups[i].length() <= GROUP_DIGITS && isHex(groups[i]))) {
        return -2 * GROUPS;
      }
      count += isV4 ? 2 : 1;
    }
    return Math.min(count, GROUPS + 1);
  }

  private static boolean isV4(String text) {
    String[] octets = text.split("\\.", -1);
    for (String octet : octets) {
      boolean isNumber =
          !octet.isEmpty() && octet.length() <= 3 && octet.chars().allMatch(IpLiteral::isDigit);
      if (!isNumber
          || octet.length() > 1 && octet.startsWith("0")
          || Integer.parseInt(octet) > MAX_OCTET) {
        return false;
      }
    }
    return octets.length == OCTETS;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isHex(String text) {
    return !text.isEmpty() && text.chars().allMatch(IpLiteral::isHexDigit);
  }

  private static boolean isHexDigit(int c) {
    return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  /**
   * The same host, where the last two groups of an address are not an address of IPv4: Undertow
   * knows no such form.
   *
   * @param host a valid one, with its port
   */
  static String withoutV4(String host) {
    int end = host.indexOf(']');
    int begin = host.lastIndexOf(':', Math.max(end, 0)) + 1;
    if (!host.startsWith("[") || host.startsWith("v", 1) || host.startsWith("V", 1) || begin < 1) {
      return host;
    }
    String last = host.substring(begin, end);
    if (!isV4(last)) {
      return host;
    }
    int[] octets = new int[OCTETS];
    String[] numbers = last.split("\\.");
    for (int i = 0; i < OCTETS; i++) {
      octets[i] = Integer.parseInt(numbers[i]);
    }
    return host.substring(0, begin)
        + Integer.toHexString(octets[0] << 8 | octets[1])
        + ":"
        + Integer.toHexString(octets[2] << 8 | octets[3])
        + host.substring(end);
  }
}
