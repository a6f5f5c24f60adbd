package dev.handlermodels.loadtests.bench.report.charts;

import dev.handlermodels.loadtests.bench.report.charts.ChartData.Latency;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** The blocked loop beside its repair: how long those waited whose request ended in a second. */
final class LatencyChart {
  private static final int HEIGHT = 400;
  private static final double LEAST_MS = 100;
  private static final double MOST_MS = 100_000;

  private static final List<Shape> SHAPES =
      List.of(cross(), new Ellipse2D.Double(-3, -3, 6, 6), new Rectangle2D.Double(-3, -3, 6, 6));

  private final Theme theme;
  private final ChartData data;

  LatencyChart(Theme theme, ChartData data) {
    this.theme = theme;
    this.data = data;
  }

  void write(Path file) throws IOException {
    XYSeriesCollection lines = new XYSeriesCollection();
    XYLineAndShapeRenderer dots = new XYLineAndShapeRenderer(false, true);
    for (int i = 0; i < data.latencies().size(); i++) {
      Latency latency = data.latencies().get(i);
      XYSeries line = new XYSeries(latency.title());
      for (int second = 0; second < latency.seconds().size(); second++) {
        Double ms = latency.p50Ms().get(second);
        if (ms != null) {
          line.add(latency.seconds().get(second).doubleValue(), Math.max(ms, LEAST_MS));
        }
      }
      lines.addSeries(line);
      dots.setSeriesShape(i, SHAPES.get(i % SHAPES.size()));
      dots.setSeriesPaint(i, colour(i, latency.model()));
    }
    dots.setDefaultLegendTextPaint(theme.ink);
    NumberAxis seconds = new NumberAxis("seconds since the first user");
    Style.paint(seconds, theme);
    LogAxis ms = Style.logAxis(theme, "median response time in ms (logarithmic)", LEAST_MS);
    ms.setUpperBound(MOST_MS);
    XYPlot plot = new XYPlot(lines, seconds, ms, dots);
    plot.setBackgroundPaint(theme.paper);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinesVisible(false);
    plot.setRangeGridlinePaint(theme.line);
    plot.setRangeGridlineStroke(Style.GRID);
    String title = "A blocked event loop beside its repair";
    SvgFile.write(
        file,
        Style.chart(theme, plot, title, data.caption()),
        Style.WIDTH,
        HEIGHT,
        title + ". " + data.caption());
  }

  /** The first is the anti-pattern; the next of the same model need other colours. */
  private Color colour(int index, HandlerModel model) {
    return index == 0 ? theme.orange : index == 1 ? theme.blue : theme.of(model);
  }

  private static Shape cross() {
    Path2D cross = new Path2D.Double();
    cross.moveTo(-4, -2.5);
    cross.lineTo(-2.5, -4);
    cross.lineTo(0, -1.5);
    cross.lineTo(2.5, -4);
    cross.lineTo(4, -2.5);
    cross.lineTo(1.5, 0);
    cross.lineTo(4, 2.5);
    cross.lineTo(2.5, 4);
    cross.lineTo(0, 1.5);
    cross.lineTo(-2.5, 4);
    cross.lineTo(-4, 2.5);
    cross.lineTo(-1.5, 0);
    cross.closePath();
    return cross;
  }
}
