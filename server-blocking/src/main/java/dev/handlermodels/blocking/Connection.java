package dev.handlermodels.blocking;

import dev.handlermodels.api.SlowPeers;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
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

  /** To be called before anything is read. */
  static void announce(StreamConnection socket, SlowPeers slowPeers) {
    ConduitStreamSourceChannel in = socket.getSourceChannel();
    in.setConduit(new Connection(socket, in.getConduit(), slowPeers));
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
