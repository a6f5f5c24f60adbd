package dev.handlermodels.vertx.wire;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.wire.AbsoluteForm;
import dev.handlermodels.api.wire.ChunkedBody;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.ConnectionTable;
import dev.handlermodels.api.wire.RequestHead;
import dev.handlermodels.api.wire.RequestLine;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.AsciiString;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ConnectionBase;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Reads the heads of requests as they came, and refuses those that could be read in two ways before
 * anything behind them is read. Vert.x offers no public way to its decoder, so this rests on
 * internals of the pinned version.
 */
public final class StrictHeadDecoder extends VertxHttpRequestDecoder {
  static final String DECODER = "httpDecoder";
  private static final AttributeKey<StrictHeadDecoder> OF_CHANNEL =
      AttributeKey.valueOf(StrictHeadDecoder.class, "head decoder");

  /** A head that is not larger is a part of what a connection and a request cost anyway. */
  private static final int USUAL_HEAD_BYTES = 1024;

  /**
   * Fields take 2.2 times their bytes when they are parsed: 17,500 to 17,700 bytes of live heap for
   * 75 fields of 8 KB together, in part or as a whole, measured as in {@code Server}.
   */
  private static final long HEAP_BYTES_OF_A_BYTE = 3;

  private static final Field SCRATCH = scratchOfNetty();

  /** What one read takes at most, and so what comes of a pipelined request before its turn. */
  private static final RecvByteBufAllocator READS =
      new AdaptiveRecvByteBufAllocator(64, 2048, Limits.PIECE_BYTES);

  private enum Awaited {
    HEAD,
    REST_OF_HEAD,
    BODY
  }

  private final ConnectionReaper.Peer peer;

  /** Where Netty copies each line to. It grows with the longest line and stays as long. */
  private final ByteBuf scratch;

  private Awaited awaited = Awaited.HEAD;
  private int fields;
  private int hosts;
  private boolean refused;
  private final RequestLine line = new RequestLine();

  /** Of the request line, as far as it has come and Netty has not taken it. */
  private int lineBytes;

  private boolean malformed;

  /** Looks at a chunked body before Netty does; null for any other. */
  private ChunkedBody chunks;

  /** What it has looked at and Netty has not taken. */
  private int chunkBytes;

  /** Whether the request that was read last waits for its answer. */
  private boolean asked;

  /** Whether bytes of the next request have come and wait for {@link #goOn}. */
  private boolean ahead;

  private boolean turnPlanned;

  /** Whether a request has been read since the loop looked at its sockets. */
  private boolean hadTurn;

  /** Of the head that comes, or of the request that waits. */
  private int headBytes;

  /** What the reaper was told. */
  private long heldBytes;

  private ChannelHandlerContext ctx;

  private StrictHeadDecoder(HttpServerOptions options, ConnectionReaper.Peer peer) {
    super(new HttpServerConfig(options).getHttp1Config());
    this.peer = peer;
    this.scratch = scratchOf(this);
    line.begin();
  }

  private static Field scratchOfNetty() {
    try {
      Field scratch = HttpObjectDecoder.class.getDeclaredField("parserScratchBuffer");
      scratch.setAccessible(true);
      return scratch;
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("this version of Netty is not known", e);
    }
  }

  private static ByteBuf scratchOf(HttpObjectDecoder decoder) {
    try {
      return (ByteBuf) SCRATCH.get(decoder);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("this version of Netty is not known", e);
    }
  }

  /**
   * To be called before anything is read from the connection.
   *
   * @return false where it is one too many, and closed
   */
  public static boolean use(
      HttpConnection connection, HttpServerOptions options, ConnectionReaper slowPeers) {
    Channel channel = ((ConnectionBase) connection).channel();
    ConnectionReaper.Peer peer =
        slowPeers.connected(
            () -> ends(channel), channel::isOpen, () -> cut(connection), () -> reset(connection));
    if (peer == null) {
      channel.close();
      return false;
    }
    channel.closeFuture().addListener(_ -> peer.disconnected());
    channel.config().setRecvByteBufAllocator(READS);
    StrictHeadDecoder decoder = new StrictHeadDecoder(options, peer);
    channel.attr(OF_CHANNEL).set(decoder);
    channel.pipeline().replace(DECODER, DECODER, decoder);
    return true;
  }

