package dev.handlermodels.contracttests;

import dev.handlermodels.api.Endpoint;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Draws requests, as bytes, that openapi.yaml allows: an endpoint, some of its parameters, a body
 * where it takes one. The numbers stay near their minimum, so that no answer takes long.
 */
final class SampleRequest {
  private static final int NEAR = 3;
  private static final Map<String, PathItem> PATHS = paths();

  private SampleRequest() {}

  private static Map<String, PathItem> paths() {
    ParseOptions whole = new ParseOptions();
    whole.setResolve(true);
    whole.setResolveFully(true);
    return new OpenAPIV3Parser().readContents(Contract.YAML, null, whole).getOpenAPI().getPaths();
  }

  static byte[] draw(RandomGenerator random) {
    Endpoint endpoint = Endpoint.values()[random.nextInt(Endpoint.values().length)];
    PathItem item = PATHS.get(endpoint.path());
    Operation operation = endpoint.method().equals("POST") ? item.getPost() : item.getGet();
    List<Parameter> parameters =
        operation.getParameters() == null ? List.of() : operation.getParameters();
    String query = query(parameters, random);
    byte[] body = operation.getRequestBody() == null ? new byte[0] : body(endpoint, random);
    String head =
        "%s %s%s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n"
            .formatted(
                endpoint.method(),
                path(endpoint, parameters, random),
                query.isEmpty() ? "" : "?" + query,
                fields(parameters, random),
                bodyFields(endpoint, body));
    return Mutation.concat(head.getBytes(StandardCharsets.ISO_8859_1), body);
  }

  private static String path(Endpoint endpoint, List<Parameter> all, RandomGenerator random) {
    return all.stream()
        .filter(parameter -> parameter.getIn().equals("path"))
        .findFirst()
        .map(parameter -> endpoint.path(value(parameter.getSchema(), random)))
        .orElse(endpoint.path());
  }

  private static String query(List<Parameter> all, RandomGenerator random) {
    return all.stream()
        .filter(parameter -> parameter.getIn().equals("query") && random.nextBoolean())
        .map(parameter -> parameter.getName() + "=" + value(parameter.getSchema(), random))
        .collect(Collectors.joining("&"));
  }

  private static String fields(List<Parameter> all, RandomGenerator random) {
    return all.stream()
        .filter(parameter -> parameter.getIn().equals("header") && random.nextBoolean())
        .map(
            parameter -> parameter.getName() + ": " + value(parameter.getSchema(), random) + "\r\n")
        .collect(Collectors.joining());
  }

  private static String bodyFields(Endpoint endpoint, byte[] body) {
    if (body.length == 0) {
      return "";
    }
    String type = endpoint == Endpoint.SUBMIT_TASK ? "application/json" : "text/plain";
    return "Content-Type: %s\r\nContent-Length: %s\r\n".formatted(type, body.length);
  }

  private static byte[] body(Endpoint endpoint, RandomGenerator random) {
    String text = letters(1 + random.nextInt(NEAR), random);
    String body =
        endpoint == Endpoint.SUBMIT_TASK
            ? "{\"text\":\"%s\",\"waitMs\":%s}".formatted(text, random.nextInt(NEAR))
            : text;
    return body.getBytes(StandardCharsets.UTF_8);
  }

  private static String value(Schema<?> schema, RandomGenerator random) {
    List<?> known = schema.getItems() != null ? schema.getItems().getEnum() : schema.getEnum();
    if (known != null) {
      return String.valueOf(known.get(random.nextInt(known.size())));
    }
    if (schema.getPattern() != null && schema.getExample() != null) {
      return schema.getExample().toString();
    }
    BigDecimal minimum = schema.getMinimum();
    return switch (schema.getType()) {
      case "integer" -> Integer.toString(minimum.intValue() + random.nextInt(NEAR));
      case "boolean" -> Boolean.toString(random.nextBoolean());
      default -> letters(NEAR, random);
    };
  }

  private static String letters(int count, RandomGenerator random) {
    return random
        .ints(count, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }
}
