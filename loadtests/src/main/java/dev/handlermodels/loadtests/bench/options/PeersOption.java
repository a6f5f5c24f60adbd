package dev.handlermodels.loadtests.bench.options;

import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --with-peers} of a scenario that measures other people's servers, too. */
public final class PeersOption {
  /** As the descriptions of these servers have it. */
  private static final String WITH = "peers";

  @Option(
      names = "--with-peers",
      description = "Measures Spring's ways as well; builds them first.")
  private boolean peers;

  /** Their names; empty without the option. */
  public List<String> names() {
    return descriptions().stream().map(ServerDescription::name).toList();
  }

  /** Refuses a run for which one of them has to be built first. */
  public void checkBuilt(ScenarioOptions options) {
    descriptions().stream().flatMap(server -> server.needs().stream()).forEach(options::checkBuilt);
  }

  private List<ServerDescription> descriptions() {
    return peers ? Servers.with(WITH) : List.of();
  }
}
