package dev.handlermodels.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.handlermodels.api.wire.ConnectionTable.Connection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's own table, with real connections. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class ConnectionTableTest {
  @BeforeAll
  static void onlyWhereThereIsATable() {
    assumeTrue(ConnectionTable.isAvailable());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.2", "::1"})
  void a_connection_is_open_until_its_peer_closes(String address) throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName(address));
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket accepted = listener.accept()) {
      assertThat(look(accepted).isOpen()).isTrue();
      client.shutdownOutput();
      assertThat(look(accepted).isOpen()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, ::ffff:192.0.2.1, true",
    "192.0.2.1, 192.0.2.2, false",
    "::1, ::1, true",
    "::1, 127.0.0.1, false",
    "2001:db8:1:2::1, 2001:db8:1:2:ffff::1, true",
    "2001:db8:1:2::1, 2001:db8:1:3::1, false"
  })
  void a_client_is_an_IPv4_address_or_an_IPv6_network(String one, String other, boolean same)
      throws IOException {
    assertThat(networkOf(one) == networkOf(other)).isEqualTo(same);
  }

  private static long networkOf(String peer) throws IOException {
    InetSocketAddress local = new InetSocketAddress("127.0.0.1", 8080);
    InetAddress address = InetAddress.getByName(peer);
    return Connection.of(local, new InetSocketAddress(address, 1234)).peerNetwork();
  }

  @Test
  void a_socket_of_IPv4_alone_is_found_too() throws IOException {
    try (ServerSocketChannel listener =
            ServerSocketChannel.open(StandardProtocolFamily.INET)
                .bind(new InetSocketAddress("127.0.0.1", 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel accepted = listener.accept()) {
      assertThat(look(accepted.socket()).isOpen()).isTrue();
      client.shutdownOutput();
      assertThat(look(accepted.socket()).isOpen()).isFalse();
    }
  }

  @Test
  void a_connection_that_was_reset_is_not_listed() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
      Socket accepted = listener.accept();
      client.setSoLinger(true, 0);
      client.close();
      assertThat(look(accepted)).isNull();
      accepted.close();
    }
  }

  @Test
  void what_was_written_is_unacknowledged_until_the_peer_reads() throws IOException {
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel accepted = listener.accept()) {
      assertThat(look(accepted.socket()).unacknowledgedBytes()).isZero();
      accepted.configureBlocking(false);
      long written = 0;
      ByteBuffer part = ByteBuffer.allocate(64 * 1024);
      for (int now = accepted.write(part); now > 0; now = accepted.write(part.clear())) {
        written += now;
      }
      long before = look(accepted.socket()).unacknowledgedBytes();
      assertThat(before).isBetween(1L, written);

      long read = 0;
      while (read < written) {
        read += client.read(part.clear());
      }
      while (look(accepted.socket()).unacknowledgedBytes() > 0) {
        Thread.onSpinWait(); // the acknowledgement is on its way
      }
    }
  }

  @Test
  void of_many_connections_none_is_missed_and_unread_bytes_stay_unread() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress())) {
      Socket[] clients = new Socket[500];
      Socket[] accepted = new Socket[500];
      for (int i = 0; i < clients.length; i++) {
        clients[i] = new Socket(listener.getInetAddress(), listener.getLocalPort());
        accepted[i] = listener.accept();
        clients[i].getOutputStream().write(i);
      }
      for (int i = 0; i < clients.length; i += 2) {
        clients[i].close();
      }
      Map<Connection, ConnectionTable.State> table =
          ConnectionTable.read(port(listener.getLocalPort()));
      for (int i = 0; i < clients.length; i++) {
        assertThat(table.get(connection(accepted[i])).isOpen()).isEqualTo(i % 2 == 1);
        assertThat(accepted[i].getInputStream().read()).isEqualTo(i & 0xFF);
        clients[i].close();
        accepted[i].close();
      }
    }
  }

  @Test
  void the_watch_tells_of_a_hang_up_and_not_of_what_it_no_longer_watches() throws Exception {
    try (DisconnectWatch watch = new DisconnectWatch();
        ServerSocket listener = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
        Socket unwatched = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket unwatchedHere = listener.accept();
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket here = listener.accept()) {
      CountDownLatch gone = new CountDownLatch(1);
      CountDownLatch wronglyGone = new CountDownLatch(1);
      watch
          .watch(local(unwatchedHere), peer(unwatchedHere), () -> true, wronglyGone::countDown)
          .close();
      watch.watch(local(here), peer(here), () -> false, gone::countDown);
      unwatched.shutdownOutput();
      client.shutdownOutput();
      gone.await();
      assertThat(wronglyGone.getCount()).isEqualTo(1);
    }
  }

  private static ConnectionTable.State look(Socket accepted) throws IOException {
    return ConnectionTable.read(port(accepted.getLocalPort())).get(connection(accepted));
  }

  private static BitSet port(int port) {
    BitSet ports = new BitSet();
    ports.set(port);
    return ports;
  }

  private static Connection connection(Socket socket) {
    return Connection.of(local(socket), peer(socket));
  }

  private static InetSocketAddress local(Socket socket) {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private static InetSocketAddress peer(Socket socket) {
    return (InetSocketAddress) socket.getRemoteSocketAddress();
  }
}
