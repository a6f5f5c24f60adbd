package dev.handlermodels.blocking;

import dev.handlermodels.api.SlowPeers;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.StreamSourceConduit;

/**
 * The reading end of a connection, below whatever Undertow reads with: it sees when a request
 * begins to arrive, and tells {@link SlowPeers} of heads and answers that are on their way.
 */
final class Connection extends AbstractStreamSourceConduit<StreamSourceConduit> {
  private final StreamConnection socket;
  private final SlowPeers.Peer peer;

  /** Null between two requests. */
  private volatile HttpServerExchange exchange;

  private volatile boolean answering;

  private Connection(StreamConnection socket, StreamSourceConduit next, SlowPeers slowPeers) {
    super(next);
    this.socket = socket;
    this.peer = slowPeers.connected(socket::isOpen, () -> socket.getIoThread().execute(this::cut));
  }

  /**
   * Announces a connection and hands it to Undertow; one too many is closed.
   *
   * @param http reads from it, at once and for as long as it is open
   */
  static void open(
      StreamConnection socket, SlowPeers slowPeers, ChannelListener<StreamConnection> http) {
    ConduitStreamSourceChannel in = socket.getSourceChannel();
    Connection connection = new Connection(socket, in.getConduit(), slowPeers);
    if (connection.peer == null) {
      IoUtils.safeClose(socket);
      return;
    }
    in.setConduit(connection);
    ParserRefusals.replace(socket.getSinkChannel(), () -> connection.exchange != null);
    http.handleEvent(socket);
    connection.tellsOfItsEnd();
  }

  /** Undertow has a listener of its own there, and may have closed the connection already. */
  private void tellsOfItsEnd() {
    ChannelListener<? super StreamConnection> undertow = socket.getCloseListener();
    socket.setCloseListener(
        closed -> {
          peer.disconnected();
          ChannelListeners.invokeChannelListener(closed, undertow);
        });
    if (!socket.isOpen()) {
      peer.disconnected();
    }
  }

  /** The connection on which this request came. */
  static Connection of(HttpServerExchange exchange) {
    return (Connection)
        ((HttpServerConnection) exchange.getConnection()).getOriginalSourceConduit();
  }

  /** The head of a request is whole, and what follows is its body. */
  void headEnds(HttpServerExchange begun) {
    exchange = begun;
    peer.headEnds();
  }

  void answerBegins() {
    answering = true;
    peer.answerBegins();
  }

  /** Also the rest of its body, if there was any, has been read. */
  void requestEnds(HttpServerExchange ended) {
    exchange = null;
    if (answering) { // a stream has a limit of its own
      answering = false;
      peer.answerEnds();
    }
    peer.requestEnds();
    if (((HttpServerConnection) ended.getConnection()).getExtraBytes() != null) {
      peer.headBegins(); // the next one came along
    }
  }

  /** Undertow would not notice by itself that its connection has been closed. */
  private void cut() {
    HttpServerExchange unfinished = exchange;
    IoUtils.safeClose(socket);
    if (unfinished != null) {
      unfinished.endExchange();
    }
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return noted(next.read(into));
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    long got = next.read(into, offset, length);
    noted((int) Math.min(got, 1));
    return got;
  }

  private int noted(int got) {
    if (got > 0 && exchange == null) {
      peer.headBegins();
    }
    return got;
  }
}
