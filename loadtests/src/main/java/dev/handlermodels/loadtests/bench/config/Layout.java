package dev.handlermodels.loadtests.bench.config;

import java.nio.file.Path;
import java.util.Locale;

/**
 * Paths: of what is started, within the project, and of the raw files, within the output folder.
 *
 * @param root the project
 * @param out the output folder of this run
 */
public record Layout(Path root, Path out) {

  public static final String JVM_OPTIONS = "jvm.options";
  public static final String UPSTREAM_JAR = "upstream/target/upstream.jar";
  public static final String DATABASE_JAR = "database/target/database.jar";

  /** Within the project. */
  public static String serverJar(String server) {
    return String.format(Locale.ROOT, "server-%s/target/server-%s.jar", server, server);
  }

  /** Where the bare framework's program is, within the project. */
  public static String testClasses(String server) {
    return String.format(Locale.ROOT, "server-%s/target/test-classes", server);
  }

  public Path row(String id) {
    return out.resolve("rows").resolve(id);
  }

  public Path row(String id, int repeat) {
    return row(repeat == 1 ? id : id + "." + repeat);
  }

  public static Path run(Path out) {
    return out.resolve("run.json");
  }

  public static Path facts(Path row) {
    return row.resolve("row.json");
  }

  /** The simulation writes it while it warms up. */
  public static Path warmup(Path row) {
    return row.resolve("warmup.json");
  }

  public static Path window(Path row) {
    return row.resolve("window.json");
  }

  /** Tells the simulation to end. */
  public static Path end(Path row) {
    return gatlingRun(row).resolve("end");
  }

  /** The settings that the server reported. */
  public static Path settings(Path row) {
    return row.resolve("settings.json");
  }

  public static Path serverLog(Path row) {
    return row.resolve("server.log");
  }

  public static Path samples(Path row) {
    return row.resolve("samples.jsonl");
  }

  public static Path users(Path row) {
    return row.resolve("users.json");
  }

  /** Exists for an open load only. */
  public static Path arrivals(Path row) {
    return row.resolve("arrivals.csv");
  }

  /** Exists for a merged row only: the rows that it was merged from, relative to it. */
  public static Path injectors(Path row) {
    return row.resolve("injectors.json");
  }

  public static Path simulationLog(Path row) {
    return row.resolve("simulation.log");
  }

  /** Gatling writes into a folder of this one, named by itself. */
  public static Path gatlingRun(Path row) {
    return row.resolve("gatling-run");
  }

  public static Path gatlingReport(Path row) {
    return row.resolve("gatling");
  }
}
