package dev.handlermodels.api.wire;

/**
 * Methods for a framework that does not tell small letters from capitals, which makes {@code get}
 * another method than {@code GET} (RFC 9110, 9.1). A small letter goes through it as a mark and its
 * capital, and the mark as two of them.
 */
public final class SmallLetters {
  private static final char MARK = '~'; // a letter of methods (RFC 9110, 5.6.2) that none has
  private static final int FROM_CAPITAL = 'a' - 'A';

  private SmallLetters() {}

  /** Whether a method with this letter has to be written in another way. */
  static boolean isMarked(byte letter) {
    return letter >= 'a' && letter <= 'z' || letter == MARK;
  }

  /** The method as the framework is to read it. */
  static String marked(String method) {
    StringBuilder marked = new StringBuilder();
    for (char letter : method.toCharArray()) {
      if (!isMarked((byte) letter)) {
        marked.append(letter);
      } else {
        marked.append(MARK).append(letter == MARK ? MARK : (char) (letter - FROM_CAPITAL));
      }
    }
    return marked.toString();
  }

  /** The method as its client wrote it. */
  public static String unmarked(String method) {
    if (method.indexOf(MARK) < 0) {
      return method;
    }
    StringBuilder unmarked = new StringBuilder();
    for (int i = 0; i < method.length(); i++) {
      char letter = method.charAt(i);
      if (letter != MARK || i + 1 == method.length()) {
        unmarked.append(letter);
      } else {
        i++;
        letter = method.charAt(i);
        unmarked.append(letter == MARK ? MARK : (char) (letter + FROM_CAPITAL));
      }
    }
    return unmarked.toString();
  }
}
