package dev.handlermodels.loadtests.bench.report.charts;

import dev.handlermodels.loadtests.bench.report.charts.ChartData.Bar;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.awt.Paint;
import java.awt.Shape;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.CategoryLabelPosition;
import org.jfree.chart.axis.CategoryLabelPositions;
import org.jfree.chart.axis.CategoryLabelWidthType;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.AbstractCategoryItemRenderer;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.LineAndShapeRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.text.TextBlockAnchor;
import org.jfree.chart.ui.RectangleAnchor;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.DefaultCategoryDataset;

/** The charts with a bar for each row of the table, on a logarithmic axis. */
final class BarCharts {
  /** Where bars begin: a logarithm knows no 0. */
  private static final double LEAST_ANSWERS = 0.1;

  private static final double LEAST_MS = 1;
  private static final int ROW_HEIGHT = 38;

  /** The most of the width that the rows' titles may take. */
  private static final float LABELS_SHARE = 0.4f;

  private static final Shape SQUARE = new Rectangle2D.Double(-5, -5, 10, 10);

  /** Labels stand only where there is a shape. */
  private static final Shape NOTHING = new Rectangle2D.Double();

  private static final Shape TICK = new Rectangle2D.Double(-1.5, -11, 3, 22);

  private final Theme theme;
  private final ChartData data;

  BarCharts(Theme theme, ChartData data) {
    this.theme = theme;
    this.data = data;
  }

  void answers(Path file) throws IOException {
    DefaultCategoryDataset answers = new DefaultCategoryDataset();
    DefaultCategoryDataset ceilings = new DefaultCategoryDataset();
    DefaultCategoryDataset ends = new DefaultCategoryDataset();
    for (Bar bar : data.bars()) {
      Double length = atLeast(bar.answersPerSecond(), LEAST_ANSWERS);
      answers.addValue(length, "answers", bar.title());
      ceilings.addValue(bar.ceilingPerSecond(), "ceiling", bar.title());
      ends.addValue(larger(length, bar.ceilingPerSecond()), "end", bar.title());
    }
    CategoryPlot plot = plot(answers, "answers per second (logarithmic)", LEAST_ANSWERS);
    plot.setRenderer(0, bars((_, row) -> colour(row)));
    plot.setDataset(1, ceilings);
    plot.setRenderer(1, ticks());
    plot.setDataset(2, ends);
    // Beyond the tick, where no label can cross it.
    LineAndShapeRenderer labels = new LineAndShapeRenderer(false, true);
    labels.setSeriesShape(0, NOTHING);
    labels.setSeriesPaint(0, theme.ink);
    label(labels, List.of(BarCharts::answersOfCeiling));
    plot.setRenderer(2, labels);
    plot.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
    LegendItemCollection legend = new LegendItemCollection();
    for (HandlerModel model : models()) {
      legend.add(item(name(model), SQUARE, theme.of(model)));
    }
    legend.add(item("ceiling by Little's law", TICK, theme.ink));
    plot.setFixedLegendItems(legend);
    String title = "Answers per second, and the most that is possible";
    write(file, plot, title, 1);
  }

  void latency(Path file) throws IOException {
    DefaultCategoryDataset times = new DefaultCategoryDataset();
    for (Bar bar : data.bars()) {
      times.addValue(atLeast(bar.p50Ms(), LEAST_MS), "median", bar.title());
      times.addValue(atLeast(bar.p99Ms(), LEAST_MS), "p99", bar.title());
    }
    CategoryPlot plot = plot(times, "response time in ms (logarithmic)", LEAST_MS);
    List<Function<Bar, String>> labels = List.of(bar -> ms(bar.p50Ms()), bar -> ms(bar.p99Ms()));
    BarRenderer bars = bars((series, _) -> series == 0 ? theme.blue : theme.orange);
    label(bars, labels);
    plot.setRenderer(bars);
    LegendItemCollection legend = new LegendItemCollection();
    legend.add(item("median (upper bar)", SQUARE, theme.blue));
    legend.add(item("p99 (lower bar)", SQUARE, theme.orange));
    plot.setFixedLegendItems(legend);
    write(file, plot, "Response time, time-outs included", 1.25);
  }

  private void write(Path file, CategoryPlot plot, String title, double rowHeight)
      throws IOException {
    JFreeChart chart = Style.chart(theme, plot, title, data.caption());
    int height = (int) (170 + ROW_HEIGHT * rowHeight * data.bars().size());
    SvgFile.write(file, chart, Style.WIDTH, height, title + ". " + data.caption());
  }

