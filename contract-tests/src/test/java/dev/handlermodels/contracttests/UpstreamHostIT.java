package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hosts with an underscore: many in Docker's networks have one, and java.net.URI knows none. */
@Rules
class UpstreamHostIT {
  @ParameterizedTest
  @EnumSource(Model.class)
  void a_host_with_an_underscore_is_called_by_its_name_everywhere(Model model, @TempDir Path dir)
      throws IOException {
    Path hosts = Files.writeString(dir.resolve("hosts"), "127.0.0.1 my_upstream localhost\n");
    try (Gate gate = Gate.opened()) {
      String host = "my_upstream:" + gate.url().getPort();
      Map<String, String> settings =
          Map.of(
              "UPSTREAM_URL",
              "http://" + host,
              "JAVA_TOOL_OPTIONS",
              // Vert.x looks names up itself, unless it is told to leave that to the JDK.
              "-Djdk.net.hosts.file=" + hosts + " -Dvertx.disableDnsResolver=true");
      try (ServerProcess process = ServerProcess.start(model, settings);
          Client main = process.main()) {
        for (String target :
            List.of(
                "/io?waitMs=1",
                "/io/blocking?waitMs=1",
                "/io/offloaded?waitMs=1",
                "/mixed?waitMs=1&work=1",
                "/fanout?calls=3&waitMs=1")) {
          assertThat(main.get(target).status()).as(target).isEqualTo(200);
        }
      }
      assertThat(gate.heads())
          .hasSize(7)
          .allSatisfy(
              head -> assertThat(head).anyMatch(field -> field.equalsIgnoreCase("Host: " + host)));
    }
  }
}
