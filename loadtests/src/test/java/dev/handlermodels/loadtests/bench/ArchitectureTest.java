package dev.handlermodels.loadtests.bench;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packages of this module, their order and their size. */
class ArchitectureTest {
  private static final String ROOT = "dev.handlermodels.loadtests";
  private static final Path SOURCES = Path.of("src/main/java");
  private static final int MOST_FILES = 25;

  /** Lowest first: a package imports only packages that stand before it. */
  private static final List<String> LAYERS =
      List.of(
          ".load",
          "",
          ".bench.stats",
          ".bench.servers",
          ".bench.config",
          ".bench.transfer",
          ".bench.process",
          ".bench.sampling",
          ".bench.profile",
          ".bench.row",
          ".bench.evidence",
          ".bench.report.charts",
          ".bench.report",
          ".bench.options",
          ".bench.scenario",
          ".bench.scenario.*",
          ".bench.published",
          ".bench.compare",
          ".bench");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  private static Stream<String> layers() {
    return LAYERS.stream();
  }

  @Test
  void everySourceFileIsImported() throws IOException {
    List<String> missing =
        sources().stream()
            .map(file -> SOURCES.relativize(file).toString())
            .filter(file -> !file.endsWith("package-info.java"))
            .map(file -> file.replace(".java", "").replace('/', '.'))
            .filter(name -> !CLASSES.contain(name))
            .toList();

    assertThat(missing).isEmpty();
    assertThat(CLASSES.size()).isGreaterThan(150);
  }

  @Test
  void everyPackageHasALayer() {
    assertThat(CLASSES).allMatch(type -> LAYERS.stream().anyMatch(layer -> isIn(type, layer)));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void aPackageImportsOnlyPackagesBelowIt(String layer) {
    List<String> above = LAYERS.subList(LAYERS.indexOf(layer) + 1, LAYERS.size());

    ArchRuleDefinition.noClasses()
        .that(in(List.of(layer)))
        .should()
        .dependOnClassesThat(in(above))
        .check(CLASSES);
  }

  @Test
  void thereAreNoCyclesBetweenPackages() {
    slices().matching("dev.handlermodels.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void scenariosDoNotImportEachOther() {
    slices()
        .matching(ROOT + ".bench.scenario.(*)..")
        .should()
        .notDependOnEachOther()
        .check(CLASSES);
  }

  @Test
  void noPackageHasMoreFilesThanAReaderCanOverlook() throws IOException {
    Map<Path, Long> files =
        sources().stream().collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));

    assertThat(files).allSatisfy((dir, count) -> assertThat(count).isLessThanOrEqualTo(MOST_FILES));
    assertThat(files.keySet())
        .allSatisfy(dir -> assertThat(dir.resolve("package-info.java")).exists());
  }

  /** Servers are descriptions, and a sentence takes their names from there. */
  @Test
  void noCodeSpellsTheNameOfAServer() throws IOException {
    for (ServerDescription server : Servers.CATALOGUE) {
      // "blocking" also says what a call does: there only the name alone and a title count.
      Pattern spelled =
          Pattern.compile(
              server.name().equals("blocking")
                  ? "\"blocking\"|\"([^\"\\n]* )?blocking /"
                  : "\"[^\"\\n]*(?<![\\w./-])" + server.name() + "(?![\\w.-])");
      for (Path file : sources()) {
        assertThat(spelled.matcher(Files.readString(file)).results().map(MatchResult::group))
            .as(file.toString())
            .isEmpty();
      }
    }
  }

  @Test
  void everyScenarioIsInTheList() {
    List<String> scenarios =
        CLASSES.stream()
            .filter(type -> type.isAssignableTo(ScenarioCommand.class))
            .filter(type -> !type.isEquivalentTo(ScenarioCommand.class))
            .map(JavaClass::getName)
            .toList();

    assertThat(Scenarios.all())
        .extracting(scenario -> scenario.getClass().getName())
        .containsExactlyInAnyOrderElementsOf(scenarios);
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  private static DescribedPredicate<JavaClass> in(List<String> layers) {
    return DescribedPredicate.describe(
        "are in " + layers, type -> layers.stream().anyMatch(layer -> isIn(type, layer)));
  }

  private static boolean isIn(JavaClass type, String layer) {
    String name = ROOT + layer;
    return name.endsWith(".*")
        ? type.getPackageName().startsWith(name.substring(0, name.length() - 1))
        : type.getPackageName().equals(name);
  }
}