  private CategoryPlot plot(DefaultCategoryDataset values, String unit, double least) {
    CategoryAxis rows = new CategoryAxis();
    rows.setTickLabelFont(Style.TEXT);
    rows.setTickLabelPaint(theme.ink);
    rows.setAxisLineVisible(false);
    rows.setTickMarksVisible(false);
    rows.setMaximumCategoryLabelWidthRatio(LABELS_SHARE);
    // At the left: the reader's letters may be wider than those that were measured here.
    rows.setCategoryLabelPositions(
        CategoryLabelPositions.replaceLeftPosition(
            CategoryLabelPositions.STANDARD,
            new CategoryLabelPosition(
                RectangleAnchor.LEFT,
                TextBlockAnchor.CENTER_LEFT,
                CategoryLabelWidthType.RANGE,
                LABELS_SHARE)));
    rows.setCategoryMargin(0.3);
    rows.setLowerMargin(0.02);
    rows.setUpperMargin(0.02);
    LogAxis axis = Style.logAxis(theme, unit, least);
    axis.setUpperBound(largest(values) * 12);
    CategoryPlot plot = new CategoryPlot(values, rows, axis, new BarRenderer());
    plot.setOrientation(PlotOrientation.HORIZONTAL);
    plot.setRangeAxisLocation(AxisLocation.BOTTOM_OR_LEFT);
    plot.setBackgroundPaint(theme.paper);
    plot.setOutlineVisible(false);
    // Each bar has its value, which a line would cross.
    plot.setRangeGridlinesVisible(false);
    axis.setTickMarksVisible(true);
    axis.setTickMarkPaint(theme.soft);
    return plot;
  }

  /** Room for the labels is the caller's: this is the end of the longest bar. */
  private double largest(DefaultCategoryDataset values) {
    double largest = 1;
    for (int row = 0; row < values.getRowCount(); row++) {
      for (int column = 0; column < values.getColumnCount(); column++) {
        Number value = values.getValue(row, column);
        largest = Math.max(largest, value == null ? 0 : value.doubleValue());
      }
    }
    for (Bar bar : data.bars()) {
      largest = Math.max(largest, bar.ceilingPerSecond() == null ? 0 : bar.ceilingPerSecond());
    }
    return largest;
  }

  private interface Colour {
    Paint of(int series, int row);
  }

  private static BarRenderer bars(Colour colour) {
    BarRenderer bars =
        new BarRenderer() {
          private static final long serialVersionUID = 1;

          @Override
          public Paint getItemPaint(int series, int row) {
            return colour.of(series, row);
          }
        };
    bars.setBarPainter(new StandardBarPainter());
    bars.setShadowVisible(false);
    bars.setItemMargin(0.05);
    return bars;
  }

  private void label(AbstractCategoryItemRenderer renderer, List<Function<Bar, String>> labels) {
    renderer.setDefaultItemLabelGenerator(
        new Labels((series, row) -> labels.get(series).apply(data.bars().get(row))));
    renderer.setDefaultItemLabelsVisible(true);
    renderer.setDefaultItemLabelFont(Style.TEXT);
    renderer.setDefaultItemLabelPaint(theme.ink);
    renderer.setItemLabelInsets(new RectangleInsets(8, 8, 8, 8));
    renderer.setDefaultPositiveItemLabelPosition(
        new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
  }

  private LineAndShapeRenderer ticks() {
    LineAndShapeRenderer ticks = new LineAndShapeRenderer(false, true);
    ticks.setSeriesShape(0, TICK);
    ticks.setSeriesPaint(0, theme.ink);
    ticks.setDefaultSeriesVisibleInLegend(false);
    return ticks;
  }

  private LegendItem item(String label, Shape shape, Paint paint) {
    LegendItem item = new LegendItem(label, null, null, null, shape, paint);
    item.setLabelPaint(theme.ink);
    return item;
  }

  private Paint colour(int row) {
    return theme.of(data.bars().get(row).model());
  }

  private Set<HandlerModel> models() {
    Set<HandlerModel> models = new LinkedHashSet<>();
    data.bars().forEach(bar -> models.add(bar.model()));
    return models;
  }

  private static String name(HandlerModel model) {
    return model.label;
  }

  private static String answersOfCeiling(Bar bar) {
    String answers = Numbers.text(bar.answersPerSecond(), 1);
    return bar.ceilingPerSecond() == null
        ? answers
        : answers + " of " + Numbers.whole(bar.ceilingPerSecond());
  }

  private static String ms(Double value) {
    return value == null ? "not measured" : Numbers.whole(value) + " ms";
  }

  private static Double larger(Double length, Double ceiling) {
    return length == null || ceiling == null ? length : Double.valueOf(Math.max(length, ceiling));
  }

  private static Double atLeast(Double value, double least) {
    return value == null ? null : Double.valueOf(Math.max(value, least));
  }
}
