package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.process.FastApi;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.row.Row;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuCommand;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideCommand;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutCommand;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsCommand;
import dev.handlermodels.loadtests.bench.scenario.hostile.HostileCommand;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsCommand;
import dev.handlermodels.loadtests.bench.scenario.openvsclosed.OpenVsClosedCommand;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadCommand;
import dev.handlermodels.loadtests.bench.scenario.scale.ScaleCommand;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakCommand;
import dev.handlermodels.loadtests.bench.scenario.streams.StreamsCommand;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryCommand;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputCommand;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of {@code ./bench}, checked before anything is started. */
@Command(
    name = "bench",
    subcommands = {
      OpenVsClosedCommand.class,
      ThroughputCommand.class,
      ScaleCommand.class,
      CpuCommand.class,
      JobsCommand.class,
      FanoutCommand.class,
      TelemetryCommand.class,
      DecideCommand.class,
      StreamsCommand.class,
      HostileCommand.class,
      OverloadCommand.class,
      FaultsCommand.class,
      SoakCommand.class,
      ReportCommand.class
    },
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Puts Gatling users on each server and prints the table; target/bench/latest holds the"
          + " report.",
      ""
    },
    footer = {
      "",
      "Exit code: 0 every row complete, 1 a row partial or failed, 2 a wrong option or a port in"
          + " use,",
      "130 Ctrl-C (what was measured is kept)."
    })
final class BenchCommand implements Callable<Integer> {
  private static final int EVENT_LOOPS = 1;
  private static final int POOL_SIZE = 40;
  private static final int WORKERS = 40;
  private static final List<String> SERVERS = List.of("vertx", "nima", "blocking");
  private static final List<String> ROWS = Row.ours().stream().map(Row::id).toList();

  @Spec private CommandSpec spec;

  @Option(
      names = "--quick",
      order = 0,
      description = "All rows in under three minutes once built: ramp 2, warm-up 7, duration 10.")
  private boolean quick;

