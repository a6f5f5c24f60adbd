package dev.handlermodels.contracttests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Hostile clients that all say the same, read nothing, and hold their connections. */
final class Crowd implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(2);

  /** Looks in a row at which nobody has got any further. */
  private static final int QUIET_LOOKS = 150;

  private final List<Member> members;

  private Crowd(List<Member> members) {
    this.members = members;
  }

  /**
   * Returns when everybody has said everything, or nobody gets any further: a server may refuse
   * them, cut them off, or not read on.
   *
   * @param receiveBuffer of each in bytes; 0 for the system's own
   */
  static Crowd gather(int port, int number, int receiveBuffer, String text) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(text.length());
    bytes.put(text.getBytes(StandardCharsets.ISO_8859_1)).flip();
    Crowd crowd =
        new Crowd(
            IntStream.range(0, number)
                .mapToObj(_ -> new Member(port, receiveBuffer, bytes.duplicate()))
                .toList());
    for (int quiet = 0; quiet < QUIET_LOOKS && !crowd.hasSaidEverything(); quiet++) {
      for (Member member : crowd.members) {
        quiet = member.getsOn() ? 0 : quiet;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return crowd;
  }

  private boolean hasSaidEverything() {
    return members.stream().allMatch(Member::isDone);
  }

  @Override
  public void close() {
    members.forEach(Member::leave);
  }

  /** One of them. */
  private static final class Member {
    private final SocketChannel channel;
    private final ByteBuffer rest;
    private boolean isConnected;

    Member(int port, int receiveBuffer, ByteBuffer text) {
      rest = text;
      try {
        channel = SocketChannel.open();
        if (receiveBuffer > 0) {
          channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
        }
        channel.configureBlocking(false);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      connect(port);
    }

    private void connect(int port) {
      try {
        isConnected =
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (IOException _) {
        leave(); // refused
      }
    }

    boolean isDone() {
      return !channel.isOpen() || isConnected && !rest.hasRemaining();
    }

    /** Whether there was any progress. */
    boolean getsOn() {
      if (isDone()) {
        return false;
      }
      try {
        if (!isConnected) {
          isConnected = channel.finishConnect();
          return isConnected;
        }
        return channel.write(rest) > 0;
      } catch (IOException _) {
        leave(); // refused, or cut off
        return true;
      }
    }

    void leave() {
      try {
        channel.close();
      } catch (IOException _) {
        // It is gone either way.
      }
    }
  }
}
