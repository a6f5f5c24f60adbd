package dev.handlermodels.loadtests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * scripts/help: what ./bench says before anything is built. {@code -Dhelp.write=true} writes the
 * pages anew.
 */
class HelpPagesTest {
  private static final Path SCRIPTS = Path.of("../scripts").toAbsolutePath().normalize();
  private static final Path PAGES = SCRIPTS.resolve("help");
  private static final int HELP = 3;

  /** How a process ended, and what it printed. */
  private record Ended(int code, String out, String err) {}

  @BeforeAll
  static void write() throws IOException {
    if (Boolean.getBoolean("help.write")) {
      for (Map.Entry<String, String> page : pages().entrySet()) {
        Files.writeString(PAGES.resolve(page.getKey()), page.getValue());
      }
    }
  }

  private static Map<String, String> pages() {
    Map<String, String> pages = new TreeMap<>();
    CommandLine bench = BenchCommand.commandLine();
    pages.put("bench.txt", bench.getUsageMessage(Ansi.OFF));
    bench
        .getSubcommands()
        .forEach(
            (name, command) ->
                pages.put("bench-" + name + ".txt", command.getUsageMessage(Ansi.OFF)));
    return pages;
  }

  @Test
  void thePagesAreTheHelpOfTheCommands() throws IOException {
    assertThat(committed())
        .as("mvn -pl loadtests test -Dtest=HelpPagesTest -Dhelp.write=true writes them anew")
        .isEqualTo(pages());
  }

  private static Map<String, String> committed() throws IOException {
    Map<String, String> pages = new TreeMap<>();
    try (Stream<Path> files = Files.list(PAGES)) {
      for (Path file : files.filter(page -> !page.endsWith("serve.txt")).toList()) {
        pages.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return pages;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--user=5",
        "--users=0",
        "--users 10001",
        "--users=many",
        "--wait=-1",
        "--duration=0",
        "--repeat 21",
        "--open=0",
        "--users",
        "sok",
        "soak --hang-up=51",
        "soak --hang-up=half",
        "soak --user",
        "soak more",
        "cpu --wait=9",
        "overload --queue=10001",
        "report DIR more",
      })
  void aWrongArgumentIsAnsweredAsTheBenchItselfDoes(String arguments) throws Exception {
    StringWriter err = new StringWriter();
    CommandLine bench = BenchCommand.commandLine();
    bench.setErr(new PrintWriter(err, true));
    int code = bench.execute(arguments.split(" "));

    Ended checked = check(arguments.split(" "));

    assertThat(checked.err().lines().findFirst()).isEqualTo(err.toString().lines().findFirst());
    assertThat(checked.code()).isEqualTo(code).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--quick",
        "--quick --users 500 --rows=vertx-io",
        "--out target --port=0",
        "soak --quick --hang-up 50",
        "report target/bench/latest",
        "@file --nothing",
      })
  void rightArgumentsGoOn(String arguments) throws Exception {
    String[] given = arguments.isEmpty() ? new String[0] : arguments.split(" ");

    assertThat(check(given)).isEqualTo(new Ended(0, "", ""));
  }

  @Test
  void helpIsPrintedFromItsPage() throws Exception {
    assertThat(check("--quick", "--help"))
        .isEqualTo(new Ended(HELP, Files.readString(PAGES.resolve("bench.txt")), ""));
    assertThat(check("soak", "-h"))
        .isEqualTo(new Ended(HELP, Files.readString(PAGES.resolve("bench-soak.txt")), ""));
  }

  /** The scripts themselves, in a folder that holds nothing else: no Maven, no JDK, no jar. */
  @ParameterizedTest
  @ValueSource(strings = {"bench --help", "bench soak --help", "serve --help"})
  void aFreshCloneAnswersWithoutABuild(String command) throws Exception {
    Path clone = Files.createTempDirectory("fresh-clone");
    copy(SCRIPTS, clone.resolve("scripts"));
    for (String script : List.of("bench", "serve")) {
      Files.copy(SCRIPTS.resolveSibling(script), clone.resolve(script));
    }
    List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
    arguments.set(0, clone.resolve(arguments.getFirst()).toString());

    Ended ended = run(arguments);

    assertThat(ended.code()).isZero();
    assertThat(ended.out()).startsWith("Usage: ");
    assertThat(ended.err()).isEmpty();
    try (Stream<Path> left = Files.list(clone)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("bench", "scripts", "serve");
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static Ended check(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("awk", "-f", SCRIPTS.resolve("check-arguments.awk").toString(), "--"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static Ended run(List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("HELP_PAGES", PAGES.toString());
    Path err = Files.createTempFile("err", ".txt");
    Process process = builder.redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    return new Ended(code, out, Files.readString(err).lines().collect(Collectors.joining("\n")));
  }
}
