package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.IoSimulation;
import dev.handlermodels.loadtests.bench.config.JvmFlags;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.Variables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of the Gatling process that loads a row. */
final class GatlingCommand {
  private static final String PACKAGE = IoSimulation.class.getPackageName() + ".";

  private GatlingCommand() {}

  private static String query(Row row, Settings settings) {
    return row.query() == null ? "" : Variables.fill(row.query(), settings.variables());
  }

  static List<String> of(Row row, Settings settings, Path rowDir) {
    List<String> command = new ArrayList<>(List.of(Commands.JAVA));
    command.addAll(JvmFlags.GATLING);
    command.add("-Djava.util.prefs.userRoot=" + Layout.gatlingRun(rowDir));
    command.add("-Dendpoint=" + row.endpoint());
    command.add("-Dquery=" + query(row, settings));
    command.add("-DbaseUrl=" + settings.baseUrl());
    command.add("-DwaitMs=" + settings.waitMs());
    command.add("-DrampSeconds=" + settings.rampSeconds());
    command.add("-DwarmupSeconds=" + settings.warmupSeconds());
    command.add("-DwarmupWindowSeconds=" + settings.warmupWindowSeconds());
    command.add("-DdurationSeconds=" + settings.durationSeconds());
    command.add("-DrequestTimeoutMs=" + settings.requestTimeoutMs());
    command.add("-DtailSeconds=" + settings.tailSeconds());
    if (settings.isOpen()) {
      command.add("-Drate=" + settings.openRate());
      command.add("-DarrivalsFile=" + Layout.arrivals(rowDir));
    } else {
      command.add("-Dusers=" + settings.users());
    }
    command.add("-DusersFile=" + Layout.users(rowDir));
    command.add("-DwarmupFile=" + Layout.warmup(rowDir));
    command.add("-DendFile=" + Layout.end(rowDir));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.gatling.app.Gatling"));
    command.addAll(List.of("-s", PACKAGE + row.simulation()));
    command.addAll(List.of("-rf", Layout.gatlingRun(rowDir).toString()));
    command.addAll(List.of("-rd", row.title()));
    return command;
  }
}
