package dev.handlermodels.blocking.wire;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.SecurityHeaders;
import dev.handlermodels.api.wire.HttpDate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.StreamSinkConduit;

/**
 * The writing end of a connection. When bytes are not HTTP, Undertow's parser answers 400 by
 * itself, before any handler and without a document. This conduit sends the answer that the other
 * servers give instead.
 */
final class ParserErrorConduit extends AbstractStreamSinkConduit<StreamSinkConduit> {
  private static final byte[] REFUSAL = "HTTP/1.1 400 ".getBytes(StandardCharsets.US_ASCII);

  /**
   * What to answer.
   *
   * @param toHead without a body
   */
  record Refusal(ProblemException problem, boolean toHead) {}

  private final BooleanSupplier inRequest;
  private final Supplier<Refusal> refusal;

  /** The rest of our answer that is still to be written; null while the parser refuses nothing. */
  private ByteBuffer unsent;

  private ParserErrorConduit(
      StreamSinkConduit next, BooleanSupplier inRequest, Supplier<Refusal> refusal) {
    super(next);
    this.inRequest = inRequest;
    this.refusal = refusal;
  }

  /**
   * Puts this conduit in front of the socket; to be called before anything is written.
   *
   * @param inRequest whether what is written now is an answer of a handler
   * @param refusal what to answer instead
   * @return the conduit
   */
  static ParserErrorConduit insert(
      ConduitStreamSinkChannel out, BooleanSupplier inRequest, Supplier<Refusal> refusal) {
    ParserErrorConduit conduit = new ParserErrorConduit(out.getConduit(), inRequest, refusal);
    out.setConduit(conduit);
    return conduit;
  }

  /**
   * Sends the refusal at once, as far as there is room for it: the connection is closed next. A
   * client that has not read the answers before it may get a part, or nothing.
   */
  void refuse() {
    try {
      next.write(answer(refusal.get()));
    } catch (IOException _) {
      // The client has gone.
    }
  }

  private static ByteBuffer answer(Refusal refusal) {
    Problem problem = refusal.problem.problem();
    byte[] document = refusal.problem.document();
    StringBuilder answer =
        new StringBuilder("HTTP/1.1 " + problem.status() + " " + problem.title() + "\r\n");
    Map<String, String> fields = new TreeMap<>(SecurityHeaders.FIXED);
    fields.put(SecurityHeaders.POLICY, SecurityHeaders.NOTHING);
    fields.put("Content-Type", Problem.CONTENT_TYPE);
    fields.put("Cache-Control", Json.CACHE_CONTROL);
    fields.put("Content-Length", Integer.toString(document.length));
    fields.putAll(refusal.problem.headers());
    fields.put("Connection", "close");
    fields.put("Date", HttpDate.now());
    fields.forEach((name, value) -> answer.append(name + ": " + value + "\r\n"));
    answer.append("\r\n");
    if (!refusal.toHead) {
      answer.append(new String(document, StandardCharsets.US_ASCII));
    }
    return ByteBuffer.wrap(answer.toString().getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    if (unsent == null) {
      if (inRequest.getAsBoolean() || !isRefusal(from)) {
        return next.write(from);
      }
      unsent = answer(refusal.get());
    }
    while (unsent.hasRemaining()) {
      if (next.write(unsent) == 0) {
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
