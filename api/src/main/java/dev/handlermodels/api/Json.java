package dev.handlermodels.api;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The one JSON mapper. It is immutable and safe for all threads; building one is expensive. */
public final class Json {
  public static final String CONTENT_TYPE = "application/json";

  /** A result tells of one moment, so no cache shall keep it. */
  public static final String CACHE_CONTROL = "no-store";

  /** Of files and answers of the upstream. */
  private static final int DEPTH = 100;

  /**
   * What was read has to be writable again, with our own around it: half a surrogate pair stays an
   * escape, and what is nested deeper than it may be is refused when it is read.
   */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .disable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
                  .build())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** For bodies of strangers: no deep nesting, and no member twice. */
  private static final JsonMapper STRICT_MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(Limits.JSON_DEPTH).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** A document that makes its own JSON, in parts. */
  interface Written {
    byte[][] parts();
  }

  public static byte[] bytes(Object value) {
    if (value instanceof Written document) {
      return joined(document.parts());
    }
    OnePiece out = new OnePiece();
    MAPPER.writeValue(out, value);
    return out.bytes;
  }

  /**
   * The same for a framework that can send an answer in parts without joining them first. Documents
   * may share a part, so nobody may change it.
   */
  public static byte[][] parts(Object value) {
    return value instanceof Written document ? document.parts() : new byte[][] {bytes(value)};
  }

  static byte[] joined(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] whole = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }

  /** The inside of a JSON string: escaped, without the quotation marks around it. */
  static byte[] escaped(String text) {
    return JsonStringEncoder.getInstance().quoteAsUTF8(text);
  }

  public static JsonNode tree(byte[] json) {
    return MAPPER.readTree(json);
  }

  /**
   * Decodes by the letter of RFC 3629, before Jackson sees a body: Jackson takes overlong forms for
   * the characters they stand for, and UTF-16 for JSON.
   *
   * @throws CharacterCodingException where the bytes are not UTF-8
   */
  public static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /**
   * @throws JacksonException where the text is not JSON, too deep, or has a member twice
   */
  public static JsonNode strictTree(String json) {
    return STRICT_MAPPER.readTree(json);
  }

  /**
   * @throws JacksonException where the bytes are not JSON of that shape
   */
  public static <T> T read(byte[] json, Class<T> type) {
    return MAPPER.readValue(json, type);
  }

  /**
   * Jackson writes a document of up to 8000 bytes in one piece, which here is copied once; {@code
   * writeValueAsBytes} copies it into a buffer, and from there again.
   */
  private static final class OnePiece extends OutputStream {
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;

    @Override
    public void write(byte[] from, int offset, int length) {
      byte[] piece = Arrays.copyOfRange(from, offset, offset + length);
      if (bytes.length > 0) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
        System.arraycopy(piece, 0, longer, bytes.length, length);
        piece = longer;
      }
      bytes = piece;
    }

    @Override
    public void write(int oneByte) {
      write(new byte[] {(byte) oneByte}, 0, 1);
    }
  }
}
