package dev.handlermodels.api.wire;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The heads of the requests on one connection over HTTP/1.1, each cut out of what a client sends,
 * and checked before a framework sees it: its first line by {@link RequestLine}, and that all lines
 * end with CR LF. What is valid and a framework refuses all the same is written in another form: an
 * absolute target, an empty port, an address of IPv4 in one of IPv6. For one thread at a time.
 */
public final class HeadReader {
  private static final byte[] NOTHING = {};
  private static final int USUAL_BYTES = 512;

  /** The exact limit is checked where the fields are known: this one is for heads without end. */
  private static final int MOST_FIELD_BYTES = 3 * Limits.HEADER_BYTES;

  private final RequestLine line = new RequestLine();
  private byte[] head = NOTHING;
  private int length;
  private int fieldBytes;
  private int lineBytes;
  private boolean afterCr;
  private boolean afterColon;
  private boolean hasEmptyPort;
  private boolean hasFold;
  private boolean hasBracket;

  public HeadReader() {
    begin();
  }

  /** The head of the next request comes now. */
  public void begin() {
    line.begin();
    head = NOTHING; // an idle connection holds none
    length = 0;
    fieldBytes = 0;
    lineBytes = 0;
    afterCr = false;
    afterColon = false;
    hasEmptyPort = false;
    hasFold = false;
    hasBracket = false;
  }

  /** Whether nothing of the head has come. */
  public boolean isEmpty() {
    return length == 0 && line.emptyLineBytes() == 0;
  }

  /** How many bytes are held of the head, with the room for what is still to come. */
  public int heldBytes() {
    return head.length;
  }

  /** Whether the method is HEAD, as far as it is known. */
  public boolean isHead() {
    return line.isHead();
  }

  /** Whether the request is of HTTP/1.0; to be asked when the head is whole. */
  public boolean isOld() {
    return line.isOld();
  }

  /**
   * Takes bytes until the head is whole.
   *
   * @return whether it is; what is left in the buffer stands behind it
   * @throws ProblemException 400, 414, 431 or 505
   */
  public boolean read(ByteBuffer in) {
    while (in.hasRemaining()) {
      byte b = in.get();
      if (line.isOver()) {
        append(b);
        if (field(b)) {
          return true;
        }
      } else {
        line.next(b);
        if (line.hasBegun()) {
          append(b);
        }
      }
    }
    return false;
  }

  private void append(byte b) {
    if (length == head.length) {
      head = Arrays.copyOf(head, Math.max(USUAL_BYTES, 2 * length));
    }
    head[length] = b;
    length++;
  }

  /** True where this byte is the last one of the head. */
  private boolean field(byte b) {
    fieldBytes++;
    if (fieldBytes > MOST_FIELD_BYTES) {
      throw Problems.headersTooLarge();
    }
    if (afterCr != (b == '\n')) {
      throw Problems.notHttp(); // a bare CR or a bare LF
    }
    if (b == '\n') {
      afterCr = false;
      boolean isLast = lineBytes == 0;
      lineBytes = 0;
      return isLast;
    }
    hasFold |= lineBytes == 0 && (b == ' ' || b == '\t');
    afterCr = b == '\r';
    if (afterCr) {
      hasEmptyPort |= afterColon;
    } else {
      lineBytes++;
    }
    afterColon = b == ':';
    hasBracket |= b == '[';
    return false;
  }

  /**
   * The whole head, as a framework is to read it that does not tell small letters in a method from
   * capitals: see {@link SmallLetters}.
   *
   * @param as11 for a framework that does not speak HTTP/1.0: such a request shall look like one of
   *     HTTP/1.1 that closes its connection
   * @throws ProblemException 400
   */
  public byte[] head(boolean as11) {
    boolean isUsual =
        line.isOriginForm() && !line.hasSmallLetters() && !hasEmptyPort && !hasFold && !hasBracket;
    if (isUsual && !(as11 && line.isOld())) {
      return Arrays.copyOf(head, length);
    }
    String text = new String(head, 0, length, StandardCharsets.ISO_8859_1);
    List<String> lines = unfolded(text.split("\r\n"));
    String[] first = lines.getFirst().split(" ");
    AbsoluteForm absolute = AbsoluteForm.of(first[0], first[1]);
    if (absolute != null) {
      first[1] = absolute.origin();
      lines.replaceAll(
          field -> isField(field, "host") ? "Host: " + checked(field, absolute) : field);
    }
    lines.replaceAll(field -> isField(field, "host") ? plain(field) : field);
    if (as11 && line.isOld()) {
      make11(first, lines);
    }
    first[0] = SmallLetters.marked(first[0]);
    lines.set(0, String.join(" ", first));
    return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  /** RFC 9112, 5.2: a line that begins with a space continues the one before, but the first. */
  private static List<String> unfolded(String[] text) {
    List<String> lines = new ArrayList<>();
    for (String next : text) {
      if (lines.size() > 1 && (next.startsWith(" ") || next.startsWith("\t"))) {
        lines.set(lines.size() - 1, lines.getLast() + " " + RequestHead.trimmed(next));
      } else {
        lines.add(next);
      }
    }
    return lines;
  }

  /** RFC 9110, 10.1.1: no Expect of HTTP/1.0 is heeded. Nor does it have transfer codings. */
  private static void make11(String[] first, List<String> lines) {
    first[2] = "HTTP/1.1";
    lines.removeIf(field -> isField(field, "connection") || isField(field, "expect"));
    if (lines.stream().anyMatch(field -> isField(field, "transfer-encoding"))) {
      throw Problems.notHttp();
    }
    if (lines.stream().noneMatch(field -> isField(field, "host"))) {
      lines.add("Host:");
    }
    lines.add("Connection: close");
  }

  /** A Host that is none is refused, even if another authority counts. */
  private static String checked(String host, AbsoluteForm absolute) {
    if (!RequestHead.isHost(value(host))) {
      throw Problems.notHttp();
    }
    return absolute.authority();
  }

  /** Without an empty port, and without an address of IPv4 within one of IPv6. */
  private static String plain(String host) {
    String value = value(host);
    if (!RequestHead.isHost(value)) {
      return host;
    }
    boolean hasEmptyPort = value.length() > 1 && value.endsWith(":");
    return "Host: "
        + IpLiteral.withoutV4(hasEmptyPort ? value.substring(0, value.length() - 1) : value);
  }

  private static String value(String field) {
    return RequestHead.trimmed(field.substring(field.indexOf(':') + 1));
  }

  private static boolean isField(String field, String name) {
    return field.length() > name.length()
        && field.charAt(name.length()) == ':'
        && field.substring(0, name.length()).toLowerCase(Locale.ROOT).equals(name);
  }
}
