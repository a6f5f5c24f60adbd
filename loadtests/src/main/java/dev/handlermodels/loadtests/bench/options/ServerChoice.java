package dev.handlermodels.loadtests.bench.options;

import dev.handlermodels.loadtests.bench.servers.DescriptionFile;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The value of {@code --servers}: names of the catalogue, and files of a user's own. */
final class ServerChoice {
  private ServerChoice() {}

  /**
   * The descriptions, in the order of the value.
   *
   * @throws IllegalArgumentException with one sentence for a user
   */
  static List<ServerDescription> of(String value) {
    List<ServerDescription> servers = new ArrayList<>();
    for (String part : value.split(",")) {
      ServerDescription server = one(part.strip());
      if (servers.stream().anyMatch(other -> other.name().equals(server.name()))) {
        throw new IllegalArgumentException(
            "--servers takes each name once, and there are two servers '" + server.name() + "'.");
      }
      servers.add(server);
    }
    return servers;
  }

  private static ServerDescription one(String name) {
    ServerDescription known = Servers.find(name);
    if (known != null) {
      return known;
    }
    if (name.endsWith(".yaml") || name.endsWith(".yml") || name.contains("/")) {
      ServerDescription own = DescriptionFile.read(Path.of(name));
      if (Servers.find(own.name()) != null) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s: the bench has a server of its own that is called %s.",
                name,
                own.name()));
      }
      return own;
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "--servers takes %s, or the path of a description (docs/your-server.md), not '%s'.",
            Servers.text(),
            name));
  }
}
