package dev.handlermodels.loadtests.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompareCommandTest {
  private final StringWriter err = new StringWriter();

  @TempDir private Path dir;

  @Test
  void slowerIsExitCode3AndFasterIs0() throws IOException {
    Path slow = run("slow", 2, 400, 401, 399);
    Path fast = run("fast", 2, 500, 501, 499);

    assertThat(compare(fast, slow)).isEqualTo(3);
    assertThat(compare(slow, fast)).isZero();
    assertThat(compare(slow, slow)).isZero();
  }

  @Test
  void runsUnderOtherConditionsAreRefused() throws IOException {
    Path two = run("two", 2, 500, 501, 499);
    Path four = run("four", 4, 500, 501, 499);

    assertThat(compare(two, four)).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("These runs were not made under the same conditions; --anyway compares them.");
    assertThat(execute("--anyway", two.toString(), four.toString())).isZero();
  }

  @Test
  void runsOfAnotherKindCannotBeCompared() throws IOException {
    Path table = run("table", 2, 500, 501);
    Path soak = run("soak", 2, 500, 501);
    Files.writeString(soak.resolve("scenario.json"), "{\"scenario\": \"SOAK\"}");

    assertThat(compare(table, soak)).isEqualTo(2);
    assertThat(err.toString()).contains("only runs of one kind can be compared");
  }

  @Test
  void theRoundsOfTwoCommitsAreComparedAgainFromTheirFolder() throws IOException {
    for (int round = 1; round <= 3; round++) {
      run("first-" + round, 2, 500 + round);
      run("second-" + round, 2, 400 + round);
    }

    assertThat(execute(dir.toString())).isEqualTo(3);
    assertThat(dir.resolve("comparison.md")).content().contains("502.0 of 3").contains("slower");
  }

  @Test
  void aCommitThatIsNotThereIsRefused() {
    assertThat(execute("--commits", "no-such-commit", "HEAD")).isEqualTo(2);
    assertThat(err.toString()).startsWith("There is no commit no-such-commit.");
  }

  @Test
  void wrongArgumentsGetASentence() {
    assertThat(execute()).isEqualTo(2);
    assertThat(execute("a", "b", "c")).isEqualTo(2);
    assertThat(execute(dir.toString())).isEqualTo(2);
    assertThat(execute("--commits", "a", "b", "--rounds=2")).isEqualTo(2);
    assertThat(execute(dir.toString(), dir.toString())).isEqualTo(2);
    assertThat(err.toString())
        .contains("compare takes two folders of runs, or --commits and two commits.")
        .contains(dir + " holds no rounds of two commits")
        .contains("--rounds takes a whole number from 3 to 20, not '2'.")
        .contains(dir + " holds no results.json of a run.");
  }

  private int compare(Path first, Path second) {
    return execute(first.toString(), second.toString());
  }

  private int execute(String... arguments) {
    CommandLine line = new CommandLine(new CompareCommand());
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private Path run(String name, int cores, double... answers) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (double perSecond : answers) {
      rows.append(rows.isEmpty() ? "" : ",")
          .append(
              String.format(
                  Locale.ROOT,
                  "{\"server\":\"s\",\"endpoint\":\"/\",\"status\":\"complete\","
                      + "\"successesPerSecond\":%s}",
                  perSecond));
    }
    Path folder = Files.createDirectories(dir.resolve(name));
    Files.writeString(
        folder.resolve("results.json"),
        String.format(
            Locale.ROOT,
            "{\"schema\":1,\"machine\":{\"cores\":%s},\"settings\":{},\"rows\":[%s]}",
            cores,
            rows));
    return folder;
  }
}
