package dev.handlermodels.api.launch;

import dev.handlermodels.api.admission.Drainable;
import dev.handlermodels.api.admission.MemoryBudget;
import dev.handlermodels.api.settings.Secrets;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.telemetry.Logging;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a server as a process, and ends it so that no accepted request is lost. */
public final class Launcher {
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_FAILED = 1;
  private static final Duration BEYOND_DRAIN = Duration.ofSeconds(1);

  private Launcher() {}

  /** Not a constant: logging is configured by main, after this class has been loaded. */
  private static Logger log() {
    return LoggerFactory.getLogger(Launcher.class);
  }

  /** Makes the service that goes with settings: who the server is. */
  public interface ServiceFactory extends Function<Settings, Service> {}

  /** Starts listening on the service's host and port. */
  public interface Starter {
    /**
     * @throws Exception where the listener cannot be opened, a port in use above all
     */
    Listener start(Service service) throws Exception;
  }

  /** A main listener that runs. */
  public interface Listener extends AutoCloseable {
    /** Of a process that has no main listener. */
    int NO_PORT = -1;

    int port();

    /** What the framework was told. */
    Framework framework();

    /**
     * Refuses connections from now on and returns at once. Requests in flight go on, and their
     * connections end with their answers; whether idle connections are closed now or at the end is
     * the framework's choice.
     */
    void stopAccepting();

    /** The framework's own wait for requests in flight: longer than DRAIN_MS, which counts them. */
    static Duration patience(Settings settings) {
      return Duration.ofMillis(settings.drainMs()).plus(BEYOND_DRAIN);
    }

    /** Releases everything. Requests in flight have had their time before. */
    @Override
    void close();
  }

  /** The main method of each server. */
  public static void main(String[] args, ServiceFactory services, Starter starter) {
    Logging.configure();
    boolean train = List.of(args).equals(List.of("--train"));
    if (args.length > 0 && !train) {
      usage(List.of(args));
    }
    try {
      Settings settings = Settings.fromEnvironment(System.getenv());
      Logging.format(settings.logFormat());
      Instance instance = start(services.apply(settings), starter);
      Signals.onFirst(() -> end(instance, 0));
      instance.service().whenListenerIsLost(() -> endWithoutListener(instance));
      announce(instance);
      if (train) {
        Training.run(instance);
        instance.close();
        System.exit(0);
      }
    } catch (Settings.SettingsException e) {
      exit(EXIT_USAGE, e);
    } catch (StartException | IOException e) {
      exit(EXIT_FAILED, e);
    }
  }

  private static void usage(List<String> args) {
    if (args.getFirst().equals("--help") || args.getFirst().equals("-h")) {
      System.out.print(Settings.HELP);
      System.exit(0);
    }
    exit(
        EXIT_USAGE,
        new IllegalArgumentException("a server takes no argument but --help and --train"));
  }

  private static void exit(int status, Exception why) {
    System.err.println(why.getMessage());
    System.exit(status);
  }

  private static void announce(Instance instance) {
    Settings settings = instance.service().settings();
    log().info("{}", Secrets.masked(settings.toString()));
    announceRoom(instance.service().memory(), settings);
    log()
        .info(
            "ready {}{}, management on http://{}, after {} ms",
            instance.service().server(),
            instance.port() == Listener.NO_PORT
                ? ""
                : " on http://" + authority(settings.host(), instance.port()),
            authority(settings.managementHost(), instance.managementPort()),
            // Its start time would be that of main: the JVM's own start is a part of this.
            ManagementFactory.getRuntimeMXBean().getUptime());
  }

  /** Says how many connections the heap holds, where MAX_CONNECTIONS allows more. */
  private static void announceRoom(MemoryBudget memory, Settings settings) {
    if (memory.maxConnections() < settings.maxConnections()) {
      log()
          .info(
              "MAX_CONNECTIONS is {}, and the heap has room for {} connections: beyond it they are"
                  + " closed (GET /settings, memory)",
              settings.maxConnections(),
              memory.maxConnections());
    }
  }

  /**
   * Starts both listeners.
   *
   * @throws StartException where one of them cannot be opened
   */
  public static Instance start(Service service, Starter starter) {
    Settings settings = service.settings();
    Management management;
    try {
      management = Management.start(service);
    } catch (IOException e) {
      service.close();
      throw new StartException(
          cannotListen(Which.MANAGEMENT, settings.managementHost(), settings.managementPort(), e),
          e);
    }
    try {
      service.managementListening(management.port());
      Listener listener = starter.start(service);
      service.listening(listener.framework(), listener.port());
      return new Instance(service, listener, management);
    } catch (Exception e) {
      management.close();
      service.close();
      throw new StartException(cannotListen(Which.MAIN, settings.host(), settings.port(), e), e);
    }
  }

  /** The listeners, and the settings that say where they listen. */
  private enum Which {
    MAIN("main", "HOST", "PORT"),
    MANAGEMENT("management", "MANAGEMENT_HOST", "MANAGEMENT_PORT");

    private final String label;
    private final String hostSetting;
    private final String portSetting;

    Which(String label, String hostSetting, String portSetting) {
      this.label = label;
      this.hostSetting = hostSetting;
      this.portSetting = portSetting;
    }

    /** Which setting is to be changed: the frameworks tell a failure in almost the same words. */
    private String advice(Throwable e) {
      String why = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      if (why.contains("already in use")) {
        return "; set " + portSetting + " to a free port";
      }
      if (why.contains("assign requested address") || e instanceof UnknownHostException) {
        return "; set " + hostSetting + " to an address of this machine";
      }
      return e instanceof BindException
          ? "; it comes from " + hostSetting + " and " + portSetting
          : "";
    }
  }

  private static String cannotListen(Which which, String host, int port, Exception e) {
    return "the "
        + which.label
        + " listener cannot be opened on "
        + authority(host, port)
        + ": "
        + e.getMessage()
        + which.advice(e);
  }

  /** As a URL has it: an IPv6 address stands in brackets. */
  private static String authority(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** Whoever started the process can start it again; it cannot help itself. */
  private static void endWithoutListener(Instance instance) {
    log().error("the main listener is lost, so this process ends");
    Thread.ofPlatform().name("shutdown").start(() -> end(instance, EXIT_FAILED));
  }

  /**
   * @param well the exit code where all accepted work has been finished
   */
  private static void end(Instance instance, int well) {
    int status = EXIT_FAILED;
    try {
      Settings settings = instance.service().settings();
      log()
          .info(
              "shutting down: not ready from now on, accepting connections for another {} ms, {}"
                  + " requests in flight",
              settings.drainDelayMs(),
              instance.service().traffic().inFlight());
      List<Drainable.Left> left = instance.drain();
      left.forEach(
          work ->
              log()
                  .warn(
                      "{} {} were not finished within {} ms",
                      work.count(),
                      work.what(),
                      settings.drainMs()));
      instance.close();
      log().info("stopped");
      status = left.isEmpty() ? well : EXIT_FAILED;
    } finally {
      System.exit(status);
    }
  }

  static InetSocketAddress address(String host, int port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  /** A server that could not be started; the message says which listener and why. */
  public static final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
