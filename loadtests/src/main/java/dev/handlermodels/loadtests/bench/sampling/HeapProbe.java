package dev.handlermodels.loadtests.bench.sampling;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The live heap of a server, before the load and under it. It is the sum of jcmd's histogram of
 * live objects, which is exact: "heap used" after a collection already includes garbage of the
 * requests that waited for that collection.
 */
public final class HeapProbe implements ServerProbe {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");

  /**
   * The collector fills gaps in the old generation with these dead objects, and the histogram
   * counts them.
   */
  private static final Pattern FILLER =
      Pattern.compile("(?m)^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+\\S*jdk\\.internal\\.vm\\.Filler\\S*");

  private static final Pattern CLASS =
      Pattern.compile("(?m)^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+)");

  private static final long WITHIN_SECONDS = 15;

  /** Enough to build what a server builds once, for its first request. */
  private static final int FIRST_REQUESTS = 50;

  private static final String JCMD =
      Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();

  private final Settings settings;
  private final LoopbackClient loopback;
  private Long idleBytes;

  /**
   * heap.json. What could not be read is null.
   *
   * @param inFlight requests of the server right before or after the loaded reading, whichever were
   *     more: the reading stops the server, and some end when it goes on
   */
  public record Heap(Long idleBytes, Long loadedBytes, Long inFlight) {
    public static Path file(Path row) {
      return row.resolve("heap.json");
    }

    /** Null where a part is missing. */
    public Double perRequestBytes() {
      return idleBytes == null || loadedBytes == null || inFlight == null || inFlight == 0
          ? null
          : (loadedBytes - idleBytes) / (double) inFlight;
    }
  }

  public HeapProbe(Settings settings, LoopbackClient loopback) {
    this.settings = settings;
    this.loopback = loopback;
  }

  @Override
  public void idle(ProcessHandle server, Path row) throws InterruptedException {
    for (int i = 0; i < FIRST_REQUESTS; i++) {
      loopback.answers(LoopbackAddress.url(settings.port()) + "/io?waitMs=0");
    }
    idleBytes = liveBytes(server, row.resolve("heap-idle.txt"));
  }

  @Override
  public void loaded(ProcessHandle server, Path row) throws IOException, InterruptedException {
    Long before = inFlight();
    Long loadedBytes = liveBytes(server, row.resolve("heap-loaded.txt"));
    Long after = inFlight();
    Long inFlight = before == null || after == null ? null : (Long) Math.max(before, after);
    Json.write(Heap.file(row), new Heap(idleBytes, loadedBytes, inFlight));
  }

  private Long inFlight() throws InterruptedException {
    Sample.Census census =
        loopback.get(
            LoopbackAddress.url(settings.managementPort()) + "/threads", Sample.Census.class);
    return census == null ? null : census.requests().inFlight();
  }

  /** Null where the server could not be asked. */
  public static Long liveBytes(ProcessHandle server, Path histogram) throws InterruptedException {
    try {
      Process jcmd =
          new ProcessBuilder(JCMD, Long.toString(server.pid()), "GC.class_histogram")
              .redirectErrorStream(true)
              .redirectOutput(histogram.toFile())
              .start();
      if (!jcmd.waitFor(WITHIN_SECONDS, TimeUnit.SECONDS)) {
        jcmd.destroyForcibly();
        return null;
      }
      return total(Files.readString(histogram));
    } catch (IOException e) {
      return null;
    }
  }

  public static Long total(String histogram) {
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      return null;
    }
    long fillerBytes =
        FILLER.matcher(histogram).results().mapToLong(line -> Long.parseLong(line.group(1))).sum();
    return Long.parseLong(total.group(1)) - fillerBytes;
  }

  /** Bytes of live objects of each class. */
  public static Map<String, Long> byClass(String histogram) {
    return CLASS
        .matcher(histogram)
        .results()
        .collect(
            Collectors.toMap(
                line -> line.group(2), line -> Long.valueOf(line.group(1)), Long::sum));
  }
}
