package dev.handlermodels.api.telemetry;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.settings.HostAndPort;
import dev.handlermodels.api.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.net.URI;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Spans by OpenTelemetry's SDK, named and attributed as its semantic conventions for HTTP say. The
 * SDK reads its own variables; what they leave open is set here, so that nothing but traces is
 * exported, over HTTP, with attributes of a bounded length.
 */
final class OpenTelemetryTracing implements Tracing {
  private static final AttributeKey<String> SERVICE_NAME = AttributeKey.stringKey("service.name");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<String> METHOD_ORIGINAL =
      AttributeKey.stringKey("http.request.method_original");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final AttributeKey<String> SCHEME = AttributeKey.stringKey("url.scheme");
  private static final AttributeKey<String> FULL_URL = AttributeKey.stringKey("url.full");
  private static final AttributeKey<String> SERVER_ADDRESS =
      AttributeKey.stringKey("server.address");
  private static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
  private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

  private static final Set<String> KNOWN_METHODS =
      Set.of(
          "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE");
  private static final String SAMPLER = "OTEL_TRACES_SAMPLER";
  private static final IdGenerator IDS = IdGenerator.random();

  /** Not sampled, and of a trace id that is random. */
  private static final TraceFlags UNRECORDED = TraceFlags.builder().setRandomTraceId(true).build();

  private static final long CLOSE_MS = 2_000;

  private static final TextMapGetter<ServerSpan.Fields> READ =
      new TextMapGetter<>() {
        /** A field that came twice counts as its values with commas, which no traceparent is. */
        @Override
        public String get(ServerSpan.Fields fields, String name) {
          Collection<String> values = fields.all(name);
          if (values == null || values.isEmpty()) {
            return null;
          }
          String joined = String.join(",", values);
          return name.equals("tracestate") ? withoutEmptyMembers(joined) : joined;
        }

        /** The W3C allows empty members (Trace Context, 3.3.1.1); the SDK would drop the field. */
        private static String withoutEmptyMembers(String list) {
          return Arrays.stream(list.split(","))
              .map(String::strip)
              .filter(member -> !member.isEmpty())
              .collect(Collectors.joining(","));
        }
      };

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;
  private final TextMapPropagator propagator;

  /** Of the traces that begin here; null where a sampler of OpenTelemetry's decides. */
  private final TraceRateSampler pace;

  private OpenTelemetryTracing(OpenTelemetrySdk sdk, TraceRateSampler pace) {
    this.sdk = sdk;
    this.pace = pace;
    this.tracer = sdk.getTracer("handler-models");
    this.propagator = sdk.getPropagators().getTextMapPropagator();
  }

  static Tracing start(
      String server, Map<String, String> variables, int tracesPerSecond, MeterRegistry registry) {
    SpanCounts counts = new SpanCounts();
    try {
      OpenTelemetrySdk sdk =
          AutoConfiguredOpenTelemetrySdk.builder()
              .addPropertiesSupplier(() -> properties(variables))
              // Metrics are Prometheus's, and logs go to standard output.
              .addPropertiesCustomizer(
                  _ -> Map.of("otel.metrics.exporter", "none", "otel.logs.exporter", "none"))
              .addResourceCustomizer((resource, _) -> named(resource, "handler-models-" + server))
              .addMeterProviderCustomizer((meters, _) -> meters.registerMetricReader(counts))
              .disableShutdownHook()
              .build()
              .getOpenTelemetrySdk();
      counts.bindTo(registry);
      return new OpenTelemetryTracing(
          sdk, variables.containsKey(SAMPLER) ? null : new TraceRateSampler(tracesPerSecond));
    } catch (ConfigurationException e) {
      throw new Settings.SettingsException("OTEL_*: " + reason(e));
    }
  }

