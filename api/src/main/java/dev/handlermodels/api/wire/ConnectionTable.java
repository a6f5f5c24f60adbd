package dev.handlermodels.api.wire;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The kernel's table of TCP connections (Linux). It tells what Java cannot: whether a peer has
 * closed, without reading from the socket, as a read would take bytes that belong to the next
 * request; and how much of what was written the peer's machine has not taken yet.
 */
public final class ConnectionTable {
  private static final List<Path> FILES =
      List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

  private static final int PART_BYTES = 16 * 1024;

  /** Addresses, state and queues of a line stand well before this. */
  private static final int LINE_BYTES = 128;

  private static final int ESTABLISHED = 1;
  private static final int IPV4_DIGITS = 8;
  private static final int IPV6_DIGITS = 32;
  private static final int PORT_DIGITS = 4;
  private static final int QUEUE_DIGITS = 8;
  private static final long IPV4_MAPPED = 0xFFFF_0000_0000L;

  private final BitSet localPorts;
  private final Map<Connection, State> states = new HashMap<>();

  private ConnectionTable(BitSet localPorts) {
    this.localPorts = localPorts;
  }

  /** The two ends of a connection, IPv4 addresses mapped to IPv6 as the JDK's sockets have them. */
  public record Connection(
      long localHigh, long localLow, int localPort, long peerHigh, long peerLow, int peerPort) {

    /** Null where an end is null, as frameworks have it for a connection that is closed already. */
    public static Connection of(InetSocketAddress local, InetSocketAddress peer) {
      if (local == null || peer == null) {
        return null;
      }
      byte[] mine = local.getAddress().getAddress();
      byte[] theirs = peer.getAddress().getAddress();
      return new Connection(
          high(mine), low(mine), local.getPort(), high(theirs), low(theirs), peer.getPort());
    }

    /**
     * What tells one client from another: an IPv4 address, or the first 64 bits of an IPv6 one. Who
     * has one of those has at least the rest of them (RFC 6177).
     */
    public long peerNetwork() {
      return peerHigh == 0 ? peerLow : peerHigh;
    }

    private static long high(byte[] address) {
      return address.length == 4 ? 0 : ByteBuffer.wrap(address).getLong();
    }

    private static long low(byte[] address) {
      return address.length == 4
          ? IPV4_MAPPED | Integer.toUnsignedLong(ByteBuffer.wrap(address).getInt())
          : ByteBuffer.wrap(address).getLong(8);
    }
  }

  /**
   * What the kernel says of a connection.
   *
   * @param isOpen false where either side has closed it
   * @param unacknowledgedBytes written here and not taken by the peer's machine, sent or not
   */
  public record State(boolean isOpen, long unacknowledgedBytes) {
    private State or(State other) {
      return isOpen ? this : other;
    }
  }

  /**
   * Reads the table.
   *
   * @param localPorts of the connections that matter
   * @throws IOException where this system has no such table
   */
  public static Map<Connection, State> read(BitSet localPorts) throws IOException {
    ConnectionTable table = new ConnectionTable(localPorts);
    for (Path file : FILES) {
      if (Files.exists(file)) { // a kernel without IPv6 has only the first
        table.add(file);
      }
    }
    return table.states;
  }

  static boolean isAvailable() {
    return FILES.stream().anyMatch(Files::isReadable);
  }

  /** By hand, since strings would cost some ten MB of garbage where there are many connections. */
  private void add(Path file) throws IOException {
    byte[] part = new byte[PART_BYTES];
    byte[] line = new byte[LINE_BYTES];
    int length = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        for (int i = 0; i < read; i++) {
          if (part[i] == '\n') {
            addLine(line, length);
            length = 0;
          } else if (length < LINE_BYTES) {
            line[length++] = part[i];
          }
        }
      }
    }
  }

  /**
   * A line is {@code number: address:port address:port state toSend:toRead …}, all in hexadecimal
   * but the number.
   */
  private void addLine(byte[] line, int length) {
    int local = indexOfColon(line, 0, length) + 2;
    int digits = indexOfColon(line, local, length) - local;
    if (digits != IPV4_DIGITS && digits != IPV6_DIGITS) {
      return; // the heading
    }
    int localPort = (int) hex(line, local + digits + 1, PORT_DIGITS);
    if (!localPorts.get(localPort)) {
      return;
    }
    int peer = local + digits + PORT_DIGITS + 2;
    Connection connection =
        new Connection(
            high(line, local, digits),
            low(line, local, digits),
            localPort,
            high(line, peer, digits),
            low(line, peer, digits),
            (int) hex(line, peer + digits + 1, PORT_DIGITS));
    int state = peer + digits + PORT_DIGITS + 2;
    states.merge(
        connection,
        new State(hex(line, state, 2) == ESTABLISHED, hex(line, state + 3, QUEUE_DIGITS)),
        State::or);
  }

  private static int indexOfColon(byte[] line, int from, int length) {
    for (int i = from; i < length; i++) {
      if (line[i] == ':') {
        return i;
      }
    }
    return -1;
  }

  private static long high(byte[] line, int at, int digits) {
    return digits == IPV4_DIGITS ? 0 : word(line, at) << 32 | word(line, at + 8);
  }

  private static long low(byte[] line, int at, int digits) {
    return digits == IPV4_DIGITS
        ? IPV4_MAPPED | word(line, at)
        : word(line, at + 16) << 32 | word(line, at + 24);
  }

  /** Four bytes of an address, which the kernel prints as one number of the machine's order. */
  private static long word(byte[] line, int at) {
    int word = (int) hex(line, at, 8);
    return Integer.toUnsignedLong(
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(word) : word);
  }

  private static long hex(byte[] line, int at, int digits) {
    long value = 0;
    for (int i = at; i < at + digits; i++) {
      value = value << 4 | Character.digit(line[i], 16);
    }
    return value;
  }
}
