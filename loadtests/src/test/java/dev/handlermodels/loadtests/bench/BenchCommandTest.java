package dev.handlermodels.loadtests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BenchCommandTest {
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--users=0 | --users takes a whole number from 1 to 10000, not '0'.",
        "--users=10001 | --users takes a whole number from 1 to 10000, not '10001'.",
        "--users=many | --users takes a whole number from 1 to 10000, not 'many'.",
        "--wait=-1 | --wait takes a whole number from 0 to 60000, not '-1'.",
        "--duration=0 | --duration takes a whole number from 1 to 3600, not '0'.",
        "--ramp=601 | --ramp takes a whole number from 0 to 600, not '601'.",
        "--warmup=1.5 | --warmup takes a whole number from 0 to 600, not '1.5'.",
        "--timeout=0 | --timeout takes a whole number from 1 to 120000, not '0'.",
        "--port=65536 | --port takes a whole number from 1 to 65535, not '65536'.",
        "--servers=tomcat | --servers takes vertx, nima, blocking, or the path of a description"
            + " (docs/your-server.md), not 'tomcat'.",
        "--servers= | --servers takes vertx, nima, blocking, or the path of a description"
            + " (docs/your-server.md), not ''.",
        "--servers=nima,nima | --servers takes each name once, and there are two servers 'nima'.",
        "--servers=no/such.yaml | There is no file no/such.yaml.",
        "--rows=vertx | --rows takes blocking-io, vertx-io, vertx-io-blocking, nima-io,"
            + " vertx-io-offloaded, nima-io-blocking, blocking-io-blocking, nima-io-pinned, not"
            + " 'vertx'.",
        "--servers=nima --rows=vertx-io | --servers and --rows leave no row.",
        "--port=18081 | --port, --management-port and --upstream-port take three different ports.",
        "--open=0 | --open takes a whole number from 1 to 10000, not '0'.",
        "--open=10000 --duration=3600 | --open 10000 for 3640 s makes 36,500,000 arrivals, and"
            + " 1,000,000 are the limit.",
        "--target=localhost | --target takes an address such as http://127.0.0.1:8080, not"
            + " 'localhost'.",
        "--target=http://h/path | --target takes an address such as http://127.0.0.1:8080, not"
            + " 'http://h/path'.",
        "--management=http://h:1 | --management goes with --target.",
        "--send-to=http://h:1/0 | --send-to goes with --target.",
        "--target=http://h:1 --send-to=http://h:1 | --send-to takes http://HOST:PORT/NAME, not"
            + " 'http://h:1'.",
        "report x --receive=0 | --receive takes a number from 1 to 1000, not '0'.",
        "report x --receive-port=99999 | --receive-port takes a number from 1 to 65535, not"
            + " '99999'.",
        "report x --receive-within=soon | --receive-within takes a number from 1 to 1440, not"
            + " 'soon'.",
        "--target=http://h:1 --with-fastapi | --with-fastapi starts a server, and --target starts"
            + " none.",
        "--target=http://127.0.0.1:1 | http://127.0.0.1:1 does not answer GET / as one of vertx,"
            + " nima, blocking does; --path PATH loads any other server.",
        "--path=/x | --path goes with --target.",
        "--target=http://h:1 --path=x | --path takes a path such as /api/orders, not 'x'.",
        "--target=http://h:1 --name=x | --name goes with --path.",
        "--target=http://h:1 --places=4 | --places goes with --path.",
        "--target=http://h:1 --path=/x --rows=vertx-io | --path is the only row, so --rows does not"
            + " go with it.",
        "open-vs-closed --open=0 | --open takes a whole number from 1 to 2000, not '0'.",
        "open-vs-closed --port=18081 | --port, --management-port and --upstream-port take three"
            + " different ports.",
        "scale --port=0 | A port takes a whole number from 1 to 65535, not '0'.",
        "scale --users=5 | --users leaves no load.",
        "decide --run | --run goes with --step.",
        "decide --run --step=sql:10001 | --run measures at most 10000 ms of sql in one request.",
        "cpu --wait=9 | --wait takes a whole number from 10 to 10000, not '9'.",
        "cpu --work=1001 | --work takes a whole number from 1 to 1000, not '1001'.",
        "decide --step=disk:5 | --step takes KIND:MS or KIND:MS@POOL (kinds: call, sql, cpu; 1 to"
            + " 60000 ms; a pool of 1 to 100000), not 'disk:5'.",
        "decide --step=sql:5@2 --step=sql:5@3 | Steps of one kind share a pool, but sql:5@2 and"
            + " sql:5@3 name two sizes.",
        "fanout --calls=5 | Unknown option: '--calls=5'",
        "jobs --users=5 | Unknown option: '--users=5'",
        "throughput --users=5 | Unknown option: '--users=5'",
        "telemetry --users=5 | Unknown option: '--users=5'",
        "soak --duration=10s | --duration takes a time such as 1800s, 30m or 2h, from 30s to 24h,"
            + " not '10s'.",
        "soak --duration=25h | --duration takes a time such as 1800s, 30m or 2h, from 30s to 24h,"
            + " not '25h'.",
        "soak --servers=nima,tomcat | --servers takes vertx, nima, blocking, not 'tomcat'.",
        "soak --hang-up=51 | --hang-up takes a whole number from 0 to 50, not '51'.",
        "--user=5 | Unknown option: '--user=5'",
      })
  void aWrongOptionIsAnsweredWithOneSentenceAndCode2(String options, String sentence) {
    int code = execute(options.split(" "));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString().strip()).isEqualTo(sentence);
  }

  @Test
  void aPortInUseIsNamed() throws IOException {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int code =
          execute(
              "--port=" + freePort(),
              "--management-port=" + freePort(),
              "--upstream-port=" + used.getLocalPort(),
              "--rows=vertx-io");

      assertThat(code).isEqualTo(2);
      assertThat(err.toString())
          .startsWith("Port " + used.getLocalPort() + " is in use; choose others");
    }
  }

  /** The default may be in use by another run on this machine. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aFolderWithSomethingInItIsNotOverwritten(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("results.json"), "{}");

    assertThat(execute("--out", dir.toString())).isEqualTo(2);
    assertThat(err.toString()).startsWith("--out takes a new or empty folder");
  }

  @Test
  void aReportNeedsARun(@TempDir Path dir) {
    assertThat(execute("report", dir.toString())).isEqualTo(2);
    assertThat(err.toString().strip()).isEqualTo(dir + " holds no run of the bench to report on.");
  }

  @Test
  void aScenarioThatKeepsRunsIsNoFolderOfInjectors(@TempDir Path dir) throws IOException {
    ScenarioFile.write(dir, "OPEN_VS_CLOSED");
    Settings closed = new Settings(2, 100, 0, 1, 2, 5000, 1, 40, 40, 1, 2, 3);
    for (Settings settings : List.of(closed, closed.open(10))) {
      Path run = Files.createDirectories(dir.resolve(settings.isOpen() ? "open" : "closed"));
      Machine machine = new Machine("os", "cpu", 2, 1024, "jdk", null, List.of(), List.of());
      Json.write(Layout.run(run), new RunManifest("now", machine, settings, List.of("vertx-io")));
    }

    assertThat(execute("report", dir.toString())).as(err.toString()).isZero();
    assertThat(dir.resolve("report.html")).exists();
    assertThat(Layout.run(dir)).doesNotExist();
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(execute("--help")).isZero();
    assertThat(out.toString())
        .contains("--users", "--wait", "--duration", "--ramp", "--warmup", "--timeout")
        .contains("--servers", "--rows", "--out", "--quick", "--help", "report")
        .contains(
            "--open",
            "--with-fastapi",
            "open-vs-closed",
            "throughput",
            "scale",
            "cpu",
            "jobs",
            "fanout")
        .contains("telemetry");
  }

  @Test
  void aFileThatCannotBeUsedGetsASentenceAndNotItsPathAlone() {
    assertThat(BenchCommand.sentence(new AccessDeniedException("/ro/target")))
        .isEqualTo("There is no permission to use /ro/target.");
    assertThat(BenchCommand.sentence(new NoSuchFileException("/ro/target")))
        .isEqualTo("There is no /ro/target.");
    assertThat(BenchCommand.sentence(new IllegalStateException("why"))).isEqualTo("why");
  }

  private int execute(String... options) {
    CommandLine commandLine = BenchCommand.commandLine();
    commandLine.setErr(new PrintWriter(err, true));
    commandLine.setOut(new PrintWriter(out, true));
    return commandLine.execute(options);
  }
}
