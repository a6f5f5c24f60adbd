package dev.handlermodels.loadtests.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.profile.CallTree;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class FlameGraphTest {
  private static Element svg(CallTree calls) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(FlameGraph.svg(calls, "Flames of <x>"))))
        .getDocumentElement();
  }

  @Test
  void aGraphIsWellFormedAndHasNoScript() throws Exception {
    CallTree calls = new CallTree("all");
    calls.add(List.of("a.B.<init>", "a.C.\"quoted\" & more"));
    Element svg = svg(calls);

    assertThat(svg.getAttribute("aria-label")).isEqualTo("Flames of <x>");
    assertThat(svg.getElementsByTagName("script").getLength()).isZero();
    assertThat(svg.getElementsByTagName("title").item(1).getTextContent())
        .isEqualTo("a.B.<init>, 100.0 %");
  }

  @Test
  void aCalleeStandsBelowItsCallerAndIsAsWideAsItsShare() throws Exception {
    CallTree calls = new CallTree("all");
    for (int i = 0; i < 3; i++) {
      calls.add(List.of("x.A.a"));
    }
    calls.add(List.of("x.B.b", "x.C.c"));
    NodeList frames = svg(calls).getElementsByTagName("svg");

    assertThat(frames.getLength()).isEqualTo(4);
    Element c = (Element) frames.item(3);
    assertThat(c.getAttribute("x")).isEqualTo("75.000%");
    assertThat(c.getAttribute("width")).isEqualTo("25.000%");
    assertThat(c.getAttribute("y")).isEqualTo("34");
    assertThat(((Element) frames.item(0)).getAttribute("y")).isEqualTo("0");
  }

  @Test
  void whatCouldNotBeSeenIsNotDrawn() throws Exception {
    CallTree calls = new CallTree("all");
    for (int i = 0; i < 999; i++) {
      calls.add(List.of("x.A.a"));
    }
    calls.add(List.of("x.B.b"));

    assertThat(svg(calls).getElementsByTagName("svg").getLength()).isEqualTo(2);
  }

  @Test
  void aFrameIsColouredByItsOwner() {
    assertThat(FlameGraph.owner("dev.handlermodels.vertx.Handlers.io")).isEqualTo("ours");
    assertThat(FlameGraph.owner("java.lang.Thread.run")).isEqualTo("jdk");
    assertThat(FlameGraph.owner("jdk.internal.vm.Continuation.run")).isEqualTo("jdk");
    assertThat(FlameGraph.owner("io.netty.channel.epoll.Native.epollWait")).isEqualTo("library");
  }

  @Test
  void aFrameShowsItsClassAndMethod() {
    assertThat(FlameGraph.shortName("a.b.Name.method")).isEqualTo("Name.method");
    assertThat(FlameGraph.shortName("Name.method")).isEqualTo("Name.method");
    assertThat(FlameGraph.shortName("all")).isEqualTo("all");
  }
}
