package dev.handlermodels.contracttests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Imports go one way: from the servers down to the contract. */
@Rules
class ArchitectureTest {
  private static final String ROOT = "dev.handlermodels.";
  private static final int MAX_FILES = 25;

  /** Lowest first: a package may use those before it. */
  private static final List<String> LAYERS =
      List.of(
          "api",
          "api.settings",
          "api.telemetry",
          "api.wire",
          "api.upstream",
          "api.database",
          "api.admission",
          "api.chat",
          "api.work",
          "api.launch");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/contract-tests/"))
          .importPackages("dev.handlermodels");

  @Test
  void every_package_is_read() {
    assertThat(packages().keySet())
        .containsAll(LAYERS.stream().map(ROOT::concat).toList())
        .contains(
            ROOT + "upstream", ROOT + "database", ROOT + "vertx", ROOT + "nima", ROOT + "blocking");
  }

  @Test
  void packages_form_no_circle() {
    slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void a_package_of_api_uses_only_those_below_it() {
    assertThat(packages().keySet().stream().filter(name -> name.startsWith(ROOT + "api")))
        .as("each package has its place")
        .containsExactlyInAnyOrderElementsOf(LAYERS.stream().map(ROOT::concat).toList());
    for (int i = 0; i < LAYERS.size(); i++) {
      String[] above =
          LAYERS.subList(i + 1, LAYERS.size()).stream().map(ROOT::concat).toArray(String[]::new);
      if (above.length > 0) {
        noClasses()
            .that()
            .resideInAPackage(ROOT + LAYERS.get(i))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(above)
            .check(CLASSES);
      }
    }
  }

  @Test
  void api_knows_no_server_and_no_client() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "api..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "upstream..",
            ROOT + "database..",
            ROOT + "vertx..",
            ROOT + "nima..",
            ROOT + "blocking..")
        .check(CLASSES);
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void a_server_uses_neither_of_its_siblings(Model model) {
    String[] siblings =
        List.of(Model.values()).stream()
            .filter(other -> other != model)
            .map(other -> ROOT + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + model + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(siblings)
        .check(CLASSES);
  }

  @Test
  void a_package_has_few_files() {
    packages().forEach((name, files) -> assertThat(files).as(name).isLessThanOrEqualTo(MAX_FILES));
  }

  /** How many source files each package has. */
  private static Map<String, Long> packages() {
    return CLASSES.stream()
        .filter(JavaClass::isTopLevelClass)
        .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
  }
}
