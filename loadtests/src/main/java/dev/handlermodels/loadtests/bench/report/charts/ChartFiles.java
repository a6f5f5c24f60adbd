package dev.handlermodels.loadtests.bench.report.charts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes the charts of a run into its folder {@code charts}: answers/s beside the ceiling, response
 * times, and the blocked loop beside its repair.
 */
public final class ChartFiles {
  public static final String FOLDER = "charts";

  /** The names, to which {@code -light.svg} and {@code -dark.svg} are added. */
  public static final String ANSWERS = "answers";

  public static final String LATENCY = "latency";
  public static final String BLOCKED_LOOP = "blocked-loop";

  static {
    // No window is opened, and a display that is named but not there would be looked for.
    System.setProperty("java.awt.headless", "true");
  }

  private ChartFiles() {}

  /** {@code charts/answers-light.svg}. */
  public static String name(String chart, boolean dark) {
    return String.format(Locale.ROOT, "%s/%s-%s.svg", FOLDER, chart, dark ? "dark" : "light");
  }

  /**
   * Writes what can be drawn.
   *
   * @return a sentence that says why there are no charts; empty where there are. Letters have to be
   *     measured, so a machine without any font gets none, nor does a JDK without java.desktop, as
   *     that of the image.
   */
  public static Optional<String> write(Path out, ChartData data) throws IOException {
    if (data.bars().isEmpty()) {
      return Optional.empty();
    }
    Files.createDirectories(out.resolve(FOLDER));
    try {
      for (Theme theme : Theme.values()) {
        boolean dark = theme == Theme.DARK;
        BarCharts bars = new BarCharts(theme, data);
        bars.answers(out.resolve(name(ANSWERS, dark)));
        bars.latency(out.resolve(name(LATENCY, dark)));
        if (!data.latencies().isEmpty()) {
          new LatencyChart(theme, data).write(out.resolve(name(BLOCKED_LOOP, dark)));
        }
      }
      return Optional.empty();
    } catch (LinkageError | InternalError | RuntimeException e) {
      Optional<String> missing = missing(e);
      if (missing.isEmpty()) {
        throw e;
      }
      return missing.map(why -> "No charts were written as files, because " + why);
    }
  }

  private static Optional<String> missing(Throwable e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof NoClassDefFoundError
        && (message.startsWith("java/awt/") || message.startsWith("javax/swing/"))) {
      return Optional.of("this JDK has no java.desktop.");
    }
    return fontsAreMissing(e)
        ? Optional.of("this machine has no fonts: " + message)
        : Optional.empty();
  }

  /** The JDK says it by an error of its native code, or by one of the class that loads it. */
  private static boolean fontsAreMissing(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      for (StackTraceElement frame : cause.getStackTrace()) {
        String name = frame.getClassName().toLowerCase(Locale.ROOT);
        if (name.startsWith("sun.") && name.contains("font")) {
          return true;
        }
      }
    }
    return false;
  }
}
