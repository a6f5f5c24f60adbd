package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Never two readings: each request of {@code corpus/requests.txt} is read as its RFC says, or it is
 * refused and the connection closed. A second request behind it on the same connection shows which:
 * it is answered, too, or nobody is answered any more.
 */
@Rules
@AtOnce
class RawRequestsTest {
  @Nested
  class Vertx extends RawRequests {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends RawRequests {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends RawRequests {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class RawRequests extends ServerRules {
    static final List<RawRequest> ALL = RawRequest.all();

    private static final byte[] BEHIND =
        "GET /behind HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Never 408: that would be a server which still waits for what it has mistaken for a body. */
    private static final Set<Integer> REFUSALS = Set.of(400, 413, 414, 431, 501, 505);

    RawRequests(Model model) {
      super(model);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("ALL")
    void a_request_has_one_reading_or_none(RawRequest request) {
      try (Raw connection = server.connect()) {
        connection.send(withOneBehind(request));
        assertOneReading(request, connection);
      }
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("ALL")
    void a_request_that_comes_byte_by_byte_has_the_same(RawRequest request) {
      try (Raw connection = server.connect()) {
        sendByteByByte(connection, withOneBehind(request));
        assertOneReading(request, connection);
      }
    }

    /**
     * The JDK's own server, which reads many of them in its own way: so it answers once on each
     * connection, and what stands behind is nobody's request.
     */
    @ParameterizedTest(name = "{0}")
    @FieldSource("ALL")
    void the_management_listener_answers_once_at_most(RawRequest request) {
      try (Raw connection = server.connectToManagement()) {
        sendByteByByte(connection, withOneBehind(request));
        List<Answer> answers = new ArrayList<>();
        Optional<Answer> next = read(connection);
        while (next.isPresent()) {
          answers.add(next.get());
          next = read(connection);
        }
        assertThat(answers).hasSizeLessThan(2);
        assertThat(answers)
            .allSatisfy(
                answer -> {
                  assertThat(answer.status()).isIn(200, 204, 400, 404, 405, 413, 501, 505);
                  assertThat(isBehind(answer)).isFalse();
                  assertThat(answer.text()).doesNotContain("/smuggled\"", "java.", "\tat ");
                });
      }
      assertThat(server.management().get("/health/live").status()).isEqualTo(200);
    }

    private static byte[] withOneBehind(RawRequest request) {
      byte[] both = Arrays.copyOf(request.bytes(), request.bytes().length + BEHIND.length);
      System.arraycopy(BEHIND, 0, both, request.bytes().length, BEHIND.length);
      return both;
    }

    /** As far as the server wants to have them: who has refused the first half reads no second. */
    private static void sendByteByByte(Raw connection, byte[] bytes) {
      try {
        for (byte b : bytes) {
          connection.send(new byte[] {b});
        }
      } catch (UncheckedIOException _) {
        // It has closed, and its answer can still be read.
      }
    }

    /** Nothing where the server has closed the connection instead. */
    private Optional<Answer> read(Raw connection) {
      try {
        return Optional.of(connection.read());
      } catch (UncheckedIOException e) {
        if (e.getCause() instanceof SocketTimeoutException) {
          throw new AssertionError("neither an answer nor an end from " + model, e);
        }
        return Optional.empty();
      }
    }

    private void assertOneReading(RawRequest request, Raw connection) {
      List<Answer> answers = new ArrayList<>();
      Optional<Answer> next = read(connection);
      while (next.isPresent() && !isBehind(next.get())) {
        answers.add(next.get());
        next = read(connection);
      }
      boolean closed = next.isEmpty();
      assertThat(request.outcomes())
          .as("%s, then %s", answers, closed ? "closed" : "the request behind it")
          .anyMatch(outcome -> isSeen(outcome, answers, closed));
    }

    private static boolean isBehind(Answer answer) {
      return answer.status() == 404 && answer.text().contains("there is nothing at /behind\"");
    }

    private boolean isSeen(RawRequest.Outcome allowed, List<Answer> answers, boolean closed) {
      if (allowed.status().isEmpty()) {
        return closed
            && (answers.isEmpty() || answers.size() == 1 && isRefusal(answers.getFirst()));
      }
      return answers.size() == 1
          && (allowed.server() == null || allowed.server().equals(model.toString()))
          && answers.getFirst().status() == allowed.status().getAsInt()
          && (allowed.body() == null || answers.getFirst().text().equals(allowed.body()));
    }

    private static boolean isRefusal(Answer answer) {
      return REFUSALS.contains(answer.status())
          && "application/problem+json".equals(answer.header("content-type"));
    }

    /** The corpus itself: a case that nobody sends, or that allows anything, proves nothing. */
    @Test
    void the_corpus_is_whole() {
      assertThat(ALL).hasSizeGreaterThan(180);
      assertThat(ALL).extracting(RawRequest::what).doesNotHaveDuplicates();
      assertThat(ALL)
          .allSatisfy(
              request -> {
                assertThat(request.source()).matches("RFC \\d+, [\\d.]+");
                assertThat(request.outcomes()).hasSizeBetween(1, 3).doesNotHaveDuplicates();
              });
    }
  }
}
