package dev.handlermodels.peers.mvc;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Query;
import jakarta.servlet.http.HttpServletRequest;
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
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/**
 * Spring MVC on Tomcat: a handler blocks its thread. Tomcat's pool of platform threads by default,
 * a virtual thread for each request with {@code --spring.threads.virtual.enabled=true}.
 */
@SpringBootApplication
@RestController
public class Main {
  /** As many as the three servers have. */
  private static final int MAX_CONNECTIONS = 10_000;

  private static final byte[] EMPTY = {'{', '}'};

  private final RestClient upstream;
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
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnTotal(MAX_CONNECTIONS)
            .setMaxConnPerRoute(MAX_CONNECTIONS)
            .build();
    var client =
        HttpClients.custom().setConnectionManager(connections).disableCookieManagement().build();
    upstream =
        RestClient.builder()
            .baseUrl(url)
            .requestFactory(new HttpComponentsClientHttpRequestFactory(client))
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

  /** The handler's thread waits. Both paths are the same here. */
  @GetMapping(
      path = {"/io", "/io/blocking"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  String io(@RequestParam(defaultValue = "1000") int waitMs) {
    return upstream.get().uri("/wait?waitMs={waitMs}", waitMs).retrieve().body(String.class);
  }

  /** The same parameters and limits as those of the three servers. */
  @GetMapping("/db")
  Rows db(HttpServletRequest request) {
    Query.Rows asked = Query.rows(request.getQueryString());
    return new Rows(
        asked.queries(), asked.holdMs(), database.rows(asked.queries(), asked.holdMs()));
  }

  @ExceptionHandler
  ResponseEntity<String> wrong(ProblemException e) {
    return ResponseEntity.status(e.problem().status()).body(e.problem().detail());
  }

  @GetMapping("/health/ready")
  String ready() {
    return "UP";
  }

  /** On a thread of the pool, as any other request. */
  @GetMapping("/health/live")
  String live() {
    return "UP";
  }
}
