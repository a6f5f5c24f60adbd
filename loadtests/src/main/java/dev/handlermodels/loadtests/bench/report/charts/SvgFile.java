package dev.handlermodels.loadtests.bench.report.charts;

import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Writes a chart as SVG: titles and labels stay text, and a title is there for screen readers. */
final class SvgFile {
  private static final String SVG = "http://www.w3.org/2000/svg";

  private SvgFile() {}

  static void write(Path file, JFreeChart chart, int width, int height, String title)
      throws IOException {
    Document document = document();
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
    context.setPrecision(2);
    context.setComment("Made by ./bench");
    SVGGraphics2D graphics = new SVGGraphics2D(context, false);
    chart.draw(graphics, new Rectangle2D.Double(0, 0, width, height));
    Element root = graphics.getRoot();
    root.setAttribute("viewBox", String.format(Locale.ROOT, "0 0 %d %d", width, height));
    root.setAttribute("width", String.valueOf(width));
    root.setAttribute("height", String.valueOf(height));
    root.setAttribute("role", "img");
    Element name = document.createElementNS(SVG, "title");
    name.setTextContent(title);
    root.insertBefore(name, root.getFirstChild());
    try (Writer text = new StringWriter()) {
      graphics.stream(root, text, false, false);
      Files.writeString(file, text.toString());
    }
  }

  private static Document document() throws IOException {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument(SVG, "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IOException("This JDK makes no XML documents: " + e.getMessage(), e);
    }
  }
}
