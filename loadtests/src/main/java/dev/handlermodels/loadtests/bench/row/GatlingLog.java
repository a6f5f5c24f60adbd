package dev.handlermodels.loadtests.bench.row;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Gatling's binary {@code simulation.log}. The format is undocumented and may change, so every
 * version that was not checked is refused.
 *
 * @param simulation class name of the simulation
 * @param responses in the order they ended
 * @param truncated whether the file ended inside a record, as after a kill
 */
public record GatlingLog(String simulation, List<Response> responses, boolean truncated) {
  /** They write the same format. */
  static final List<String> VERSIONS = List.of("3.15.1", "3.16.0");

  /**
   * One request that ended.
   *
   * @param startMs epoch milliseconds
   * @param endMs epoch milliseconds
   * @param message why it failed; empty for a success
   */
  public record Response(long startMs, long endMs, boolean ok, String message) {
    public long latencyMs() {
      return endMs - startMs;
    }
  }

  /**
   * Reads a log.
   *
   * @throws IOException with one sentence, where this is no log of one of {@link #VERSIONS}
   */
  static GatlingLog read(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      return new Reader(in, file).read();
    }
  }

  private static final class Reader {
    private static final int RUN = 0;
    private static final int REQUEST = 1;
    private static final int USER = 2;
    private static final int GROUP = 3;
    private static final int ERROR = 4;
    private static final int END_OF_FILE = -1;

    /** No text in the log comes near this; a larger length means that the bytes are no log. */
    private static final int TEXT_MAX_BYTES = 1 << 20;

    /** Gatling writes the bytes of java.lang.String as they lie in memory. */
    private static final Charset WIDE =
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
            ? StandardCharsets.UTF_16LE
            : StandardCharsets.UTF_16BE;

    private final DataInputStream in;
    private final Path file;
    private final Map<Integer, String> texts = new HashMap<>();
    private final List<Response> responses = new ArrayList<>();
    private long runStartMs;

    Reader(DataInputStream in, Path file) {
      this.in = in;
      this.file = file;
    }

    GatlingLog read() throws IOException {
      String simulation;
      try {
        simulation = header();
      } catch (EOFException e) {
        throw new IOException(file + " ends before its first record is complete.", e);
      }
      boolean truncated = false;
      try {
        for (int kind = in.read(); kind != END_OF_FILE; kind = in.read()) {
          record(kind);
        }
      } catch (EOFException e) {
        truncated = true;
      }
      return new GatlingLog(simulation, responses, truncated);
    }

    private String header() throws IOException {
      if (in.read() != RUN) {
        throw new IOException(file + " is not a simulation.log of Gatling.");
      }
      String version = text();
      if (!VERSIONS.contains(version)) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s was written by Gatling %s, and only the format of %s is known here.",
                file,
                version,
                String.join(" and ", VERSIONS)));
      }
      String simulation = text();
      runStartMs = in.readLong();
      text(); // description
      for (int scenarios = in.readInt(); scenarios > 0; scenarios--) {
        text();
      }
      for (int assertions = in.readInt(); assertions > 0; assertions--) {
        in.skipNBytes(in.readInt());
      }
      return simulation;
    }

    private void record(int kind) throws IOException {
      switch (kind) {
        case REQUEST -> request();
        case USER -> in.skipNBytes(Integer.BYTES + 1 + Integer.BYTES); // scenario, start, time
        case GROUP -> {
          groups();
          in.skipNBytes(3 * Integer.BYTES + 1); // start, end, cumulated time, status
        }
        case ERROR -> {
          repeatedText();
          in.skipNBytes(Integer.BYTES); // time
        }
        default ->
            throw new IOException(
                String.format(Locale.ROOT, "%s is damaged: a record of kind %d.", file, kind));
      }
    }

    private void request() throws IOException {
      groups();
      repeatedText(); // the request's name
      long startMs = runStartMs + in.readInt();
      long endMs = runStartMs + in.readInt();
      boolean ok = in.readBoolean();
      responses.add(new Response(startMs, endMs, ok, repeatedText()));
    }

    private void groups() throws IOException {
      for (int groups = in.readInt(); groups > 0; groups--) {
        repeatedText();
      }
    }

    /** A text comes whole with a positive number the first time, then as the number's negative. */
    private String repeatedText() throws IOException {
      int number = in.readInt();
      if (number >= 0) {
        String text = text();
        texts.put(number, text);
        return text;
      }
      String known = texts.get(-number);
      if (known == null) {
        throw new IOException(
            String.format(Locale.ROOT, "%s is damaged: text %d is unknown.", file, -number));
      }
      return known;
    }

    private String text() throws IOException {
      int length = in.readInt();
      if (length == 0) {
        return "";
      }
      if (length < 0 || length > TEXT_MAX_BYTES) {
        throw new IOException(
            String.format(Locale.ROOT, "%s is damaged: a text of %d bytes.", file, length));
      }
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      boolean narrow = in.readByte() == 0;
      return new String(bytes, narrow ? StandardCharsets.ISO_8859_1 : WIDE);
    }
  }
}
