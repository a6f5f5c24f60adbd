package dev.handlermodels.upstream;

import dev.handlermodels.api.settings.Settings;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/**
 * The upstream that a server calls: the one at UPSTREAM_URL, or a simulator inside the server's own
 * process, so that one command and curl suffice.
 */
public record Upstream(URI url, Optional<UpstreamServer> embedded) implements AutoCloseable {

  /**
   * @throws IOException where no port is left for the simulator
   */
  public static Upstream open(Settings settings) throws IOException {
    if (settings.upstreamUrl().isPresent()) {
      return new Upstream(settings.upstreamUrl().get(), Optional.empty());
    }
    UpstreamServer simulator = UpstreamServer.start("127.0.0.1", 0);
    return new Upstream(simulator.url(), Optional.of(simulator));
  }

  @Override
  public void close() {
    embedded.ifPresent(UpstreamServer::close);
  }
}
