package dev.handlermodels.contracttests;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** What the fuzz test does to the bytes of a request. */
enum Mutation {
  FLIP_A_BIT {
    @Override
    byte[] of(byte[] bytes, RandomGenerator random) {
      byte[] flipped = bytes.clone();
      if (flipped.length > 0) {
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      }
      return flipped;
    }
  },
  INSERT_A_TOKEN {
    @Override
    byte[] of(byte[] bytes, RandomGenerator random) {
      int at = place(bytes, random);
      return spliced(bytes, at, at, token(random));
    }
  },
  REPLACE_BY_A_TOKEN {
    @Override
    byte[] of(byte[] bytes, RandomGenerator random) {
      int from = place(bytes, random);
      int to = from;
      while (to < bytes.length && !isDelimiter(bytes[to])) {
        to++;
      }
      return spliced(bytes, from, to, token(random));
    }
  },
  INSERT_A_LINE {
    @Override
    byte[] of(byte[] bytes, RandomGenerator random) {
      List<Integer> starts = new ArrayList<>();
      for (int i = 1; i < bytes.length; i++) {
        if (bytes[i - 1] == '\n') {
          starts.add(i);
        }
      }
      int at = starts.isEmpty() ? 0 : starts.get(random.nextInt(starts.size()));
      return spliced(bytes, at, at, bytes(LINES.get(random.nextInt(LINES.size())) + "\r\n"));
    }
  },
  CUT_A_PIECE_OUT {
    @Override
    byte[] of(byte[] bytes, RandomGenerator random) {
      int from = random.nextInt(bytes.length + 1);
      return spliced(bytes, from, end(from, bytes, random), new byte[0]);
    }
  },
  REPEAT_A_PIECE {
    @Override
    byte[] of(byte[] bytes, RandomGenerator random) {
      int from = random.nextInt(bytes.length + 1);
      int to = end(from, bytes, random);
      return spliced(bytes, to, to, Arrays.copyOfRange(bytes, from, to));
    }
  };

  abstract byte[] of(byte[] bytes, RandomGenerator random);

  private static final int PIECE = 16;

  private static final List<String> TOKENS =
      List.of(
          "",
          "\0",
          "\r",
          "\n",
          "\r\n",
          " ",
          "\t",
          ":",
          ";",
          ",",
          "#",
          "+",
          "-1",
          "0",
          "00",
          "0x1",
          "1e9",
          "2147483648",
          "9223372036854775808",
          "NaN",
          "true",
          "null",
          "%",
          "%0",
          "%00",
          "%2F",
          "%2e%2e",
          "%zz",
          "%C3%28",
          "../",
          "//",
          "\\",
          "?",
          "&",
          "=",
          "\u00e4",
          "\u00ff",
          "{",
          "[",
          "\"",
          "[".repeat(1000),
          "a".repeat(9000),
          "HTTP/1.0",
          "HTTP/2.0",
          "HTTP/9.9",
          "HEAD",
          "OPTIONS",
          "TRACE",
          "CONNECT",
          "PUT",
          "http://localhost",
          "*");

  private static final List<String> LINES =
      List.of(
          "Content-Length: 5",
          "Content-Length: 0",
          "Content-Length: +5",
          "Content-Length: 5, 5",
          "Content-Length: 99999999999999999999",
          "Transfer-Encoding: chunked",
          "Transfer-Encoding: identity",
          "Transfer-Encoding: chunked, gzip",
          "Host: other",
          "Host:",
          "Expect: 100-continue",
          "Expect: nothing",
          "Connection: close",
          "Connection: upgrade",
          "Upgrade: h2c",
          "Upgrade: websocket",
          " folded",
          ": no name",
          "no colon",
          "Content-Type: text/html",
          "Accept-Encoding: gzip",
          "Idempotency-Key: a",
          "Idempotency-Key: b",
          "X-Forwarded-For: ::1, x",
          "traceparent: 00-0-0-0",
          "5\r\nabcde",
          "0\r\n\r\n",
          "");

  /** Anywhere, or where something begins or ends. */
  private static int place(byte[] bytes, RandomGenerator random) {
    int at = random.nextInt(bytes.length + 1);
    if (random.nextBoolean()) {
      while (at < bytes.length && !isDelimiter(bytes[at])) {
        at++;
      }
      at = Math.min(bytes.length, at + random.nextInt(2));
    }
    return at;
  }

  private static int end(int from, byte[] bytes, RandomGenerator random) {
    return Math.min(bytes.length, from + 1 + random.nextInt(PIECE));
  }

  private static boolean isDelimiter(byte b) {
    return " /?&=:\r\n\"{},".indexOf(b) >= 0;
  }

  private static byte[] token(RandomGenerator random) {
    return bytes(TOKENS.get(random.nextInt(TOKENS.size())));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] inserted) {
    return concat(
        Arrays.copyOf(bytes, from), inserted, Arrays.copyOfRange(bytes, to, bytes.length));
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** So many of them, one after the other. */
  static byte[] some(int count, byte[] request, RandomGenerator random) {
    byte[] bytes = request;
    for (int i = 0; i < count; i++) {
      bytes = values()[random.nextInt(values().length)].of(bytes, random);
    }
    return bytes;
  }
}
