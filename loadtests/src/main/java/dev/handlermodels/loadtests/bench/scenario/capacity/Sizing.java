package dev.handlermodels.loadtests.bench.scenario.capacity;

import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.Locale;

/**
 * What follows from a rate that one instance keeps: how many instances a demand needs, and their
 * settings, as patches for an overlay of deploy/kubernetes. All arithmetic stands in comments.
 *
 * @param title of the row
 * @param rate that one instance keeps
 * @param inFlight requests at the same time at that rate, by Little's law
 * @param cpuUs CPU time of the server for a request; null where it could not be read
 * @param rssPeakMiB resident memory of the process at its peak; null where it could not be read
 * @param byCpu whether the processors gave out first, so that the use of CPU follows the load
 * @param poolSize of a fixed pool
 */
record Sizing(
    String server,
    HandlerModel model,
    String title,
    Promise promise,
    int rate,
    int inFlight,
    Double cpuUs,
    Double rssPeakMiB,
    int heapMiB,
    boolean byCpu,
    int poolSize,
    int demand) {
  /** Of the rate of an instance that is planned with; the rest is for what was not foreseen. */
  static final int PLANNED_PERCENT = 70;

  /** So that one can go. */
  static final int LEAST_INSTANCES = 2;

  private static final int LEAST_CPU_MILLIS = 100;
  private static final int CPU_STEP_MILLIS = 10;
  private static final int CORE_MILLIS = 1000;
  private static final int MEMORY_STEP_MIB = 64;

  /** Of the image, whose heap is half of the limit. */
  private static final int HEAPS_PER_LIMIT = 2;

  private static final double MEMORY_RESERVE = 1.25;

  int plannedRate() {
    return Math.max(1, rate * PLANNED_PERCENT / 100);
  }

  int instances() {
    return Math.max(LEAST_INSTANCES, Math.ceilDiv(demand, plannedRate()));
  }

  /** Half as many again: for a demand beyond the planned one, and for instances that change. */
  int mostInstances() {
    return Math.ceilDiv(instances() * 3, 2);
  }

  /** More than so many in flight wait longer than was promised. */
  int maxInFlight() {
    return Math.max(1, (int) ((long) rate * promise.p99Ms() / 1000));
  }

  /** In flight on each instance at the planned rate. */
  int plannedInFlight() {
    return Math.max(1, inFlight * PLANNED_PERCENT / 100);
  }

  /** Null where the CPU time could not be read. */
  Integer cpuRequestMillis() {
    return cpuUs == null
        ? null
        : (Integer)
            Math.max(LEAST_CPU_MILLIS, roundedUp(rate * cpuUs / CORE_MILLIS, CPU_STEP_MILLIS));
  }

  /** Whole cores: an event loop for each. */
  int cpuLimitCores() {
    Integer request = cpuRequestMillis();
    return request == null ? 1 : Math.ceilDiv(2 * request, CORE_MILLIS);
  }

  int memoryMiB() {
    double used = rssPeakMiB == null ? 0 : rssPeakMiB * MEMORY_RESERVE;
    return roundedUp(Math.max(used, HEAPS_PER_LIMIT * heapMiB), MEMORY_STEP_MIB);
  }

  private static int roundedUp(double value, int step) {
    return (int) Math.ceil(value / step) * step;
  }

  /** Two patches, a Deployment and a HorizontalPodAutoscaler. */
  String yaml() {
    return text(
            """
            # %s keeps %s at %s/s on one instance.
            # Patches for deploy/kubernetes/overlays/%s: see docs/scenarios/capacity.md.
            """,
            title, promise.text(), Numbers.whole(rate), server)
        + deployment()
        + "---\n"
        + autoscaler();
  }

  private String deployment() {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: handler-models
    spec:
      template:
        spec:
          containers:
            - name: server
              env:
    """
        + text(
            """
                        # %s/s x %s ms = %s in flight (Little's law). With more of them, some wait longer than was promised.
                        - name: MAX_IN_FLIGHT
                          value: "%s"
            """,
            Numbers.whole(rate),
            Numbers.whole(promise.p99Ms()),
            Numbers.whole(maxInFlight()),
            maxInFlight())
        + threads()
        + resources();
  }

  private String threads() {
    return switch (model) {
      case EVENT_LOOP ->
          text(
              """
                          # One for each core of limits.cpu.
                          - name: EVENT_LOOPS
                            value: "%s"
              """,
              cpuLimitCores());
      case THREAD_POOL ->
          text(
              """
                          # As measured.
                          - name: POOL_SIZE
                            value: "%s"
              """,
              poolSize);
      case VIRTUAL_THREADS, UNKNOWN -> "";
    };
  }

  private String resources() {
    Integer request = cpuRequestMillis();
    StringBuilder text = new StringBuilder("          resources:\n            requests:\n");
    text.append(
        request == null
            ? "              # The CPU time could not be read where this was measured.\n"
                + "              cpu: 500m\n"
            : text(
                """
                              # %s us of CPU for a request x %s/s, and no less than %sm.
                              cpu: %sm
                """,
                Numbers.whole(cpuUs), Numbers.whole(rate), LEAST_CPU_MILLIS, request));
    text.append(
        text(
            """
                          memory: %sMi
                        limits:
                          # Twice the request, in whole cores: for the start, collections and bursts.
                          cpu: "%s"
                          # Half of it is heap, and %s MiB of heap were measured. The process had %s MiB at its peak.
                          memory: %sMi
            """,
            memoryMiB(),
            cpuLimitCores(),
            Numbers.whole(heapMiB),
            Numbers.whole(rssPeakMiB),
            memoryMiB()));
    return text.toString();
  }

  private String autoscaler() {
    return text(
            """
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata:
              name: handler-models
            spec:
              scaleTargetRef:
                apiVersion: apps/v1
                kind: Deployment
                name: handler-models
              # %s %% of %s/s are planned for each: %s/s / %s/s, so %s instances. So that one can go, never less than %s.
              minReplicas: %s
              # Half as many again: for more than that, and for instances that are replaced.
              maxReplicas: %s
              metrics:
            """,
            PLANNED_PERCENT,
            Numbers.whole(rate),
            Numbers.whole(demand),
            Numbers.whole(plannedRate()),
            Numbers.whole(instances()),
            LEAST_INSTANCES,
            LEAST_INSTANCES,
            mostInstances())
        + (byCpu ? cpuMetric() : inFlightMetric());
  }

  private static String cpuMetric() {
    return text(
        """
            # The processors gave out first, so CPU follows the load. requests.cpu is what the whole rate takes.
            - type: Resource
              resource:
                name: cpu
                target:
                  type: Utilization
                  averageUtilization: %s
        """,
        PLANNED_PERCENT);
  }

  private String inFlightMetric() {
    return text(
        """
            # Processors were left when the promise broke, so CPU does not follow the load: requests in flight do.
            # %s %% of the %s that are in flight at the whole rate. Needs the component in-flight-adapter.
            - type: Pods
              pods:
                metric:
                  name: http_server_requests_in_flight
                target:
                  type: AverageValue
                  averageValue: "%s"
        """,
        PLANNED_PERCENT, Numbers.whole(inFlight), plannedInFlight());
  }

  private static String text(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }
}
