package dev.handlermodels.loadtests.bench.report.charts;

import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.Stroke;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.NumberFormat;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/** What all charts share: sizes at which text reads well where the picture is 700 pixels wide. */
final class Style {
  static final int WIDTH = 760;
  static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
  static final Stroke GRID = new BasicStroke(1);

  private static final Font HEADING = new Font(Font.SANS_SERIF, Font.BOLD, 18);
  private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  private Style() {}

  static JFreeChart chart(Theme theme, Plot plot, String title, String caption) {
    JFreeChart chart = new JFreeChart(title, HEADING, plot, false);
    chart.setBackgroundPaint(theme.paper);
    chart.setPadding(new RectangleInsets(12, 12, 12, 16));
    chart.getTitle().setPaint(theme.ink);
    chart.getTitle().setHorizontalAlignment(HorizontalAlignment.LEFT);
    LegendTitle legend = new LegendTitle(plot);
    legend.setItemFont(TEXT);
    legend.setItemPaint(theme.ink);
    legend.setBackgroundPaint(theme.paper);
    legend.setFrame(BlockBorder.NONE);
    legend.setPosition(RectangleEdge.TOP);
    legend.setHorizontalAlignment(HorizontalAlignment.LEFT);
    chart.addLegend(legend);
    TextTitle small = new TextTitle(caption, SMALL);
    small.setPaint(theme.soft);
    small.setPosition(RectangleEdge.BOTTOM);
    small.setHorizontalAlignment(HorizontalAlignment.LEFT);
    small.setPadding(8, 0, 0, 0);
    chart.addSubtitle(small);
    return chart;
  }

  static LogAxis logAxis(Theme theme, String unit, double least) {
    LogAxis axis = new LogAxis(unit);
    axis.setBase(10);
    axis.setSmallestValue(least);
    axis.setLowerBound(least);
    NumberFormat format =
        new DecimalFormat("#,##0.#", DecimalFormatSymbols.getInstance(Locale.ROOT));
    axis.setTickUnit(new NumberTickUnit(1, format));
    axis.setNumberFormatOverride(format);
    axis.setMinorTickMarksVisible(false);
    paint(axis, theme);
    return axis;
  }

  static void paint(ValueAxis axis, Theme theme) {
    axis.setLabelFont(SMALL);
    axis.setLabelPaint(theme.soft);
    axis.setTickLabelFont(SMALL);
    axis.setTickLabelPaint(theme.soft);
    axis.setAxisLineVisible(false);
    axis.setTickMarksVisible(false);
  }
}
