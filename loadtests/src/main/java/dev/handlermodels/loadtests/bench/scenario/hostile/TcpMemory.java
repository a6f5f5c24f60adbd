package dev.handlermodels.loadtests.bench.scenario.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The memory that the kernel holds for TCP, of the whole machine. */
final class TcpMemory {
  private static final Pattern PAGES = Pattern.compile("(?m)^TCP: .* mem (\\d+)");
  private static final long PAGE_BYTES = 4096;

  private TcpMemory() {}

  /** Null where there is no /proc. */
  static Long bytes() {
    try {
      return bytes(Files.readString(Path.of("/proc/net/sockstat")));
    } catch (IOException e) {
      return null;
    }
  }

  static Long bytes(String sockstat) {
    Matcher pages = PAGES.matcher(sockstat);
    return pages.find() ? (Long) (Long.parseLong(pages.group(1)) * PAGE_BYTES) : null;
  }
}
