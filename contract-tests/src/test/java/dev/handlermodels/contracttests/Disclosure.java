package dev.handlermodels.contracttests;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What every answer has to say to browsers, and what none may say of the server's inside. */
final class Disclosure {
  private static final Map<String, String> SAID =
      Map.of(
          "x-content-type-options", "nosniff",
          "cross-origin-resource-policy", "same-origin");

  private static final List<String> UNSAID = List.of("server", "x-powered-by", "via");

  private static final Pattern INSIDE =
      Pattern.compile(
          "(?i)helidon|undertow|netty|xnio|jackson|java\\.|javax\\.|exception|\\bat [a-z]+\\.");

  private Disclosure() {}

  /**
   * @throws AssertionError where the answer says too little or too much
   */
  static void check(Answer answer) {
    SAID.forEach((name, value) -> require(value.equals(answer.header(name)), name, answer));
    String policy = answer.header("content-security-policy");
    require(
        policy != null
            && policy.startsWith("default-src 'none';")
            && policy.endsWith("frame-ancestors 'none'"),
        "content-security-policy",
        answer);
    UNSAID.forEach(name -> require(answer.header(name) == null, name, answer));
    if ("application/problem+json".equals(answer.header("content-type"))) {
      require("no-store".equals(answer.header("cache-control")), "cache-control", answer);
      require(!INSIDE.matcher(answer.text()).find(), "what is inside", answer);
    }
  }

  private static void require(boolean fact, String what, Answer answer) {
    if (!fact) {
      throw new AssertionError(what + " is not as it should be in " + answer);
    }
  }
}
