package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.profile.CallTree;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A flame graph as SVG, without a script: callers above, callees below, the width is the share of
 * the samples. Widths are in percent, so it fits any page; the title of a frame says its whole
 * name.
 */
final class FlameGraph {
  private static final int ROW_PX = 17;
  private static final int BASELINE_PX = 12;
  private static final int MARGIN_PX = 3;

  /** Narrower frames are not drawn: they could not be seen. */
  private static final double LEAST_SHARE = 0.002;

  private final double all;
  private final List<Box> boxes = new ArrayList<>();
  private int depth;

  /** A frame and its place, in percent of the width. */
  private record Box(String frame, int level, double from, double width) {}

  private FlameGraph(CallTree calls) {
    all = Math.max(1, calls.samples());
    place(calls, 0, 0);
  }

  static String svg(CallTree calls, String label) {
    return new FlameGraph(calls).draw(label);
  }

  private void place(CallTree node, int level, double from) {
    boxes.add(new Box(node.frame(), level, from, node.samples() / all * 100));
    depth = Math.max(depth, level + 1);
    double at = from;
    for (CallTree callee : node.callees()) {
      if (callee.samples() / all >= LEAST_SHARE) {
        place(callee, level + 1, at);
      }
      at += callee.samples() / all * 100;
    }
  }

  private String draw(String label) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg class=\"flames\" role=\"img\" aria-label=\"%s\" width=\"100%%\""
                + " height=\"%d\" xmlns=\"http://www.w3.org/2000/svg\">\n",
            HtmlReport.escape(label),
            depth * ROW_PX));
    for (Box box : boxes) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<svg x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" height=\"%d\" class=\"%s\">"
                  + "<title>%s, %s</title><rect width=\"100%%\" height=\"100%%\"/>"
                  + "<text x=\"%d\" y=\"%d\">%s</text></svg>\n",
              box.from,
              box.level * ROW_PX,
              box.width,
              ROW_PX - 1,
              owner(box.frame),
              HtmlReport.escape(box.frame),
              Numbers.percent(box.width / 100),
              MARGIN_PX,
              BASELINE_PX,
              HtmlReport.escape(shortName(box.frame))));
    }
    return svg.append("</svg>\n").toString();
  }

  /** Whose code it is, for the colour. */
  static String owner(String frame) {
    return frame.startsWith("dev.handlermodels.")
        ? "ours"
        : frame.startsWith("java.")
                || frame.startsWith("jdk.")
                || frame.startsWith("sun.")
                || frame.startsWith("com.sun.")
            ? "jdk"
            : "library";
  }

  /** {@code Name.method} of {@code dev.example.Name.method}. */
  static String shortName(String frame) {
    int method = frame.lastIndexOf('.');
    int type = method < 0 ? -1 : frame.lastIndexOf('.', method - 1);
    return frame.substring(type + 1);
  }
}
