package dev.handlermodels.api.wire;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The value of the header field Date, which an answer has to have (RFC 9110, 6.6.1). It is written
 * once a second, for all threads.
 */
public final class HttpDate {
  /** RFC 9110, 5.6.7: a fixed length, which RFC_1123_DATE_TIME does not have. */
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static volatile HttpDate latest = new HttpDate(0);

  private final long second;
  private final String text;

  private HttpDate(long second) {
    this.second = second;
    this.text = FORMAT.format(Instant.ofEpochSecond(second));
  }

  public static String now() {
    long second = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
    HttpDate known = latest;
    if (known.second != second) {
      known = new HttpDate(second);
      latest = known;
    }
    return known.text;
  }
}
