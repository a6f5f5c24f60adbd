package dev.handlermodels.loadtests.bench.options;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.RowRole;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the table of rows, each checked as it is read. */
public final class TableOptions {
  private static final int EVENT_LOOPS = 1;
  private static final int POOL_SIZE = 40;
  private static final int WORKERS = 40;
  private static final Limits PLACES = new Limits(1, 1_000_000);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--quick",
      order = 0,
      description =
          "A short run, under three minutes once built: ramp 2, warm-up 7, duration 10. All rows"
              + " but nima-io-pinned, which --rows adds.")
  private boolean quick;

  @Option(
      names = "--profile",
      order = 8,
      description =
          "Profiles each server for a minute after its window, with the load going on: a flame"
              + " graph, hottest methods, pinned threads.")
  private boolean profile;

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
  private List<ServerDescription> servers = Servers.ALL.stream().map(Servers::get).toList();
  private List<String> rows;
  private Path out;
  private int repeats = 1;
  private String target;
  private String management;
  private String path;
  private String name;
  private Integer places;
  private URI sendTo;

  /** The rows, for the help of an option. */
  static final class RowIds implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Servers.rows().stream().map(Row::id).iterator();
    }
  }

  @Option(
      names = "--repeat",
      order = 8,
      paramLabel = "N",
      description = "Runs all rows N times in turn, 1 to 20; the table shows medians. Default 1.")
  void repeat(String value) {
    repeats = checks().number("--repeat", value, Limits.REPEATS);
  }

  @Option(
      names = "--users",
      order = 1,
      paramLabel = "N",
      description = "Users at the same time, 1 to 10000; default 500.")
  void users(String value) {
    users = checks().number("--users", value, Limits.USERS);
  }

  @Option(
      names = "--open",
      order = 1,
      paramLabel = "RATE",
      description =
          "Open load: this many arrivals a second, 1 to 10000, instead of users that wait.")
  void open(String value) {
    openRate = checks().number("--open", value, new Limits(1, Limits.RATE.max()));
  }

  @Option(
      names = "--wait",
      order = 2,
      paramLabel = "MS",
      description = "How long the upstream takes, 0 to 60000 ms; default 1000.")
  void waitMs(String value) {
    waitMs = checks().number("--wait", value, Limits.WAIT_MS);
  }

  @Option(
      names = "--ramp",
      order = 3,
      paramLabel = "S",
      description = "Time in which the users arrive, 0 to 600 s; default 10.")
  void ramp(String value) {
    rampSeconds = checks().number("--ramp", value, Limits.RAMP_SECONDS);
  }

  @Option(
      names = "--warmup",
      order = 4,
      paramLabel = "S",
      description =
          "Time with all users before measuring, 0 to 600 s; ends sooner once settled; default 30.")
  void warmup(String value) {
    warmupSeconds = checks().number("--warmup", value, Limits.WARMUP_SECONDS);
  }

  @Option(
      names = "--duration",
      order = 5,
      paramLabel = "S",
      description = "The measured window, 1 to 3600 s; default 60.")
  void duration(String value) {
    durationSeconds = checks().number("--duration", value, Limits.DURATION_SECONDS);
  }

  @Option(
      names = "--timeout",
      order = 6,
      paramLabel = "MS",
      description = "How long a client waits for its answer, 1 to 120000 ms; default 30000.")
  void timeout(String value) {
    timeoutMs = checks().number("--timeout", value, Limits.TIMEOUT_MS);
  }

  @Option(
      names = "--servers",
      order = 7,
      paramLabel = "NAME,...",
      completionCandidates = Servers.Names.class,
      description =
          "Only rows of these servers: ${COMPLETION-CANDIDATES}, or the path of a description of"
              + " your own (docs/your-server.md).")
  void servers(String value) {
    servers = checks().orWrong(() -> ServerChoice.of(value));
  }

  @Option(
      names = "--rows",
      order = 8,
      paramLabel = "ID,...",
      completionCandidates = RowIds.class,
      description = "Only these: ${COMPLETION-CANDIDATES}.")
  void rows(String value) {
    rows = Arrays.stream(value.split(",")).map(String::strip).toList();
  }

  @Option(
      names = "--out",
      order = 9,
      paramLabel = "DIR",
      description =
          "The folder of the report; it has to be new or empty. Default" + " target/bench/TIME.")
  void out(String value) throws IOException {
    out = checks().newFolder(Path.of(value));
  }

  @Option(
      names = "--port",
      order = 10,
      paramLabel = "PORT",
      description = "Port of the server; default 18080.")
  void port(String value) {
    port = checks().number("--port", value, Limits.PORT);
  }

  @Option(
      names = "--management-port",
      order = 11,
      paramLabel = "PORT",
      description = "Port of the server's management listener; default 19090.")
  void managementPort(String value) {
    managementPort = checks().number("--management-port", value, Limits.PORT);
  }

  @Option(
      names = "--upstream-port",
      order = 12,
      paramLabel = "PORT",
      description = "Port of the upstream; default 18081.")
  void upstreamPort(String value) {
    upstreamPort = checks().number("--upstream-port", value, Limits.PORT);
  }

  @Option(
      names = "--target",
      order = 14,
      paramLabel = "URL",
      description =
          "Loads a server that is there already instead of starting one; only its /io, unless"
              + " --rows says more.")
  void target(String value) {
    target = checks().address("--target", value);
  }

  @Option(
      names = "--management",
      order = 15,
      paramLabel = "URL",
      description = "Address of the target's management listener, for its census and settings.")
  void management(String value) {
    management = checks().address("--management", value);
  }

  @Option(
      names = "--path",
      order = 16,
      paramLabel = "PATH",
      description =
          "With --target: the path that is loaded, of any server; nobody asks which it is.")
  void path(String value) {
    if (!value.matches("/[^?#\\s]*")) {
      throw wrong("--path takes a path such as /api/orders, not '" + value + "'.");
    }
    path = value;
  }

  @Option(
      names = "--name",
      order = 17,
      paramLabel = "NAME",
      description = "With --path: what the report calls the server; default target.")
  void name(String value) {
    if (!value.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,39}")) {
      throw wrong(
          "--name takes at most 40 letters, digits, dots, dashes and underscores, not '"
              + value
              + "'.");
    }
    name = value;
  }

  @Option(
      names = "--places",
      order = 18,
      paramLabel = "N",
      description =
          "With --path: how many requests can wait there at the same time, 1 to 1000000; without it"
              + " the row has no ceiling.")
  void places(String value) {
    places = checks().number("--places", value, PLACES);
  }

  @Option(
      names = "--send-to",
      order = 19,
      paramLabel = "URL",
      description =
          "With --target: sends the folder of the run there when it is done, as one of several"
              + " injectors; see ./bench report --receive. http://HOST:PORT/NAME.")
  void sendTo(String value) {
    sendTo = checks().receiver("--send-to", value);
  }

  private OptionChecks checks() {
    return new OptionChecks(spec);
  }

  public ParameterException wrong(String sentence) {
    return checks().wrong(sentence);
  }

  public int repeats() {
    return repeats;
  }

  public boolean profile() {
    return profile;
  }

  public boolean quick() {
    return quick;
  }

  /** The URL of the server that is there already; null where the bench starts its own. */
  public String target() {
    return target;
  }

  /** Refuses options that go only with others. */
  public void checkTogether() {
    if (management != null && target == null) {
      throw wrong("--management goes with --target.");
    }
    if (profile && target != null) {
      throw wrong("--profile looks into servers that the bench starts, and --target starts none.");
    }
    if (sendTo != null && target == null) {
      throw wrong("--send-to goes with --target.");
    }
    if (path != null && target == null) {
      throw wrong("--path goes with --target.");
    }
    if (path == null && name != null) {
      throw wrong("--name goes with --path.");
    }
    if (path == null && places != null) {
      throw wrong("--places goes with --path.");
    }
    if (path != null && rows != null) {
      throw wrong("--path is the only row, so --rows does not go with it.");
    }
  }

  /** Where the folder of the run goes when it is done; null where it stays. */
  public URI sendTo() {
    return sendTo;
  }

  /** The servers of --servers, or the project's own. */
  public List<ServerDescription> servers() {
    return servers;
  }

  /** The server of --target and --path; null where --path is not there. */
  public ServerDescription described() {
    return path == null
        ? null
        : ServerDescription.running(name == null ? "target" : name, target, path, places);
  }

  /**
   * The rows that --rows leaves.
   *
   * @param added servers whose rows stay, whatever --rows says
   */
  public List<Row> choose(List<ServerDescription> chosen, List<ServerDescription> added) {
    if (rows != null) {
      List<String> known =
          Stream.concat(Servers.rows().stream(), Servers.rows(chosen).stream())
              .map(Row::id)
              .distinct()
              .toList();
      checks().choice("--rows", rows, known);
    }
    List<ServerDescription> all = Stream.concat(chosen.stream(), added.stream()).toList();
    return Servers.rows(all).stream()
        .filter(
            row ->
                rows == null && (row.quick() || !quick)
                    || rows != null && rows.contains(row.id())
                    || added.stream().anyMatch(server -> server.name().equals(row.server())))
        .toList();
  }

  /** Of a target only its right way is loaded, unless --rows says more. */
  public List<Row> chooseOfTarget(ServerDescription server) {
    return rows == null
        ? server.rows().stream().filter(row -> row.role() == RowRole.RIGHT_WAY).toList()
        : choose(List.of(server), List.of());
  }

  public Layout layout() {
    Path root = OptionChecks.root();
    return new Layout(root, out == null ? OptionChecks.defaultFolder(root, "") : out);
  }

  public Settings settings() {
    Settings ended = profile ? closed().withTail(Limits.TAIL_SECONDS.max()) : closed();
    Settings load = openRate == null ? ended : ended.open(openRate);
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

  /** Refuses what cannot be started: ports in use, and jars that are missing. */
  public void checkStart(List<ServerDescription> serversToStart) {
    if (serversToStart.stream().noneMatch(ServerDescription::isStarted)) {
      return;
    }
    checks().differentFreePorts(port, managementPort, upstreamPort);
    checks().built(OptionChecks.root(), serversToStart);
  }

  /** Refuses an open load with more arrivals than are remembered. */
  public void checkArrivals() {
    Settings settings = settings();
    long arrivals =
        settings.isOpen()
            ? (long) settings.openRate() * (settings.loadSeconds() + settings.tailSeconds())
            : 1;
    if (arrivals > Limits.ARRIVALS.max()) {
      throw wrong(
          String.format(
              Locale.ROOT,
              "--open %d for %d s makes %s arrivals, and %s are the limit.",
              settings.openRate(),
              settings.loadSeconds(),
              Numbers.whole(arrivals),
              Numbers.whole(Limits.ARRIVALS.max())));
    }
  }
}
