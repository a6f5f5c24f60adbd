package dev.handlermodels.contracttests;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * openapi.yaml as the judge of every answer. Where the answer is no refusal of the request (4xx),
 * the request has to be one that the document allows, too; that includes parameters which it does
 * not know, of which the validator says nothing by default.
 */
final class Contract {
  static final String YAML = read();

  /** Kept, because a logger that nobody holds forgets its level. */
  private static final Logger VALIDATOR_LOG = Logger.getLogger("com.atlassian.oai.validator");

  static {
    // It tells of each text that it does not check, as every answer of /metrics is.
    VALIDATOR_LOG.setLevel(Level.WARNING);
  }

  private static final OpenApiInteractionValidator VALIDATOR =
      OpenApiInteractionValidator.createForInlineApiSpecification(YAML)
          .withLevelResolver(
              LevelResolver.create()
                  .withLevel(
                      "validation.request.parameter.query.unexpected", ValidationReport.Level.ERROR)
                  .build())
          .build();

  /** Operations of the management listener that tests ask for. */
  private static final Set<String> MANAGEMENT = Set.of("GET /threads", "GET /metrics");

  private Contract() {}

  private static String read() {
    try (InputStream in = Endpoint.class.getResourceAsStream("/openapi.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param target path and query as sent
   * @throws AssertionError where request or answer are not as the document says
   */
  static void check(String method, String target, String contentType, byte[] body, Answer answer) {
    if (answer.status() == 500) {
      throw new AssertionError("no test provokes a 500, but here is one: " + answer);
    }
    Disclosure.check(answer);
    if (method.equals("OPTIONS") && answer.status() == 204) {
      return; // the document says so for all paths
    }
    String path = target.split("\\?", 2)[0];
    boolean refused = answer.status() >= 400 && answer.status() < 500;
    // What the document lacks is refused as at GET /.
    boolean documented = documented(method, path);
    ValidationReport report =
        refused
            ? response(documented ? method : "GET", documented ? path : "/", answer)
            : VALIDATOR.validate(request(method, target, contentType, body), simple(answer));
    if (report.hasErrors()) {
      throw new AssertionError(
          method
              + " "
              + target
              + " is against openapi.yaml: "
              + report.getMessages()
              + " in "
              + answer);
    }
  }

  /**
   * The answer to a request that was made wrong somehow: a result of the endpoint that it names, or
   * a problem.
   *
   * @param path without the query
   * @throws AssertionError where the answer is not as the document says
   */
  static void checkAnswer(String method, String path, Answer answer) {
    Disclosure.check(answer);
    boolean documented = documented(method, path);
    if (method.equals("OPTIONS") && answer.status() == 204) {
      return;
    }
    if (answer.status() < 400 && !documented) {
      throw new AssertionError("openapi.yaml has no " + method + " " + path + ": " + answer);
    }
    ValidationReport report =
        response(documented ? method : "GET", documented ? path : "/", answer);
    if (report.hasErrors()) {
      throw new AssertionError("against openapi.yaml: " + report.getMessages() + " in " + answer);
    }
  }

  private static boolean documented(String method, String path) {
    if (method.equals("HEAD") || method.equals("OPTIONS")) {
      return false; // the document has a sentence on both, for all paths
    }
    try {
      Endpoint.of(method, path);
      return true;
    } catch (ProblemException _) {
      return MANAGEMENT.contains(method + " " + path);
    }
  }

  private static ValidationReport response(String method, String path, Answer answer) {
    return VALIDATOR.validateResponse(path, Request.Method.valueOf(method), simple(answer));
  }

  private static SimpleRequest request(
      String method, String target, String contentType, byte[] body) {
    String[] parts = target.split("\\?", 2);
    SimpleRequest.Builder request = new SimpleRequest.Builder(method, parts[0]);
    if (parts.length == 2) {
      for (String pair : parts[1].split("&")) {
        String[] nameAndValue = pair.split("=", 2);
        request.withQueryParam(nameAndValue[0], nameAndValue[1]);
      }
    }
    if (body.length > 0) {
      request.withContentType(contentType).withBody(body);
    }
    return request.build();
  }

  private static SimpleResponse simple(Answer answer) {
    SimpleResponse.Builder response =
        new SimpleResponse.Builder(answer.status()).withBody(answer.body());
    answer.headers().forEach((name, values) -> response.withHeader(name, values));
    return response.build();
  }
}