  private static ConnectionTable.Connection ends(Channel channel) {
    return ConnectionTable.Connection.of(
        (InetSocketAddress) channel.localAddress(), (InetSocketAddress) channel.remoteAddress());
  }

  /** Otherwise Vert.x would wait with closing until the client has read what is buffered. */
  public static void cut(HttpConnection connection) {
    ((ConnectionBase) connection).channelHandlerContext().close();
  }

  /** The same, and the kernel does not keep what the client has not taken. */
  public static void reset(HttpConnection connection) {
    Channel channel = ((ConnectionBase) connection).channel();
    channel
        .eventLoop()
        .execute(
            () -> {
              if (channel.isOpen()) {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                cut(connection);
              }
            });
  }

  /** The decoder of a connection of which {@link #use} was told. */
  public static StrictHeadDecoder of(HttpConnection connection) {
    return ((ConnectionBase) connection).channel().attr(OF_CHANNEL).get();
  }

  /** Nothing that comes behind this request is heeded any more: its answer says so. */
  public void refuse() {
    refused = true;
  }

  public boolean isRefused() {
    return refused;
  }

  /** Whether more has come than the request that was read last, whose body has come. */
  public boolean isSentAhead() {
    return awaited == Awaited.HEAD && actualReadableBytes() > 0;
  }

  /**
   * The request that was read last has its answer, so the next one may be read. No more than one
   * request is parsed until then, whatever else a client sends: parsed requests take ten times
   * their bytes.
   */
  public void answered() {
    asked = false;
    if (heldBytes > 0) {
      headBytes = 0;
      hold();
    }
    if (ahead) {
      planTurn();
    }
  }

  private void planTurn() {
    if (!turnPlanned) {
      turnPlanned = true;
      NextTurn.run(ctx.executor(), this::goOn);
    }
  }

  /**
   * The request that was read last makes a WebSocket of the connection.
   *
   * @return what has come behind it, which is no request any more
   */
  public byte[] upgrades() {
    byte[] early = new byte[actualReadableBytes()];
    internalBuffer().readBytes(early);
    return early;
  }

