package dev.handlermodels.loadtests;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.core.CoreDsl.stopLoadGeneratorIf;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A closed load: users arrive during the ramp, and each sends its next request as soon as it has
 * the answer to the last one. The loop is inside the scenario, so a user keeps its connection.
 *
 * <p>Or, with {@code -Drate=400}, an open load: users arrive at a fixed rate from the first second
 * on, independent of the answers; each sends one request and leaves. They share connections, as the
 * callers behind a proxy do: a connection for each request would measure connecting, and use up the
 * ports of the machine within a minute.
 */
abstract class LoadSimulation extends Simulation {
  /** Without a pause an instant 503 would turn a user into a hot loop. */
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private static final long STATS_EACH_MS = 1_000;
  private static final long WARMUP_EACH_MS = 100;
  private static final Duration WATCH_EACH = Duration.ofMillis(200);
  private static final Duration END_WITHIN = Duration.ofSeconds(3);
  private static final String USER = "user";
  private static final String ADMITTED = "admitted";

  private final LoadSettings settings = settingsOrExit();
  private final UserRecorder userRecorder = new UserRecorder(settings.capacity());
  private final ArrivalRecorder arrivals =
      new ArrivalRecorder(settings.capacity(), Limits.IN_FLIGHT_MAX);
  private final WarmupRecorder warmup =
      new WarmupRecorder(
          settings.rampSeconds(), settings.warmupSeconds(), settings.warmupWindowSeconds());
  private final ScheduledExecutorService statsWriter =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("user-stats").unstarted(task));

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean endAsked;
  private int warmupWindowsWritten;

  public LoadSimulation(String endpoint) {
    ScenarioBuilder users = settings.isOpen() ? arrivals(endpoint) : users(endpoint);
    setUp(users.injectOpen(arrival()), watcher().injectOpen(atOnceUsers(1)))
        .protocols(protocol())
        .maxDuration(Duration.ofSeconds(settings.totalSeconds()));
  }

  private ScenarioBuilder users(String endpoint) {
    return scenario(endpoint)
        .exec(session -> session.set(USER, userRecorder.join(System.currentTimeMillis())))
        .forever()
        .on(request(endpoint));
  }

  private ScenarioBuilder arrivals(String endpoint) {
    return scenario(endpoint)
        .exec(this::arrive)
        .doIf(session -> session.getBoolean(ADMITTED))
        .then(exec(this::sent), get(endpoint), exec(this::ended));
  }

  private Session arrive(Session session) {
    long nowMs = System.currentTimeMillis();
    int user = userRecorder.join(nowMs);
    return session.set(USER, user).set(ADMITTED, arrivals.admit(user, nowMs));
  }

  /**
   * Sends nothing. Ends the run early, on a signal or when the bench has measured its window, so
   * that Gatling completes its log.
   */
  private ScenarioBuilder watcher() {
    return scenario("watcher")
        .forever()
        .on(pause(WATCH_EACH).exec(stopLoadGeneratorIf("asked to end", session -> endIsAsked())));
  }

  private boolean endIsAsked() {
    return endAsked || (settings.endFile() != null && Files.exists(settings.endFile()));
  }

  private ChainBuilder request(String endpoint) {
    return exec(this::sent)
        .exec(get(endpoint))
        .exec(this::ended)
        .doIf(Session::isFailed)
        .then(pause(PAUSE_AFTER_FAILURE).exec(Session::markAsSucceeded));
  }

  private HttpRequestActionBuilder get(String endpoint) {
    return http("GET " + endpoint)
        .get(settings.target(endpoint))
        .requestTimeout(Duration.ofMillis(settings.requestTimeoutMs()))
        .check(status().is(200));
  }

  private Session sent(Session session) {
    userRecorder.sent(session.getInt(USER), System.currentTimeMillis());
    return session;
  }

  private Session ended(Session session) {
    int user = session.getInt(USER);
    long nowMs = System.currentTimeMillis();
    // First, because the recorder forgets when a request was sent once it has ended.
    warmup.ended(nowMs - userRecorder.startedAtMs(), nowMs - userRecorder.sentAtMs(user));
    userRecorder.ended(user, !session.isFailed());
    if (settings.isOpen()) {
      arrivals.ended(user, nowMs, !session.isFailed());
    }
    return session;
  }

  private OpenInjectionStep arrival() {
    if (settings.isOpen()) {
      return constantUsersPerSec(settings.rate())
          .during(Duration.ofSeconds(settings.totalSeconds()));
    }
    return settings.rampSeconds() == 0
        ? atOnceUsers(settings.users())
        : rampUsers(settings.users()).during(Duration.ofSeconds(settings.rampSeconds()));
  }

  private HttpProtocolBuilder protocol() {
    HttpProtocolBuilder protocol = settings.isOpen() ? http.shareConnections() : http;
    return protocol
        .baseUrl(settings.baseUrl())
        .disableWarmUp()
        .disableFollowRedirect()
        .disableCaching()
        .acceptHeader("application/json")
        .userAgentHeader("handler-models-loadtests (Gatling)");
  }

  @Override
  public void before() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::endEarly, "end-early"));
    if (settings.usersFile() != null) {
      statsWriter.scheduleAtFixedRate(
          () -> writeStats(false), 100, STATS_EACH_MS, TimeUnit.MILLISECONDS);
    }
    if (settings.warmupFile() != null) {
      statsWriter.scheduleAtFixedRate(
          this::writeWarmup, WARMUP_EACH_MS, WARMUP_EACH_MS, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void after() {
    statsWriter.shutdown();
    writeArrivals();
    if (settings.usersFile() != null) {
      writeStats(true);
    }
    ended.countDown();
  }

  /** Runs at every exit; at that of a complete run there is nothing to wait for. */
  private void endEarly() {
    endAsked = true;
    try {
      ended.await(END_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeArrivals() {
    try {
      if (settings.isOpen() && settings.arrivalsFile() != null) {
        arrivals.write(settings.arrivalsFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As soon as a window is over, for the bench decides by it when to begin. */
  private void writeWarmup() {
    long startedAtMs = userRecorder.startedAtMs();
    Warmup soFar = warmup.at(startedAtMs == 0 ? 0 : System.currentTimeMillis() - startedAtMs);
    if (soFar.windows().size() == warmupWindowsWritten) {
      return;
    }
    try {
      Json.write(settings.warmupFile(), soFar);
      warmupWindowsWritten = soFar.windows().size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeStats(boolean finished) {
    try {
      Json.write(settings.usersFile(), userRecorder.stats(System.currentTimeMillis(), finished));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gatling answers an exception here with two stack traces; a user needs the sentence alone. */
  private static LoadSettings settingsOrExit() {
    try {
      return LoadSettings.from(System::getProperty);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(1);
      throw e;
    }
  }
}