  private static Map<String, String> properties(Map<String, String> variables) {
    Map<String, String> properties = new HashMap<>();
    properties.put("otel.propagators", "tracecontext");
    properties.put("otel.exporter.otlp.protocol", "http/protobuf");
    properties.put(
        "otel.attribute.value.length.limit", Integer.toString(Limits.SPAN_ATTRIBUTE_CHARS));
    variables.forEach(
        (name, value) ->
            properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value.strip()));
    return properties;
  }

  private static Resource named(Resource resource, String name) {
    String given = resource.getAttribute(SERVICE_NAME);
    return given == null || given.startsWith("unknown_service")
        ? resource.merge(Resource.builder().put(SERVICE_NAME, name).build())
        : resource;
  }

  private static String reason(Throwable thrown) {
    return thrown.getCause() == null || thrown.getCause().getMessage() == null
        ? thrown.getMessage()
        : thrown.getCause().getMessage();
  }

  @Override
  public ServerSpan begin(String method, String rawPath, ServerSpan.Fields fields) {
    Context parent = propagator.extract(Context.root(), fields, READ);
    if (pace != null && !hasTrace(parent) && !pace.admits()) {
      return new Unrecorded(parent);
    }
    String known = KNOWN_METHODS.contains(method) ? method : "HTTP";
    Span span =
        tracer.spanBuilder(known).setSpanKind(SpanKind.SERVER).setParent(parent).startSpan();
    if (span.isRecording()) {
      method(span, method);
      span.setAttribute(PATH, rawPath);
      span.setAttribute(SCHEME, "http");
      address(span, READ.get(fields, "Host"));
    }
    return new Server(span, parent, known);
  }

  private static boolean hasTrace(Context context) {
    return Span.fromContext(context).getSpanContext().isValid();
  }

  private static void method(Span span, String method) {
    if (KNOWN_METHODS.contains(method)) {
      span.setAttribute(METHOD, method);
    } else {
      span.setAttribute(METHOD, "_OTHER");
      span.setAttribute(METHOD_ORIGINAL, method);
    }
  }

  /** Host and port as the client knows them. */
  private static void address(Span span, String host) {
    if (host == null) {
      return;
    }
    int colon = host.lastIndexOf(':');
    boolean hasPort = colon > host.lastIndexOf(']');
    span.setAttribute(SERVER_ADDRESS, hasPort ? host.substring(0, colon) : host);
    if (hasPort) {
      try {
        span.setAttribute(SERVER_PORT, Long.parseLong(host, colon + 1, host.length(), 10));
      } catch (NumberFormatException _) {
        // A client's text; the address alone says enough.
      }
    }
  }

  @Override
  public void flush(long withinMs) {
    sdk.getSdkTracerProvider().forceFlush().join(withinMs, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    sdk.shutdown().join(CLOSE_MS, TimeUnit.MILLISECONDS);
  }

  private final class Server implements ServerSpan {
    private final Span span;
    private final Context parent;
    private final String method;

    Server(Span span, Context parent, String method) {
      this.span = span;
      this.parent = parent;
      this.method = method;
    }

    @Override
    public void route(String route) {
      if (span.isRecording()) {
        span.updateName(method + " " + route);
        span.setAttribute(ROUTE, route);
      }
    }

    @Override
    public ClientSpan call(String method, URI server, String target) {
      Context context = parent.with(span);
      Span call =
          tracer.spanBuilder(method).setSpanKind(SpanKind.CLIENT).setParent(context).startSpan();
      if (call.isRecording()) {
        call.setAttribute(METHOD, method);
        call.setAttribute(FULL_URL, withoutUserInfo(server.resolve(target)));
        HostAndPort address = HostAndPort.of(server);
        call.setAttribute(SERVER_ADDRESS, address.host());
        call.setAttribute(SERVER_PORT, (long) address.port());
      }
      return new Client(call, context.with(call));
    }

    @Override
    public void end(int status) {
      if (span.isRecording()) {
        span.setAttribute(STATUS, (long) status);
        if (status >= 500) { // 4xx is the client's error and none of this server
          span.setStatus(StatusCode.ERROR);
          span.setAttribute(ERROR_TYPE, Integer.toString(status));
        }
      }
      span.end();
    }

    @Override
    public String traceId() {
      return span.getSpanContext().getTraceId();
    }

    @Override
    public String spanId() {
      return span.getSpanContext().getSpanId();
    }
  }

  /**
   * A request whose trace is not recorded. It costs next to nothing until it has to be told from
   * others: for the upstream, which is not to begin a trace of its own, and for the log.
   */
  private final class Unrecorded implements ServerSpan {
    private final Context parent;
    private SpanContext made;

    Unrecorded(Context parent) {
      this.parent = parent;
    }

    @Override
    public void route(String route) {}

    @Override
    public ClientSpan call(String method, URI server, String target) {
      Span call = Span.wrap(unrecorded(traceId()));
      return new Client(call, parent.with(call));
    }

    @Override
    public void end(int status) {}

    @Override
    public String traceId() {
      return ids().getTraceId();
    }

    @Override
    public String spanId() {
      return ids().getSpanId();
    }

    /** Made once, though several upstream calls of one request may ask at the same time. */
    private synchronized SpanContext ids() {
      if (made == null) {
        made = unrecorded(IDS.generateTraceId());
      }
      return made;
    }
  }

  private static SpanContext unrecorded(String traceId) {
    return SpanContext.create(traceId, IDS.generateSpanId(), UNRECORDED, TraceState.getDefault());
  }

  private static String withoutUserInfo(URI url) {
    String text = url.toString();
    return url.getRawUserInfo() == null ? text : text.replace(url.getRawUserInfo() + "@", "");
  }

  private final class Client implements ClientSpan {
    private final Span span;
    private final Context context;

    Client(Span span, Context context) {
      this.span = span;
      this.context = context;
    }

    @Override
    public void fields(BiConsumer<String, String> set) {
      propagator.inject(context, set, BiConsumer::accept);
    }

    @Override
    public void answered(int status) {
      span.setAttribute(STATUS, (long) status);
      if (status >= 400) {
        span.setStatus(StatusCode.ERROR);
        span.setAttribute(ERROR_TYPE, Integer.toString(status));
      }
    }

    @Override
    public void end(Throwable failure) {
      if (failure != null && span.isRecording()) {
        span.setStatus(StatusCode.ERROR);
        span.setAttribute(ERROR_TYPE, errorType(failure));
      }
      span.end();
    }

    private static String errorType(Throwable failure) {
      return failure instanceof NamedFailure named
          ? named.errorType()
          : failure.getClass().getName();
    }
  }
}
