package dev.handlermodels.blocking.wire;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.wire.ChunkedBody;
import io.undertow.conduits.ReadDataStreamSourceConduit;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Reads chunked bodies with {@link ChunkedBody}, in place of Undertow's own conduit. Undertow's
 * reads a size that is no number as 0, skips what follows a chunk, and keeps trailers of any
 * length.
 */
public final class StrictChunkConduit extends AbstractStreamSourceConduit<StreamSourceConduit> {
  private final HttpServerExchange exchange;
  private final HttpServerConnection connection;
  private final ChunkedBody body = new ChunkedBody();
  private boolean ended;

  private StrictChunkConduit(HttpServerExchange exchange, HttpServerConnection connection) {
    super(new ReadDataStreamSourceConduit(connection.getOriginalSourceConduit(), connection));
    this.exchange = exchange;
    this.connection = connection;
  }

  /** Reads this request's body if it is chunked; to be called before Undertow reads any of it. */
  public static void use(HttpServerExchange exchange) {
    if (exchange.getRequestHeaders().contains(Headers.TRANSFER_ENCODING)) {
      HttpServerConnection connection = (HttpServerConnection) exchange.getConnection();
      connection
          .getChannel()
          .getSourceChannel()
          .setConduit(new StrictChunkConduit(exchange, connection));
    }
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int start = into.position();
    int got = 1;
    try {
      while (got > 0 && into.position() == start && into.hasRemaining() && !body.isOver()) {
        got = readRaw(into);
      }
    } catch (ProblemException e) {
      exchange.setPersistent(false);
      end();
      throw new IOException(e);
    }
    int length = into.position() - start;
    if (body.isOver()) {
      end();
      return length == 0 ? -1 : length;
    }
    return length;
  }

  /** Bytes that follow the body, or that have no room, go back to the connection. */
  private int readRaw(ByteBuffer into) throws IOException {
    PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
    ByteBuffer raw = pooled.getBuffer();
    boolean unread = false;
    try {
      int got = next.read(raw);
      if (got < 0) {
        throw new ClosedChannelException(); // within the body
      }
      raw.flip();
      body.decode(raw, into);
      unread = raw.hasRemaining();
      return got;
    } finally {
      if (unread) {
        Connection.of(exchange).unread(raw);
      }
      pooled.close();
    }
  }

  private void end() {
    if (!ended) {
      ended = true;
      Connectors.terminateRequest(exchange);
    }
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      if (into[i].hasRemaining()) {
        return read(into[i]);
      }
    }
    return 0;
  }

  @Override
  public long transferTo(long position, long count, FileChannel target) throws IOException {
    return target.transferFrom(new ConduitReadableByteChannel(this), position, count);
  }

  @Override
  public long transferTo(long count, ByteBuffer through, StreamSinkChannel target)
      throws IOException {
    return IoUtils.transfer(new ConduitReadableByteChannel(this), count, through, target);
  }

  @Override
  public void terminateReads() throws IOException {
    if (!ended) {
      exchange.setPersistent(false);
      end();
    }
    super.terminateReads();
  }
}
