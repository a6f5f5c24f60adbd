package dev.handlermodels.peers.mvc;

import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.MediaType;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
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

  private final RestClient upstream;

  Main(@Value("${UPSTREAM_URL}") String url) {
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnTotal(MAX_CONNECTIONS)
            .setMaxConnPerRoute(MAX_CONNECTIONS)
            .setDefaultConnectionConfig(ConnectionConfig.DEFAULT)
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

  /** The handler's thread waits. Both paths are the same here. */
  @GetMapping(
      path = {"/io", "/io/blocking"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  String io(@RequestParam(defaultValue = "1000") int waitMs) {
    return upstream.get().uri("/wait?waitMs={waitMs}", waitMs).retrieve().body(String.class);
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
