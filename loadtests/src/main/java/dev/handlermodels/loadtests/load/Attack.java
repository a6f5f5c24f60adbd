package dev.handlermodels.loadtests.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What hostile clients do. Each attack is a line of this list. */
public enum Attack {
  SILENT(1000, Script.of("")),
  SLOW_HEADERS(1000, Script.of("GET / HTTP/1.1\r\nHost: x\r\n").drip("a: b\r\n")),
  SLOW_BODY(1000, Script.of(post(100_000)).drip("x")),
  /** The answers exceed the socket buffers of both sides. */
  SLOW_READING(1000, Script.of(get(Bytes.LARGE).repeat(20)).readsByDrips().receiveBuffer(4096)),
  IDLE(15_000, Script.of(get("/health/live"))),
  IDLE_SILENT(12_000, Script.of("")),
  SMALL_BODIES(3_900, Script.of(post(65_536) + "x".repeat(65_000))),
  HALF_HEADS(9_000, Script.of("GET / HTTP/1.1\r\nHost: x\r\n" + Bytes.LONG_FIELD)),
  LARGE_HEADS(3_900, Script.of(get("/io?waitMs=8000", Bytes.LONG_FIELD + "\r\n"))),
  WAITING(8_000, Script.of(get("/io?waitMs=3000")).rounds(2)),
  PIPELINING(240, Script.of(get("/io?waitMs=9000") + get("/docs").repeat(4_000))),
  RACE(250, Script.of(get("/race?tasks=1000&safe=true"))),
  FANOUT(12, Script.of(get("/fanout?calls=1000&waitMs=3000&concurrency=1000"))),
  UNREAD(100, Script.of(get(Bytes.LARGE)).readsNothing().receiveBuffer(2048)),
  /** Against a server that may open fewer files than that. */
  DESCRIPTORS(400, Script.of("")),
  /** The file is another one in each round: see {@link DataFileSwap}. */
  DATA_FILE(20, Script.of(get("/file") + get("/file/blocking")).rounds(DataFileSwap.KINDS));

  private final int connections;
  private final Script script;

  Attack(int connections, Script script) {
    this.connections = connections;
    this.script = script;
  }

  /** How many clients there are by default. */
  public int connections() {
    return connections;
  }

  Script script() {
    return script;
  }

  /** {@code slow-headers}, as options and folders name it. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@code slow headers}, as tables name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** The attack of an {@link #id()}. */
  public static Attack of(String id) {
    return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  private static String get(String target) {
    return get(target, "");
  }

  private static String get(String target, String fields) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
  }

  private static String post(int length) {
    return "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n";
  }

  /** When a client reads. */
  enum Reading {
    AT_ONCE,
    /** As much as it would send: a byte each time. */
    BY_DRIPS,
    NEVER
  }

  /**
   * What each client does on its connection.
   *
   * @param first sent at once
   * @param drip sent again and again; empty for nothing
   * @param receiveBuffer in bytes; 0 for the system's own
   * @param rounds how often all clients leave and come again, within the same time
   */
  record Script(ByteBuffer first, byte[] drip, Reading reading, int receiveBuffer, int rounds) {
    static Script of(String first) {
      byte[] bytes = first.getBytes(StandardCharsets.ISO_8859_1);
      ByteBuffer shared = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
      return new Script(shared, new byte[0], Reading.AT_ONCE, 0, 1);
    }

    Script drip(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      return new Script(first, bytes, reading, receiveBuffer, rounds);
    }

    Script readsByDrips() {
      return new Script(first, drip, Reading.BY_DRIPS, receiveBuffer, rounds);
    }

    Script readsNothing() {
      return new Script(first, drip, Reading.NEVER, receiveBuffer, rounds);
    }

    Script receiveBuffer(int bytes) {
      return new Script(first, drip, reading, bytes, rounds);
    }

    Script rounds(int number) {
      return new Script(first, drip, reading, receiveBuffer, number);
    }
  }

  /** Constants that the list above needs before its own class has any. */
  private static final class Bytes {
    static final String LARGE = "/docs/swagger-ui-bundle.js";

    /** Just below the largest head that a server takes. */
    static final String LONG_FIELD = "X-Long: " + "x".repeat(7_900);
  }
}