  private void goOn() {
    turnPlanned = false;
    ahead = false;
    if (!ctx.isRemoved() && ctx.channel().isActive()) {
      try {
        channelRead(ctx, Unpooled.EMPTY_BUFFER);
        channelReadComplete(ctx);
      } catch (Exception e) {
        ctx.fireExceptionCaught(e);
      }
      if (!ahead) {
        ctx.channel().config().setAutoRead(true);
      }
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    this.ctx = ctx;
    super.handlerAdded(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object bytes) throws Exception {
    hadTurn = false;
    super.channelRead(ctx, bytes);
  }

  /** Netty would read on, since nothing was decoded. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    hold();
    if (ahead) {
      discardSomeReadBytes();
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  /** Counts what is kept of heads and behind them; closes the connection where it is too much. */
  private void hold() {
    boolean isHead = asked || awaited == Awaited.REST_OF_HEAD;
    int bytes = actualReadableBytes() + (isHead ? headBytes : 0);
    long now = bytes > USUAL_HEAD_BYTES ? HEAP_BYTES_OF_A_BYTE * bytes : 0;
    if (now == heldBytes) {
      return;
    }
    if (peer.holds(now)) {
      heldBytes = now;
    } else {
      refused = true;
      ctx.close();
    }
  }

  /** The other end of the connection. */
  public ConnectionReaper.Peer peer() {
    return peer;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (malformed || refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (awaited == Awaited.HEAD && (asked || hadTurn)) {
      waitForTurn();
      return;
    }
    if (awaited == Awaited.HEAD) {
      peer.headBegins();
      try {
        readLine(in);
      } catch (ProblemException e) {
        malformed = true;
        in.skipBytes(in.readableBytes());
        out.add(unread(e));
        return;
      }
      if (!line.isOver()) {
        return;
      }
      awaited = Awaited.REST_OF_HEAD;
      headBytes = 0;
      fields = 0;
      hosts = 0;
    }
    int before = out.size();
    boolean isHead = awaited == Awaited.REST_OF_HEAD;
    int came = in.readableBytes();
    if (awaited == Awaited.BODY && chunks != null) {
      try {
        readChunks(in);
      } catch (ProblemException e) {
        malformed = true;
        in.skipBytes(in.readableBytes());
        out.add(endOfBody(e));
        ctx.executor().execute(ctx::close); // see below
        return;
      }
    }
    super.decode(ctx, in, out);
    chunkBytes = Math.max(0, chunkBytes - (came - in.readableBytes()));
    if (isHead) {
      headBytes += came - in.readableBytes();
      letGoOfLongLines();
    }
    if (awaited == Awaited.BODY
        && out.size() > before
        && out.getLast() instanceof LastHttpContent end) {
      awaited = Awaited.HEAD;
      line.begin();
      if (end.decoderResult().isFailure()) {
        end.setDecoderResult(DecoderResult.failure(refusal(end.decoderResult().cause())));
        // Not before a 400 has left, but also where nobody reads the body.
        ctx.executor().execute(ctx::close);
      }
    }
  }

  /** An idle connection holds none. */
  private void letGoOfLongLines() {
    if (awaited != Awaited.REST_OF_HEAD && scratch.capacity() > USUAL_HEAD_BYTES) {
      scratch.clear().capacity(USUAL_HEAD_BYTES);
    }
  }

  /**
   * What has come stays as it is until {@link #answered}, and until the other connections had their
   * turn: what is answered at once would otherwise be read on and on.
   */
  private void waitForTurn() {
    if (!asked) {
      planTurn();
    }
    ahead = true;
    ctx.channel().config().setAutoRead(false);
  }

  /**
   * Netty takes what is no chunk for one here and there, and a size for small that is none.
   *
   * @throws ProblemException 400, or 413 as soon as a size says it
   */
  private void readChunks(ByteBuf in) {
    ByteBuffer next = in.nioBuffer(in.readerIndex() + chunkBytes, in.readableBytes() - chunkBytes);
    int came = next.remaining();
    chunks.decode(next, null);
    chunkBytes += came - next.remaining();
  }

  private static LastHttpContent endOfBody(ProblemException refusal) {
    LastHttpContent end = new DefaultLastHttpContent();
    end.setDecoderResult(DecoderResult.failure(refusal));
    return end;
  }

  private static ProblemException refusal(Throwable ofBody) {
    if (ofBody instanceof TooLongHttpLineException) {
      return Problems.chunkLineTooLong();
    }
    boolean isTooLong = ofBody instanceof NumberFormatException && isOverflow(ofBody.getMessage());
    return isTooLong ? Problems.bodyTooLarge() : Problems.notHttp();
  }

  /** Netty counts in an int. */
  private static boolean isOverflow(String message) {
    return message != null && message.startsWith("Chunk size overflow");
  }

  /**
   * Looks at the request line before Netty does, which skips whatever is no letter before it and
   * takes more than a space for a separator.
   *
   * @throws ProblemException 400, 414 or 505
   */
  private void readLine(ByteBuf in) {
    int last =
        in.forEachByte(
            in.readerIndex() + lineBytes, in.readableBytes() - lineBytes, this::isInsideLine);
    lineBytes = last < 0 ? in.readableBytes() : last + 1 - in.readerIndex();
    if (line.isOver()) {
      lineBytes = 0;
      in.skipBytes(line.emptyLineBytes());
    }
  }

  private boolean isInsideLine(byte next) {
    line.next(next);
    return !line.isOver();
  }

  /** Vert.x answers in the version, and to the method, of what it is given here. */
  private HttpMessage unread(ProblemException refusal) {
    HttpMessage request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, line.isHead() ? HttpMethod.HEAD : HttpMethod.GET, "/bad-request");
    request.setDecoderResult(DecoderResult.failure(refusal));
    return request;
  }

  /**
   * Called for each field of a head.
   *
   * @throws ProblemException where the field has no name, which Vert.x 5.2.3 lets pass
   */
  @Override
  protected AsciiString splitHeaderName(byte[] bytes, int start, int length) {
    if (length == 0) {
      throw Problems.notHttp();
    }
    fields++;
    AsciiString name = super.splitHeaderName(bytes, start, length);
    if (name.contentEqualsIgnoreCase(HttpHeaderNames.HOST)) {
      hosts++;
    }
    return name;
  }

  /**
   * Called once for each head, when it is whole.
   *
   * @throws ProblemException which makes the decoder drop all that follows on the connection
   */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    if (message == null) {
      return super.isContentAlwaysEmpty(null); // as Vert.x does, which expects it
    }
    awaited = Awaited.BODY;
    asked = true;
    hadTurn = true;
    peer.headEnds();
    HttpHeaders headers = message.headers();
    chunks = headers.contains(HttpHeaderNames.TRANSFER_ENCODING) ? new ChunkedBody() : null;
    chunkBytes = 0;
    if (fields > Limits.HEADER_FIELDS) {
      throw Problems.tooManyHeaders();
    }
    if (((HttpRequest) message).uri().charAt(0) != '/') {
      makeOriginForm((HttpRequest) message);
    }
    RequestHead.check(
        ((HttpRequest) message).method().name(),
        exact(message.protocolVersion()),
        ((HttpRequest) message).uri(),
        "",
        hosts == 1
            ? List.of(headers.get(HttpHeaderNames.HOST))
            : values(headers, HttpHeaderNames.HOST),
        values(headers, HttpHeaderNames.CONTENT_LENGTH),
        values(headers, HttpHeaderNames.TRANSFER_ENCODING));
    if (headers.contains(HttpHeaderNames.CONNECTION)) {
      closeIfListed(headers);
    }
    if (message.protocolVersion() == HttpVersion.HTTP_1_0
        && isStream(((HttpRequest) message).uri())) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    return super.isContentAlwaysEmpty(message);
  }

  /**
   * HTTP/1.0 knows no chunks, so only the end of the connection ends an answer without a length
   * (RFC 9112, 6.3). Vert.x would keep the connection, and the next answer would be part of it.
   */
  private static boolean isStream(String target) {
    return target.startsWith(Endpoint.STREAM_PATH)
        && (target.length() == Endpoint.STREAM_PATH.length()
            || target.charAt(Endpoint.STREAM_PATH.length()) == '?');
  }

  /** Vert.x looks at a field as a whole. */
  private static void closeIfListed(HttpHeaders headers) {
    if (RequestHead.hasOption(headers.getAll(HttpHeaderNames.CONNECTION), "close")) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  private static void makeOriginForm(HttpRequest request) {
    AbsoluteForm absolute = AbsoluteForm.of(request.method().name(), request.uri());
    if (absolute != null) {
      request.setUri(absolute.origin());
    }
  }

  /** Most requests have no body, and then no list is made for nothing. */
  private static List<String> values(HttpHeaders headers, CharSequence name) {
    return headers.contains(name) ? headers.getAll(name) : List.of();
  }

  /** Netty makes a new one of all that is not written like these two, and would mend its text. */
  private static String exact(HttpVersion version) {
    return version == HttpVersion.HTTP_1_1 || version == HttpVersion.HTTP_1_0 ? version.text() : "";
  }
}
