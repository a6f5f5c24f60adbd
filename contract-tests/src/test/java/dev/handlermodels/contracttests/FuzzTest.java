package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.upstream.UpstreamServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests that openapi.yaml allows, made wrong at random: whatever comes of it, there is an answer
 * as the document says or the connection is closed in time, no error of the server's own, and
 * nothing left behind. The same seed sends the same requests; a failure names the request.
 *
 * <p>{@code mvn verify} sends some hundred to each server; {@code -Dfuzz.requests=10000
 * -Dfuzz.seed=7} more, and others.
 */
@Rules
@Tag("slow")
class FuzzTest {
  @Nested
  class Vertx extends Fuzz {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Fuzz {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Fuzz {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  abstract static class Fuzz {
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 500);
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final int AT_ONCE = 16;
    private static final int MOST_MUTATIONS = 4;

    /** Of the upstream, or for too much, or for a version that is not spoken. */
    private static final Set<Integer> SERVER_ERRORS = Set.of(502, 503, 504, 505);

    /** Allowed, but some seconds of a processor each. */
    private static final Pattern MUCH_WORK = Pattern.compile("work=0*([0-9]{3,})");

    /** Also as one of the servers reads it and the others refuse it, see docs/security.md. */
    private static final Pattern REQUEST_LINE =
        Pattern.compile(
            "([A-Za-z]+)\\s+(?:http://[^/?#\\s]*)?([^?#\\s]*)\\S*\\s+HTTP/\\d\\.\\d\\s*\n.*",
            Pattern.DOTALL);

    private final Model model;
    private UpstreamServer upstream;
    private Running server;

    Fuzz(Model model) {
      this.model = model;
    }

    /** With time-outs so short that what never becomes a whole request does not take long. */
    @BeforeAll
    void start() throws IOException {
      upstream = UpstreamServer.start("127.0.0.1", 0);
      server =
          model.start(
              upstream.url(),
              TestDatabase.settings(
                  Map.of(
                      "DATABASE_STATEMENT_TIMEOUT_MS", "200",
                      "DATABASE_ACQUIRE_TIMEOUT_MS", "250",
                      "UPSTREAM_TIMEOUT_MS", "200",
                      "SERVICE_TIMEOUT_MS", "100",
                      "AGGREGATE_TIMEOUT_MS", "200",
                      "HEADER_TIMEOUT_MS", "500",
                      "REQUEST_TIMEOUT_MS", "500",
                      "STREAM_HEARTBEAT_MS", "400",
                      "IDLE_TIMEOUT_MS", "500")));
    }

    @AfterAll
    void stop() {
      server.close();
      upstream.close();
    }

    @Test
    void a_request_as_the_contract_has_it_gets_a_result() {
      for (int number = 0; number < 100; number++) {
        byte[] request = SampleRequest.draw(new Random(SEED + number));
        Answer answer = answer(request);
        assertThat(answer).as(shown(request)).isNotNull();
        // What they ask for would have to exist.
        boolean isForMore =
            Stream.of("GET /tasks/", "GET /docs/", "GET /play/", "GET /play?with=")
                .anyMatch(text(request)::startsWith);
        boolean isChat = text(request).startsWith("GET /chat/"); // which begins as an upgrade
        if (!isForMore) {
          assertThat(answer.status())
              .as(shown(request))
              .isIn(isChat ? List.of(426) : List.of(200, 202, 502, 504));
        }
      }
    }

    @Test
    void no_mutation_of_a_request_harms_the_server() {
      try (ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE)) {
        List<CompletableFuture<Void>> sent =
            IntStream.range(0, REQUESTS)
                .mapToObj(number -> CompletableFuture.runAsync(() -> send(number), senders))
                .toList();
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
      }
      server.awaitInFlight(0);
      server.awaitNobodyBusy();
      assertThat(server.main().get("/").status()).isEqualTo(200);
    }

    private void send(int number) {
      Random random = new Random(SEED + number);
      byte[] request = SampleRequest.draw(random);
      request = Mutation.some(1 + random.nextInt(MOST_MUTATIONS), request, random);
      if (MUCH_WORK.matcher(text(request)).find()) {
        return;
      }
      try {
        Answer answer = answer(request);
        if (answer != null) {
          check(request, answer);
        }
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "-Dfuzz.seed=%s, request %s: %s".formatted(SEED, number, shown(request)), e);
      }
    }

    /** Null where the server closed the connection without one. */
    private Answer answer(byte[] request) {
      try (Raw connection = server.connect()) {
        connection.sendWhileReading(request);
        return connection.readUnlessClosed(text(request).startsWith("HEAD "));
      }
    }

    private static void check(byte[] request, Answer answer) {
      if (answer.status() >= 500) {
        assertThat(answer.status()).isIn(SERVER_ERRORS);
      }
      assertThat(answer.headers()).doesNotContainKeys("server", "x-powered-by");
      Matcher line = REQUEST_LINE.matcher(text(request));
      boolean isRead = line.matches();
      String method = isRead ? line.group(1).toUpperCase(Locale.ROOT) : "GET";
      if (method.equals("HEAD") || answer.body().length == 0) {
        return;
      }
      Contract.checkAnswer(method, isRead ? line.group(2) : "/", answer);
    }

    private static String text(byte[] bytes) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** In the notation of a string literal, so that it can be sent again. */
    private static String shown(byte[] request) {
      StringBuilder shown = new StringBuilder();
      for (byte b : request) {
        switch (b) {
          case '\r' -> shown.append("\\r");
          case '\n' -> shown.append("\\n");
          default -> {
            if (b >= ' ' && b < 127) {
              shown.append((char) b);
            } else {
              shown.append("\\u%04x".formatted(b & 0xff));
            }
          }
        }
      }
      return shown.toString();
    }
  }
}
