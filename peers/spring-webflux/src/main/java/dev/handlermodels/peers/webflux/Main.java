package dev.handlermodels.peers.webflux;

import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.MediaType;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
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

  private final WebClient upstream;
  private final RestClient blocking;

  Main(@Value("${UPSTREAM_URL}") String url) {
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

  @GetMapping("/health/ready")
  String ready() {
    return "UP";
  }

  @GetMapping("/health/live")
  String live() {
    return "UP";
  }
}
