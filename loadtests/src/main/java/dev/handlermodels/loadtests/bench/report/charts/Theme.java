package dev.handlermodels.loadtests.bench.report.charts;

import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import java.awt.Color;

/**
 * The colours of a light and of a dark page. The three of the models are from the palette of Okabe
 * and Ito, which colour-blind readers tell apart; no chart tells anything by colour alone.
 */
enum Theme {
  LIGHT("#ffffff", "#1c2127", "#5b6570", "#d9dee4", "#0072b2", "#009e73", "#d55e00"),
  DARK("#14171b", "#e7eaee", "#a3adb8", "#353c45", "#56b4e9", "#2fc79c", "#e69f00");

  final Color paper;
  final Color ink;
  final Color soft;
  final Color line;
  final Color blue;
  final Color green;
  final Color orange;

  Theme(
      String paper,
      String ink,
      String soft,
      String line,
      String blue,
      String green,
      String orange) {
    this.paper = Color.decode(paper);
    this.ink = Color.decode(ink);
    this.soft = Color.decode(soft);
    this.line = Color.decode(line);
    this.blue = Color.decode(blue);
    this.green = Color.decode(green);
    this.orange = Color.decode(orange);
  }

  Color of(HandlerModel model) {
    return switch (model) {
      case EVENT_LOOP -> blue;
      case VIRTUAL_THREADS -> green;
      case THREAD_POOL -> orange;
      case UNKNOWN -> soft;
    };
  }
}
