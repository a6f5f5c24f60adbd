package dev.handlermodels.loadtests.bench.scenario.soak;

import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.Request;
import java.util.List;

/**
 * The requests of a soak: every endpoint that keeps something after its request, or that waits,
 * buffers, queues or starts threads. Weights are percentages.
 */
final class RequestMix {
  private static final int WAIT_MS = 20;
  private static final int BODY_BYTES = 16 * 1024;

  /**
   * A client that hangs up within its body can do so at any time, because there is no answer yet.
   */
  private static final int WITHIN_BODY_MS = 20;

  private RequestMix() {}

  /**
   * @param load tells the Idempotency-Keys of one load from those of another
   */
  static List<Request> of(String load) {
    return List.of(
        Request.get("/", 0, 20),
        Request.get("/io?waitMs=" + WAIT_MS, WAIT_MS, 28),
        Request.get("/io/offloaded?waitMs=" + WAIT_MS, WAIT_MS, 3),
        Request.get("/file", 0, 3),
        Request.get("/cpu?work=1", 0, 4),
        Request.get("/fanout?calls=5&concurrency=5&waitMs=" + WAIT_MS, WAIT_MS, 5),
        Request.get("/aggregate/ada?profileMs=20&postsMs=20&ordersMs=20", WAIT_MS, 8),
        post("/tasks", task(load), "{\"text\": \"soak\", \"waitMs\": 20}", 202, 6),
        Request.get(ArrivalLoad.TASK, 0, 6),
        Request.get("/stream?items=3&everyMs=" + WAIT_MS, WAIT_MS, 5),
        Request.get("/race?tasks=8", 0, 2),
        post("/echo", List.of("Content-Type: text/plain"), "x".repeat(BODY_BYTES), 200, 8),
        new Request("GET", "/nowhere/" + ArrivalLoad.NUMBER, List.of(), "", 404, 0, 2));
  }

  private static List<String> task(String load) {
    return List.of(
        "Content-Type: application/json", "Idempotency-Key: " + load + "-" + ArrivalLoad.NUMBER);
  }

  private static Request post(
      String path, List<String> fields, String body, int expects, int weight) {
    return new Request("POST", path, fields, body, expects, WITHIN_BODY_MS, weight);
  }
}
