package dev.handlermodels.loadtests.bench.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DescriptionFileTest {
  private static final String ROWS = "rows: [{path: /x}]\n";
  private static final String NAMED = "name: mine\ncommand: java -jar app.jar\n";

  @TempDir private Path dir;

  @Test
  void aFileOfTenLinesIsEnough() {
    ServerDescription server =
        read(
            """
            name: spring
            model: Tomcat's pool
            command: java -jar target/app.jar --server.port=${port}
            environment:
              UPSTREAM: ${upstream}
            ready: /actuator/health
            rows:
              - path: /io
                waits: {pool: 40}
            """);

    assertThat(server.name()).isEqualTo("spring");
    assertThat(server.handlerModel()).isEqualTo(HandlerModel.UNKNOWN);
    assertThat(server.command())
        .containsExactly("java", "-jar", "target/app.jar", "--server.port=${port}");
    assertThat(server.environment()).isEqualTo(Map.of("UPSTREAM", "${upstream}"));
    assertThat(server.folder()).isEqualTo(dir.toString());
    assertThat(server.readyWithinSeconds()).isEqualTo(60);
    Row row = server.rows().getFirst();
    assertThat(row.id()).isEqualTo("spring-io");
    assertThat(row.simulation()).isEqualTo("EndpointSimulation");
    assertThat(row.query()).isEqualTo("waitMs=${waitMs}");
    assertThat(row.waits()).containsExactly(new Place("pool threads", 40));
  }

  @Test
  void aListTakesWhatALineDoesNot() {
    ServerDescription server = read("name: x\ncommand: [sh, -c, 'a && \"b c\"']\n" + ROWS);

    assertThat(server.command()).containsExactly("sh", "-c", "a && \"b c\"");
  }

  @Test
  void aServerThatRunsAlreadyNeedsAnAddressOnly() {
    ServerDescription server = read("name: x\nurl: http://10.0.0.7:8080\n" + ROWS);

    assertThat(server.isStarted()).isFalse();
    assertThat(server.rows().getFirst().hasKnownWaits()).isFalse();
  }

  private static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("", "the file takes fields, such as name: value"),
        mistake("- a\n", "the file takes fields, such as name: value"),
        mistake("rows: []\n", "name is missing"),
        mistake(
            "name: a b\n" + ROWS,
            "name takes at most 40 letters, digits, dots, dashes and underscores, not 'a b'"),
        mistake("name: x\n" + ROWS, "it takes a command or a url, and has none"),
        mistake(NAMED + "url: http://h:1\n" + ROWS, "it takes a command or a url, and has both"),
        mistake(
            "name: x\nurl: h:1\n" + ROWS,
            "url takes an address such as http://127.0.0.1:8080, not 'h:1'"),
        mistake(NAMED, "rows is missing: it lists what is measured, with at least a path each"),
        mistake(NAMED + "rows: /x\n", "rows takes a list, each with a dash in front"),
        mistake(NAMED + "rows: [/x]\n", "rows (1) takes fields, such as name: value"),
        mistake(NAMED + "rows: [{waits: users}]\n", "rows (1): path is missing"),
        mistake(
            NAMED + "rows: [{path: x}]\n",
            "rows (1): path takes a path that begins with /, not 'x'"),
        mistake(
            NAMED + "rows: [{path: '/x?a=1'}]\n",
            "rows (1): path takes a path alone; its query stands in query"),
        mistake(
            NAMED + "rows: [{path: /x}, {path: /x}]\n", "rows: two of them would be called mine-x"),
        mistake(
            NAMED + "rows: [{path: /x, simulation: Flood}]\n",
            "rows (1): simulation: there is no simulation 'Flood'; known are EndpointSimulation,"
                + " IoSimulation, IoBlockingSimulation, IoOffloadedSimulation"),
        mistake(
            NAMED + "rows: [{path: /x, waits: some}]\n",
            "rows (1): waits takes users, or places such as pool: 40, not 'some'"),
        mistake(
            NAMED + "rows: [{path: /x, waits: {pool: many}}]\n",
            "rows (1): waits: pool takes a whole number from 1 to 1000000, not 'many'"),
        mistake(
            NAMED + "rows: [{path: /x, waits: {pool: 0}}]\n",
            "rows (1): waits: pool takes a whole number from 1 to 1000000, not '0'"),
        mistake(
            NAMED + "rows: [{path: /x, waits: {pool: {setting: A}}}]\n",
            "rows (1): waits: pool: places is missing"),
        mistake(
            NAMED + "rows: [{path: /x, shows: all}]\n",
            "rows (1): shows takes the right way, a blocked loop, an offloaded call, a harmless"
                + " call, not 'all'"),
        mistake(
            NAMED + "rows: [{path: /x, wait: 5}]\n",
            "there is no field rows (1): wait; known are path, simulation, query, order, waits,"
                + " quick, shows, why, published"),
        mistake(
            NAMED + "comand: x\n" + ROWS,
            "there is no field comand; known are name, url, command, environment,"
                + " readyWithinSeconds, model, with, about, order, port, program, needs, ready,"
                + " live, census, settings, limits, rows"),
        mistake(
            NAMED + "port: 70000\n" + ROWS,
            "port takes a whole number from 1 to 65535, not '70000'"),
        mistake(
            NAMED + "port: high\n" + ROWS, "port takes a whole number from 1 to 65535, not 'high'"),
        mistake(
            NAMED + "readyWithinSeconds: [1]\n" + ROWS,
            "readyWithinSeconds takes a whole number from 1 to 600, not a list"),
        mistake(NAMED + "environment: x\n" + ROWS, "environment takes fields, such as name: value"),
        mistake(
            NAMED + "environment: {A: {B: c}}\n" + ROWS, "environment takes a text, not fields"),
        mistake(NAMED + "model: [a]\n" + ROWS, "model takes a text, not a list"),
        mistake(
            NAMED + "ready: health\n" + ROWS,
            "ready takes a path that begins with /, not 'health'"),
        mistake(
            NAMED + "census: threads\n" + ROWS,
            "census takes an address such as http://127.0.0.1:9090/threads, not 'threads'"),
        mistake(
            "name: x\ncommand: cd app && npm start\n" + ROWS,
            "command has &&, and no shell reads it: a list takes arguments with spaces, and a"
                + " script takes several commands"),
        mistake(
            "name: x\ncommand: java -jar 'my app.jar'\n" + ROWS,
            "command has 'my, and no shell reads it: a list takes arguments with spaces, and a"
                + " script takes several commands"),
        mistake(
            "name: x\ncommand: java -jar app.jar ${prot}\n" + ROWS,
            "there is no variable ${prot}; known are java, heap, program, host, port,"
                + " managementPort, management, upstream, users, waitMs, loops, pool, workers,"
                + " queue"));
  }

  private static Arguments mistake(String text, String phrase) {
    return Arguments.of(text, phrase);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeGetsOneSentenceThatNamesTheFile(String text, String phrase) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(dir.resolve("mine.yaml") + ": " + phrase + ".");
  }

  @ParameterizedTest
  @MethodSource("brokenYaml")
  void whatIsNoYamlSaysInWhichLine(String text, String line) {
    assertThatThrownBy(() -> read(text))
        .hasMessageStartingWith(dir.resolve("mine.yaml") + ": it is no YAML: " + line)
        .extracting(failure -> failure.getMessage().lines().count())
        .isEqualTo(1L);
  }

  private static Stream<Arguments> brokenYaml() {
    return Stream.of(
        Arguments.of("name: [x\n", "line 2, expected ',' or ']'"),
        Arguments.of("rows:\n\t- path: /x\n", "line 2, found character '\\t(TAB)'"),
        Arguments.of("name: x\nname: y\n" + ROWS, "line 2"),
        Arguments.of("name: \"x\n", "line "));
  }

  /** An alias of an alias of an alias would fill the memory. */
  @Test
  void aliasesDoNotMultiply() {
    String bomb =
        """
        a: &a [x, x, x, x, x, x, x, x, x, x]
        b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
        c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
        d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
        """;

    assertThatThrownBy(() -> read(bomb)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    assertThatThrownBy(() -> DescriptionFile.read(dir.resolve("none.yaml")))
        .hasMessage("There is no file " + dir.resolve("none.yaml") + ".");
    assertThatThrownBy(() -> DescriptionFile.read(dir)).hasMessage(dir + ": it is a folder.");
    Path latin = Files.write(dir.resolve("latin.yaml"), "é".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> DescriptionFile.read(latin))
        .hasMessage(latin + ": it is not text in UTF-8.");
    Path large = Files.writeString(dir.resolve("large.yaml"), "#".repeat(70_000));
    assertThatThrownBy(() -> DescriptionFile.read(large))
        .hasMessage(large + ": a description has at most 64 KiB.");
  }

  @Test
  void theReportHasNeitherCommandNorEnvironment() {
    ServerDescription server = read(NAMED + "environment: {PASSWORD: secret}\n" + ROWS).forReport();

    assertThat(server.command()).isEmpty();
    assertThat(server.environment()).isEmpty();
    assertThat(server.folder()).isNull();
    assertThat(server.rows()).hasSize(1);
  }

  @Test
  void theCatalogueHasTheRowsThatPublishedRunsName() {
    assertThat(Servers.ALL).containsExactly("vertx", "nima", "blocking");
    assertThat(Servers.rows())
        .extracting(Row::id)
        .containsExactly(
            "blocking-io",
            "vertx-io",
            "vertx-io-blocking",
            "nima-io",
            "vertx-io-offloaded",
            "nima-io-blocking",
            "blocking-io-blocking",
            "nima-io-pinned");
    assertThat(Servers.rows().stream().filter(row -> !row.quick()))
        .extracting(Row::id)
        .containsExactly("nima-io-pinned");
    assertThat(Servers.rows(List.of(Servers.get("fastapi"))))
        .extracting(Row::id)
        .containsExactly(
            "fastapi-sync-http",
            "fastapi-async-http",
            "fastapi-async-http-rebuilt",
            "fastapi-async-http-sync");
  }

  /** They are built by ./bench --with-peers alone, so no other test starts them. */
  @Test
  void thePeersAreThreeDescriptionsOfTwoApplications() {
    List<ServerDescription> peers =
        Servers.CATALOGUE.stream().filter(server -> "peers".equals(server.with())).toList();

    assertThat(Servers.rows(peers))
        .extracting(Row::title)
        .containsExactly(
            "spring-mvc /io",
            "spring-mvc-virtual /io",
            "spring-webflux /io",
            "spring-webflux /io/blocking");
    assertThat(peers)
        .extracting(ServerDescription::needs)
        .containsOnly(
            List.of("peers/spring-mvc/target/spring-mvc.jar"),
            List.of("peers/spring-webflux/target/spring-webflux.jar"));
    assertThat(peers)
        .allSatisfy(
            peer ->
                assertThat(Path.of("..", peer.needs().getFirst()).getParent().resolveSibling("src"))
                    .isDirectory());
  }

  private ServerDescription read(String text) {
    try {
      return DescriptionFile.read(Files.writeString(dir.resolve("mine.yaml"), text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
