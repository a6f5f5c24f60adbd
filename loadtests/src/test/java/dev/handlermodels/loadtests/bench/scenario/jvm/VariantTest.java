package dev.handlermodels.loadtests.bench.scenario.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariantTest {
  @ParameterizedTest
  @CsvSource({"64m, 64", "256m, 256", "1g, 1024", "8g, 8192"})
  void aHeapIsWrittenAsForTheJvm(String text, int mib) {
    assertThat(Variant.heapMiB(text)).isEqualTo(mib);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "63m", "9g", "256", "1G", "1.5g", "m", "99999g"})
  void anyOtherIsRefusedInOneSentence(String text) {
    assertThatThrownBy(() -> Variant.heapMiB(text))
        .hasMessage("--heap takes sizes from 64m to 8g, such as 256m,1g, not '" + text + "'.");
  }

  /** jvm.options names the serial collector, and two collectors would end the JVM. */
  @Test
  void anotherCollectorReplacesTheOneOfTheFile() {
    assertThat(new Variant("zgc", 1024, 2).flags())
        .contains("-Xms1024m", "-Xmx1024m", "-XX:-UseSerialGC", "-XX:+UseZGC");
    assertThat(new Variant("g1", 256, 1).flags()).contains("-XX:+UseG1GC");
    assertThat(new Variant("parallel", 256, 1).flags()).contains("-XX:+UseParallelGC");
    assertThat(new Variant("serial", 256, 1).flags()).noneMatch(flag -> flag.contains("Use"));
  }

  /** One of the two, and the sentence says which. */
  @Test
  void processorsAreWithheldByTheKernelOrByTheJvm() {
    Variant one = new Variant("serial", 256, 1);
    if (one.before().isEmpty()) {
      assertThat(one.flags()).contains("-XX:ActiveProcessorCount=1");
      assertThat(Variant.means()).startsWith("-XX:ActiveProcessorCount");
    } else {
      assertThat(one.before()).endsWith("-c", "0");
      assertThat(new Variant("serial", 256, 2).before()).endsWith("-c", "0-1");
      assertThat(one.flags()).noneMatch(flag -> flag.contains("ActiveProcessorCount"));
      assertThat(Variant.means()).startsWith("taskset");
    }
  }

  @Test
  void allAreEachOfEach() {
    assertThat(Variant.all(List.of("serial", "g1"), List.of(256, 1024), List.of(1, 2)))
        .hasSize(8)
        .doesNotHaveDuplicates()
        .startsWith(new Variant("serial", 256, 1), new Variant("g1", 256, 1));
    assertThat(new Variant("g1", 1024, 1).label()).isEqualTo("g1, 1,024 MiB, 1 processor");
  }
}
