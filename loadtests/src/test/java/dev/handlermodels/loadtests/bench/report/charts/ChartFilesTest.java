package dev.handlermodels.loadtests.bench.report.charts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.report.charts.ChartData.Bar;
import dev.handlermodels.loadtests.bench.report.charts.ChartData.Latency;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ChartFilesTest {
  private static final ChartData DATA =
      new ChartData(
          "500 users & <more>. 2026-01-01, 2 cores.",
          List.of(
              new Bar("blocking /io", HandlerModel.THREAD_POOL, 39.9, 40.0, 12_437.0, 12_929.0),
              new Bar("vertx /io/blocking", HandlerModel.EVENT_LOOP, 0.0, 1.0, 30_000.0, 30_001.0),
              new Bar("nima /io", HandlerModel.VIRTUAL_THREADS, null, null, null, null)),
          List.of(
              new Latency(
                  "vertx /io/blocking",
                  HandlerModel.EVENT_LOOP,
                  List.of(0.5, 1.5),
                  Arrays.asList(null, 30_000.0))));

  @TempDir private Path out;

  @ParameterizedTest
  @ValueSource(strings = {"answers", "latency", "blocked-loop"})
  void eachChartIsWrittenForALightAndForADarkPage(String chart) throws Exception {
    assertThat(ChartFiles.write(out, DATA)).isEmpty();

    Element light = svg(ChartFiles.name(chart, false));
    Element dark = svg(ChartFiles.name(chart, true));
    assertThat(light.getAttribute("viewBox")).startsWith("0 0 760 ");
    assertThat(texts(light)).isNotEmpty().isEqualTo(texts(dark));
    assertThat(Files.readString(out.resolve(ChartFiles.name(chart, true))))
        .isNotEqualTo(Files.readString(out.resolve(ChartFiles.name(chart, false))));
    assertThat(texts(light)).contains("500 users & <more>. 2026-01-01, 2 cores.");
  }

  @Test
  void everyBarNamesItsFigures() throws Exception {
    ChartFiles.write(out, DATA);

    assertThat(texts(svg("charts/answers-light.svg")))
        .contains("blocking /io", "39.9 of 40", "0.0 of 1", "fixed pool", "event loop");
    assertThat(texts(svg("charts/latency-light.svg"))).contains("12,437 ms", "30,001 ms");
  }

  @Test
  void aScreenReaderGetsTitleMachineAndDate() throws Exception {
    ChartFiles.write(out, DATA);

    NodeList titles = svg("charts/answers-dark.svg").getElementsByTagName("title");
    assertThat(titles.item(0).getTextContent()).contains("Answers per second", "2026-01-01");
  }

  @Test
  void aRunWithoutABlockedLoopHasNoChartOfOne() throws Exception {
    ChartFiles.write(out, new ChartData(DATA.caption(), DATA.bars(), List.of()));

    assertThat(out.resolve("charts/answers-light.svg")).exists();
    assertThat(out.resolve("charts/blocked-loop-light.svg")).doesNotExist();
  }

  @Test
  void theSameDataMakeTheSameFile() throws Exception {
    ChartFiles.write(out, DATA);
    String first = Files.readString(out.resolve("charts/answers-light.svg"));
    ChartFiles.write(out, DATA);

    assertThat(out.resolve("charts/answers-light.svg")).hasContent(first);
  }

  /** The program of the test below. */
  static final class Draw {
    private Draw() {}

    public static void main(String[] args) throws IOException {
      System.out.println(ChartFiles.write(Path.of(args[0]), DATA).orElse("drawn"));
    }
  }

  @Test
  void aJdkWithoutJavaDesktopSaysSoAndGoesOn() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--limit-modules",
                "java.base,java.xml",
                "-cp",
                System.getProperty("java.class.path"),
                Draw.class.getName(),
                out.toString())
            .redirectErrorStream(true)
            .start();

    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(
            "No charts were written as files, because this JDK has no java.desktop."
                + System.lineSeparator());
    assertThat(process.waitFor()).isZero();
  }

  private Element svg(String file) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    // The DTD that Batik names is on the network.
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(out.resolve(file).toFile()).getDocumentElement();
  }

  private static List<String> texts(Element svg) {
    List<String> texts = new ArrayList<>();
    NodeList nodes = svg.getElementsByTagName("text");
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }
}
