package dev.handlermodels.loadtests.bench.report.charts;

import org.jfree.chart.labels.CategoryItemLabelGenerator;
import org.jfree.data.category.CategoryDataset;

/** The text at the end of a bar. */
record Labels(Text text) implements CategoryItemLabelGenerator {

  /** By the number of the bar's colour and of its row. */
  interface Text {
    String of(int series, int row);
  }

  @Override
  public String generateLabel(CategoryDataset values, int series, int row) {
    return text.of(series, row);
  }

  @Override
  public String generateRowLabel(CategoryDataset values, int series) {
    return values.getRowKey(series).toString();
  }

  @Override
  public String generateColumnLabel(CategoryDataset values, int row) {
    return values.getColumnKey(row).toString();
  }
}
