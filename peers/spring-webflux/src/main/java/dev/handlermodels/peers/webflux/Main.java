package dev.handlermodels.peers.webflux;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Query;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** Spring WebFlux on Reactor Netty: handlers run on event loops, and must not block. */
@SpringBootApplication
@RestController
public class Main {
  /** As many as the three servers have. */
  private static final int MAX_CONNECTIONS = 10_000;

  private static final byte[] EMPTY = {'{', '}'};

  private final WebClient upstream;
  private final RestClient blocking;
  private final Database database;
  private final byte[] body;

  /** The answer of /db. */
  record Rows(int queries, int holdMs, List<Database.Row> rows) {}

  /**
   * @param bodyFile what {@code /} answers with; empty for nothing of interest
   */
  Main(
      @Value("${UPSTREAM_URL}") String url,
      @Value("${BODY_FILE:}") String bodyFile,
      Database database)
      throws IOException {
    this.database = database;
    body = bodyFile.isEmpty() ? EMPTY : Files.readAllBytes(Path.of(bodyFile));
    upstream =
        WebClient.builder()
            .baseUrl(url)
            .clientConnector(
                new ReactorClientHttpConnector(
                    HttpClient.create(ConnectionProvider.create("upstream", MAX_CONNECTIONS))))
            .build();
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnTotal(MAX_CONNECTIONS)
            .setMaxConnPerRoute(MAX_CONNECTIONS)
            .build();
    blocking =
        RestClient.builder()
            .baseUrl(url)
            .requestFactory(
                new HttpComponentsClientHttpRequestFactory(
                    HttpClients.custom().setConnectionManager(connections).build()))
            .build();
  }

  public static void main(String[] args) {
    SpringApplication.run(Main.class, args);
  }

  /** What ./bench throughput asks for, with the header fields that the three servers send. */
  @GetMapping("/")
  ResponseEntity<byte[]> root() {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .header("X-Content-Type-Options", "nosniff")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .header("Cache-Control", "no-store")
        .body(body);
  }

  /** The loop starts the call and goes on. */
  @GetMapping(path = "/io", produces = MediaType.APPLICATION_JSON_VALUE)
  Mono<String> io(@RequestParam(defaultValue = "1000") int waitMs) {
    return upstream.get().uri("/wait?waitMs={waitMs}", waitMs).retrieve().bodyToMono(String.class);
  }

  /** The anti-pattern: the loop waits. */
  @GetMapping(path = "/io/blocking", produces = MediaType.APPLICATION_JSON_VALUE)
  String ioBlocking(@RequestParam(defaultValue = "1000") int waitMs) {
    return blocking.get().uri("/wait?waitMs={waitMs}", waitMs).retrieve().body(String.class);
  }

  /** The same parameters and limits as those of the three servers. */
  @GetMapping("/db")
  Mono<Rows> db(ServerHttpRequest request) {
    Query.Rows asked = Query.rows(request.getURI().getRawQuery());
    return database
        .rows(asked.queries(), asked.holdMs())
        .map(rows -> new Rows(asked.queries(), asked.holdMs(), rows));
  }

  @ExceptionHandler
  ResponseEntity<String> wrong(ProblemException e) {
    return ResponseEntity.status(e.problem().status()).body(e.problem().detail());
  }

  @GetMapping("/health/ready")
  String ready() {
    return "UP";
  }

  @GetMapping("/health/live")
  String live() {
    return "UP";
  }
}