  @Option(
      names = {"-h", "--help"},
      order = 13,
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  @Option(
      names = "--with-fastapi",
      order = 12,
      description =
          "FastAPI beside it, where python3 has fastapi, uvicorn and httpx: four more rows.")
  private boolean withFastApi;

  private Integer openRate;
  private int users = 500;
  private int waitMs = 1000;
  private Integer rampSeconds;
  private Integer warmupSeconds;
  private Integer durationSeconds;
  private int timeoutMs = 30_000;
  private int port = 18080;
  private int managementPort = 19090;
  private int upstreamPort = 18081;
  private List<String> servers = SERVERS;
  private List<String> rows = ROWS;
  private Path out;
  private int repeats = 1;
  private String target;
  private String management;

  @Option(
      names = "--repeat",
      order = 8,
      paramLabel = "N",
      description = "Runs all rows N times in turn, 1 to 20; the table shows medians. Default 1.")
  void repeat(String value) {
    repeats = number("--repeat", value, Limits.REPEATS);
  }

  @Option(
      names = "--users",
      order = 1,
      paramLabel = "N",
      description = "Users at the same time, 1 to 10000; default 500.")
  void users(String value) {
    users = number("--users", value, Limits.USERS);
  }

  @Option(
      names = "--open",
      order = 1,
      paramLabel = "RATE",
      description =
          "Open model: so many arrivals a second, 1 to 10000, in place of users that wait.")
  void open(String value) {
    openRate = number("--open", value, new Limits(1, Limits.RATE.max()));
  }

  @Option(
      names = "--wait",
      order = 2,
      paramLabel = "MS",
      description = "How long the upstream takes, 0 to 60000 ms; default 1000.")
  void waitMs(String value) {
    waitMs = number("--wait", value, Limits.WAIT_MS);
  }

  @Option(
      names = "--ramp",
      order = 3,
      paramLabel = "S",
      description = "Time in which the users arrive, 0 to 600 s; default 10.")
  void ramp(String value) {
    rampSeconds = number("--ramp", value, Limits.RAMP_SECONDS);
  }

  @Option(
      names = "--warmup",
      order = 4,
      paramLabel = "S",
      description =
          "Time with all users before measuring, 0 to 600 s; ends sooner once settled; default 30.")
  void warmup(String value) {
    warmupSeconds = number("--warmup", value, Limits.WARMUP_SECONDS);
  }

  @Option(
      names = "--duration",
      order = 5,
      paramLabel = "S",
      description = "The measured window, 1 to 3600 s; default 60.")
  void duration(String value) {
    durationSeconds = number("--duration", value, Limits.DURATION_SECONDS);
  }

  @Option(
      names = "--timeout",
      order = 6,
      paramLabel = "MS",
      description = "How long a client waits for its answer, 1 to 120000 ms; default 30000.")
  void timeout(String value) {
    timeoutMs = number("--timeout", value, Limits.TIMEOUT_MS);
  }

  @Option(
      names = "--servers",
      order = 7,
      paramLabel = "NAME,...",
      description = "Only rows of these: vertx, nima, blocking.")
  void servers(String value) {
    servers = choice("--servers", value, SERVERS);
  }

  @Option(
      names = "--rows",
      order = 8,
      paramLabel = "ID,...",
      description =
          "Only these: blocking-io, vertx-io, vertx-io-blocking, nima-io, vertx-io-offloaded,"
              + " nima-io-blocking, blocking-io-blocking.")
  void rows(String value) {
    rows = choice("--rows", value, ROWS);
  }

  @Option(
      names = "--out",
      order = 9,
      paramLabel = "DIR",
      description = "Where the report goes; a new or empty folder. Default target/bench/TIME.")
  void out(String value) throws IOException {
    out = Path.of(value).toAbsolutePath().normalize();
    if (Files.exists(out) && (!Files.isDirectory(out) || !isEmpty(out))) {
      throw wrong("--out takes a new or empty folder, and %s is not one.".formatted(value));
    }
  }

  @Option(
      names = "--port",
      order = 10,
      paramLabel = "PORT",
      description = "Of the server; default 18080.")
  void port(String value) {
    port = number("--port", value, Limits.PORT);
  }

  @Option(
      names = "--management-port",
      order = 11,
      paramLabel = "PORT",
      description = "Of the server's management listener; default 19090.")
  void managementPort(String value) {
    managementPort = number("--management-port", value, Limits.PORT);
  }

  @Option(
      names = "--upstream-port",
      order = 12,
      paramLabel = "PORT",
      description = "Of the upstream; default 18081.")
  void upstreamPort(String value) {
    upstreamPort = number("--upstream-port", value, Limits.PORT);
  }

  @Option(
      names = "--target",
      order = 14,
      paramLabel = "URL",
      description =
          "Loads a server that is there already, and starts none; only its /io, unless --rows says"
              + " more.")
  void target(String value) {
    target = address("--target", value);
  }

  @Option(
      names = "--management",
      order = 15,
      paramLabel = "URL",
      description = "Of the target's management listener, for its census and settings.")
  void management(String value) {
    management = address("--management", value);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (target != null) {
      return againstTarget();
    }
    if (management != null) {
      throw wrong("--management goes with --target.");
    }
    FastApi fastApi = withFastApi ? FastApi.find() : null;
    List<Row> chosen =
        Stream.of(Row.values())
            .filter(row -> chosen(row) || withFastApi && fastApi.isPresent() && row.isFastApi())
            .toList();
    if (chosen.isEmpty()) {
      throw wrong("--servers and --rows leave no row.");
    }
    Layout layout = layout();
    requireBounded();
    requireFreePorts();
    requireBuilt(layout, chosen);
    if (fastApi != null) {
      System.out.println(fastApi.sentence());
    }
    return new Bench(layout, settings(), chosen, repeats, fastApi).run();
  }

  private Layout layout() {
    Path root = Path.of(System.getProperty("bench.root", "")).toAbsolutePath();
    return new Layout(root, out == null ? defaultOut(root) : out);
  }

  private int againstTarget() throws IOException, InterruptedException {
    if (withFastApi) {
      throw wrong("--with-fastapi starts a server, and --target starts none.");
    }
    requireBounded();
    Target.Identity found = identity();
    List<Row> chosen =
        Row.ours().stream()
            .filter(row -> row.server.equals(found.server()))
            .filter(row -> rows == ROWS ? row.endpoint.equals("/io") : rows.contains(row.id()))
            .toList();
    if (chosen.isEmpty()) {
      throw wrong(
          "%s is server '%s', and --rows leaves no row of it.".formatted(target, found.server()));
    }
    for (Row row : chosen) {
      if (!found.offers(row.endpoint)) {
        throw wrong(
            "%s does not serve %s; ANTI_PATTERNS=true turns it on."
                .formatted(target, row.endpoint));
      }
    }
    return new Bench(layout(), settings(), chosen, repeats, null).run();
  }

  private Target.Identity identity() throws InterruptedException {
    try (LoopbackClient requests = new LoopbackClient()) {
      Target.Identity identity = requests.get(target + "/", Target.Identity.class);
      if (identity == null || !SERVERS.contains(identity.server())) {
        throw wrong(
            "%s does not answer GET / as one of vertx, nima, blocking does.".formatted(target));
      }
      return identity;
    }
  }

  private boolean chosen(Row row) {
    return servers.contains(row.server) && rows.contains(row.id());
  }

  private Settings settings() {
    Settings load = openRate == null ? closed() : closed().open(openRate);
    return target == null ? load : load.against(new Target(target, management));
  }

  private Settings closed() {
    return new Settings(
        users,
        waitMs,
        rampSeconds != null ? rampSeconds : quick ? 2 : 10,
        warmupSeconds != null ? warmupSeconds : quick ? 7 : 30,
        durationSeconds != null ? durationSeconds : quick ? 10 : 60,
        timeoutMs,
        EVENT_LOOPS,
        POOL_SIZE,
        WORKERS,
        port,
        managementPort,
        upstreamPort);
  }

  private void requireBuilt(Layout layout, List<Row> chosen) {
    Stream<String> jars =
        chosen.stream().filter(row -> !row.isFastApi()).map(row -> Layout.serverJar(row.server));
    Stream.concat(Stream.of(Layout.UPSTREAM_JAR, Layout.JVM_OPTIONS), jars)
        .filter(file -> Files.notExists(layout.root().resolve(file)))
        .findFirst()
        .ifPresent(
            file -> {
              throw wrong(file + " is missing; run `mvn package` or ./bench in the project.");
            });
  }

  private void requireBounded() {
    Settings settings = settings();
    long arrivals =
        settings.isOpen()
            ? (long) settings.openRate() * (settings.loadSeconds() + settings.tailSeconds())
            : 1;
    if (arrivals > Limits.ARRIVALS.max()) {
      throw wrong(
          "--open %d for %d s makes %s arrivals, and %s are the limit."
              .formatted(
                  settings.openRate(),
                  settings.loadSeconds(),
                  Numbers.whole(arrivals),
                  Numbers.whole(Limits.ARRIVALS.max())));
    }
  }

  private void requireFreePorts() {
    List<Integer> ports = List.of(port, managementPort, upstreamPort);
    if (ports.stream().distinct().count() < ports.size()) {
      throw wrong("--port, --management-port and --upstream-port take three different ports.");
    }
    for (int used : ports) {
      if (LoopbackAddress.inUse(used)) {
        throw wrong(
            "Port %d is in use; choose others with --port, --management-port and --upstream-port."
                .formatted(used));
      }
    }
  }

  private static Path defaultOut(Path root) {
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    return root.resolve("target/bench").resolve(time);
  }

  private int number(String option, String value, Limits limits) {
    try {
      return limits.parse(option, value);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private String address(String option, String value) {
    try {
      return Target.address(option, value);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private List<String> choice(String option, String value, List<String> known) {
    List<String> chosen = Arrays.stream(value.split(",")).map(String::strip).toList();
    for (String name : chosen) {
      if (!known.contains(name)) {
        throw wrong(
            "%s takes %s, not '%s'."
                .formatted(option, known.stream().collect(Collectors.joining(", ")), name));
      }
    }
    if (chosen.isEmpty()) {
      throw wrong("%s takes %s.".formatted(option, String.join(", ", known)));
    }
    return chosen;
  }

  private static boolean isEmpty(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.findFirst().isEmpty();
    }
  }

  private ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  /** A wrong option is answered with its sentence alone, not with the whole help. */
  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new BenchCommand());
    commandLine.setParameterExceptionHandler(
        (e, args) -> {
          e.getCommandLine().getErr().println(e.getMessage());
          return CommandLine.ExitCode.USAGE;
        });
    commandLine.setExecutionExceptionHandler(
        (e, line, result) -> {
          line.getErr().println(e.getMessage() == null ? e.toString() : e.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        });
    return commandLine;
  }
}
