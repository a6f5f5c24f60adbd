package dev.handlermodels.contracttests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One case of {@code corpus/requests.txt}.
 *
 * @param what is wrong, or unusual, about it
 * @param source the section that says what to do with it
 * @param outcomes of which one has to be seen
 * @param difference why the three servers answer differently, null where they may not
 */
record RawRequest(
    String what, String source, List<Outcome> outcomes, String difference, byte[] bytes) {

  /**
   * What may come of a request.
   *
   * @param status of the one answer; empty where the request is refused
   * @param body of that answer, null where any will do
   * @param server of which this is a known gap, null where all may do it
   */
  record Outcome(OptionalInt status, String body, String server) {
    static final Outcome REFUSED = new Outcome(OptionalInt.empty(), null, null);
    private static final Pattern READ =
        Pattern.compile("(\\d{3})(?: \"(.*)\")?(?:, a gap of (\\w+)'s)?");

    static Outcome of(String text) {
      Matcher read = READ.matcher(text);
      if (read.matches()) {
        return new Outcome(
            OptionalInt.of(Integer.parseInt(read.group(1))), read.group(2), read.group(3));
      }
      if (text.equals("refused")) {
        return REFUSED;
      }
      throw new IllegalArgumentException("no outcome: " + text);
    }
  }

  static List<RawRequest> all() {
    List<RawRequest> requests = new ArrayList<>();
    String section = null;
    String source = null;
    String difference = null;
    List<Outcome> outcomes = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String line : (text() + "\n\n# ").lines().toList()) {
      String rest = line.length() < 2 ? "" : line.substring(2);
      switch (line.isEmpty() ? ' ' : line.charAt(0)) {
        case '#' -> {
          if (bytes.size() > 0) {
            requests.add(
                new RawRequest(
                    section, source, List.copyOf(outcomes), difference, bytes.toByteArray()));
          }
          section = rest;
          difference = null;
          outcomes.clear();
          bytes.reset();
        }
        case '@' -> source = rest;
        case '!' -> difference = rest;
        case '=' -> outcomes.add(Outcome.of(rest));
        case '>' -> bytes.writeBytes(unescaped(rest));
        default -> {} // words for people
      }
    }
    return requests;
  }

  private static String text() {
    try (InputStream in = RawRequest.class.getResourceAsStream("/corpus/requests.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] unescaped(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '\\') {
        bytes.write(text.charAt(i));
        continue;
      }
      i++;
      switch (text.charAt(i)) {
        case 'r' -> bytes.write('\r');
        case 'n' -> bytes.write('\n');
        case 't' -> bytes.write('\t');
        case '\\' -> bytes.write('\\');
        case 'x' -> {
          bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
          i += 2;
        }
        default -> throw new IllegalArgumentException("no escape: " + text.substring(i - 1));
      }
    }
    return bytes.toByteArray();
  }

  @Override
  public String toString() {
    return what + " (" + source + ")";
  }
}
