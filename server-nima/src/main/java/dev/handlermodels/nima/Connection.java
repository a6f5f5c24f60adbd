package dev.handlermodels.nima;

import dev.handlermodels.api.ChunkedBody;
import dev.handlermodels.api.ProblemException;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * A connection as Helidon sees it, but what it reads from the socket passes here. A chunked body is
 * checked by {@link ChunkedBody} on its way, because Helidon skips two bytes behind a chunk without
 * a look. Used by the connection's own thread only.
 */
final class Connection implements ConnectionContext {
  private final ConnectionContext helidon;
  private final HelidonSocket socket;
  private final DataReader reader = DataReader.create(this::read);

  /** Null but while a chunked body comes. */
  private ChunkedBody chunks;

  /** Why nothing is read any more: Helidon tries to skip the rest of a body that is none. */
  private ProblemException refusal;

  Connection(ConnectionContext helidon) {
    this.helidon = helidon;
    this.socket = helidon.serverSocket();
  }

  /** Null at the end of the connection. */
  private byte[] read() {
    if (refusal != null) {
      throw refusal;
    }
    byte[] bytes;
    try {
      bytes = socket.get();
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("the connection broke", e);
    }
    if (chunks != null && bytes != null) {
      check(ByteBuffer.wrap(bytes));
    }
    return bytes;
  }

  private void check(ByteBuffer body) {
    try {
      chunks.decode(body, null);
    } catch (ProblemException e) {
      refusal = e;
      throw e;
    }
    if (chunks.isOver()) {
      chunks = null;
    }
  }

  /** Helidon has read a head; the body, or a part of it, may have come with it. */
  void headRead(Headers headers) {
    chunks = headers.contains(HeaderNames.TRANSFER_ENCODING) ? new ChunkedBody() : null;
    int buffered = chunks == null ? 0 : reader.available();
    if (buffered > 0) {
      BufferData body = reader.getBuffer(buffered);
      try {
        check(ByteBuffer.wrap(body.readBytes()));
      } catch (ProblemException e) {
        throw RequestException.builder()
            .type(EventType.BAD_REQUEST)
            .status(Status.create(e.problem().status()))
            .message(e.getMessage())
            .build();
      }
    }
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public DataWriter dataWriter() {
    return helidon.dataWriter();
  }

  @Override
  public ListenerContext listenerContext() {
    return helidon.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return helidon.executor();
  }

  @Override
  public Router router() {
    return helidon.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return helidon.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return socket;
  }

  @Override
  public PeerInfo remotePeer() {
    return helidon.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return helidon.localPeer();
  }

  @Override
  public boolean isSecure() {
    return helidon.isSecure();
  }

  @Override
  public String socketId() {
    return helidon.socketId();
  }

  @Override
  public String childSocketId() {
    return helidon.childSocketId();
  }
}
