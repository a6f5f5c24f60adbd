package dev.handlermodels.contracttests;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Rules for one server, which runs as long as the class, with an upstream that answers at once. */
@Rules
abstract class ServerRules {
  final Model model;
  Gate upstream;
  Running server;

  ServerRules(Model model) {
    this.model = model;
  }

  @BeforeAll
  void start() {
    upstream = Gate.opened();
    server = model.start(upstream.url(), Map.of());
  }

  @AfterAll
  void stop() {
    server.close();
    upstream.close();
  }
}
