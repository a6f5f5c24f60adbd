package dev.handlermodels.blocking;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.SecurityHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.StreamSinkConduit;

/**
 * The writing end of a connection. What is no HTTP Undertow answers by itself, before any handler
 * and without a document: instead of that answer the one leaves that the other servers give.
 */
final class ParserRefusals extends AbstractStreamSinkConduit<StreamSinkConduit> {
  private static final byte[] REFUSAL = "HTTP/1.1 400 ".getBytes(StandardCharsets.US_ASCII);

  private static final ByteBuffer ANSWER = answer(Problems.notHttp().document());

  private final BooleanSupplier inRequest;

  /** What has not left yet; null where there is no such answer. */
  private ByteBuffer leaving;

  private ParserRefusals(StreamSinkConduit next, BooleanSupplier inRequest) {
    super(next);
    this.inRequest = inRequest;
  }

  /**
   * To be called before anything is written.
   *
   * @param inRequest whether what is written is an answer of ours
   */
  static void replace(ConduitStreamSinkChannel out, BooleanSupplier inRequest) {
    out.setConduit(new ParserRefusals(out.getConduit(), inRequest));
  }

  private static ByteBuffer answer(byte[] document) {
    StringBuilder answer = new StringBuilder("HTTP/1.1 400 Bad Request\r\n");
    Map<String, String> fields = new TreeMap<>(SecurityHeaders.FIXED);
    fields.put(SecurityHeaders.POLICY, SecurityHeaders.NOTHING);
    fields.put("Content-Type", Problem.CONTENT_TYPE);
    fields.put("Cache-Control", Json.CACHE_CONTROL);
    fields.put("Content-Length", Integer.toString(document.length));
    fields.put("Connection", "close");
    fields.forEach((name, value) -> answer.append(name + ": " + value + "\r\n"));
    answer.append("\r\n").append(new String(document, StandardCharsets.US_ASCII));
    return ByteBuffer.wrap(answer.toString().getBytes(StandardCharsets.US_ASCII))
        .asReadOnlyBuffer();
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    if (leaving == null) {
      if (inRequest.getAsBoolean() || !isRefusal(from)) {
        return next.write(from);
      }
      leaving = ANSWER.duplicate();
    }
    while (leaving.hasRemaining()) {
      if (next.write(leaving) == 0) {
        return 0;
      }
    }
    int length = from.remaining();
    from.position(from.limit());
    return length;
  }

  private static boolean isRefusal(ByteBuffer bytes) {
    return bytes.remaining() > REFUSAL.length
        && bytes.slice(bytes.position(), REFUSAL.length).equals(ByteBuffer.wrap(REFUSAL));
  }
}
