package dev.handlermodels.loadtests.bench.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.process.ChildProcesses;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.StandIn;
import dev.handlermodels.loadtests.bench.process.StopSignal;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.servers.DescriptionFile;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.load.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stranger's server, started by its description: Python's http.server. */
@Tag("slow")
class ForeignServerTest {
  private ChildProcesses children;
  private Layout layout;
  private Settings settings;

  @TempDir private Path dir;

  @BeforeEach
  void tree() throws IOException {
    layout = new Layout(dir, dir.resolve("out"));
    children = new ChildProcesses(dir);
    Files.createDirectories(layout.out());
    Files.writeString(dir.resolve(Layout.JVM_OPTIONS), "-Xmx64m\n-Xlog:aot*=off\n");
    StandIn.writeJar(dir.resolve(Layout.UPSTREAM_JAR));
    settings =
        new Settings(
            4,
            0,
            0,
            1,
            2,
            5000,
            1,
            40,
            40,
            LoopbackAddress.freePort(),
            LoopbackAddress.freePort(),
            LoopbackAddress.freePort());
  }

  @AfterEach
  void nothingIsLeftRunning() {
    children.close();
  }

  @Test
  void pythonsServerIsARowLikeAnyOther() throws Exception {
    assumeThat(python()).as("python3 is not on this machine").isTrue();
    Files.writeString(dir.resolve("page.txt"), "hello");

    RowResult row =
        run(
            """
            name: python
            model: a thread for each connection
            command: python3 -m http.server ${port} --bind ${host}
            rows:
              - path: /page.txt
                query: ""
            """);

    assertThat(row.status()).as(row.trouble()).isEqualTo("complete");
    assertThat(row.id()).isEqualTo("python-page.txt");
    assertThat(row.successesPerSecond()).isPositive();
    assertThat(row.failures()).isZero();
    assertThat(row.startupMs()).isPositive();
    assertThat(row.cpuSeconds().server()).isNotNegative();
    assertThat(row.threads()).isNull();
    assertThat(row.ceilingPerSecond()).isNull();
    assertThat(row.proof().unanswered()).isZero();
    assertThat(row.verdict().aboveCeiling().sentence())
        .isEqualTo(
            "Unknown: the description does not say what waits here, so there is no ceiling.");
    assertThat(row.verdict().starved().sentence()).startsWith("Nobody starved: 0 of 4 users");
    assertThat(row.verdict().summary()).startsWith("Ceiling unknown: ");
    String manifest = Files.readString(Layout.run(layout.out()));
    assertThat(manifest).contains("a thread for each connection").doesNotContain("http.server");
  }

  @Test
  void aCommandThatDoesNotStartSaysSo() throws Exception {
    RowResult row = run("name: x\ncommand: no-such-program --port ${port}\nrows: [{path: /}]\n");

    assertThat(row.status()).isEqualTo("failed");
    assertThat(row.trouble())
        .isEqualTo(
            "The command of x does not start: there is no program 'no-such-program' that can be"
                + " run.");
  }

  @Test
  void aCommandThatEndsAtOnceSaysSo() throws Exception {
    RowResult row =
        run("name: x\ncommand: [sh, -c, echo wrong password; exit 3]\nrows: [{path: /}]\n");

    assertThat(row.trouble()).startsWith("The server ended with code 3 at ");
    assertThat(row.lastLogLines()).containsExactly("wrong password");
  }

  @Test
  void aPortThatNeverOpensSaysSo() throws Exception {
    RowResult row = run("name: x\ncommand: sleep 60\nreadyWithinSeconds: 1\nrows: [{path: /}]\n");

    assertThat(row.trouble())
        .isEqualTo(
            "The server was not ready within 1 s: nothing answers at " + settings.baseUrl() + ".");
  }

  @Test
  void aReadinessThatNeverComesSaysWhatItAnsweredInstead() throws Exception {
    assumeThat(python()).as("python3 is not on this machine").isTrue();

    RowResult row =
        run(
            """
            name: python
            command: python3 -m http.server ${port} --bind ${host}
            ready: /health
            readyWithinSeconds: 5
            rows: [{path: /}]
            """);

    assertThat(row.trouble())
        .isEqualTo(
            "The server was not ready within 5 s: "
                + settings.baseUrl()
                + "/health answers with status 404, not 200.");
  }

  @Test
  void anAddressWhereNobodyListensSaysSo() throws Exception {
    String url = LoopbackAddress.url(LoopbackAddress.freePort());

    RowResult row = run("name: x\nurl: " + url + "\nrows: [{path: /}]\n");

    assertThat(row.trouble()).isEqualTo("x is not ready: nothing answers at " + url + ".");
  }

  private RowResult run(String description) throws Exception {
    ServerDescription server =
        DescriptionFile.read(Files.writeString(dir.resolve("mine.yaml"), description));
    List<String> ids = List.of(server.rows().getFirst().id());
    Json.write(
        Layout.run(layout.out()),
        new RunManifest(
            "now", Machine.here(layout), settings, ids, 1, List.of(), List.of(server.forReport())));
    Progress progress = new Progress(new PrintStream(new ByteArrayOutputStream()), false, 1);
    progress.row(server.name());
    try (LoopbackClient loopback = new LoopbackClient()) {
      new RowRunner(layout, settings, children, new StopSignal(), progress, loopback)
          .servers(List.of(server))
          .run(server.rows().getFirst(), 1);
    }
    return ReportWriter.write(layout.out()).rows().getFirst();
  }

  private static boolean python() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
