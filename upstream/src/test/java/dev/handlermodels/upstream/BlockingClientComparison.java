package dev.handlermodels.upstream;

import com.sun.management.OperatingSystemMXBean;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.upstream.UpstreamGuards;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Which HTTP client to wait with: 500 callers, each calling the upstream with a wait of 1000 ms
 * over and over, on virtual and on platform threads. Not a test: {@code mvn -pl upstream
 * exec:exec@compare-clients} runs it and prints the table that docs/design.md holds. Each line is a
 * JVM of its own with the servers' flags; the upstream is another.
 */
public final class BlockingClientComparison {
  private static final int CALLERS = 500;
  private static final int WAIT_MS = 1000;
  private static final int WARM_UP_SECONDS = 5;
  private static final int MEASURE_SECONDS = 15;

  private BlockingClientComparison() {}

  /** A blocking call; anything else than the whole answer is an exception. */
  private interface Client {
    void call() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    if (args.length == 3) {
      measure(args[0], args[1], URI.create(args[2]));
      return;
    }
    System.out.printf(
        "%-22s %-9s %8s %9s %9s %9s %11s %8s %9s %12s%n",
        "client",
        "threads",
        "calls/s",
        "p50 ms",
        "p99 ms",
        "max ms",
        "CPU µs/call",
        "RSS MiB",
        "OS thr.",
        "heap KiB/call");
    try (UpstreamServer upstream = UpstreamServer.start("127.0.0.1", 0)) {
      for (String threads : List.of("virtual", "platform")) {
        for (String client : List.of("apache-httpclient-5", "jdk-httpclient", "okhttp-5")) {
          child(client, threads, upstream.url().toString());
        }
      }
    }
  }

  private static void child(String... args) throws IOException, InterruptedException {
    ProcessBuilder child =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-Xms256m",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            BlockingClientComparison.class.getName());
    child.command().addAll(List.of(args));
    child.inheritIO().start().waitFor();
  }

  private static void measure(String name, String threads, URI upstream) throws Exception {
    Client client = client(name, upstream);
    ConcurrentHistogram micros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(2), 3);
    LongAdder failures = new LongAdder();
    long startNanos = System.nanoTime();
    long fromNanos = startNanos + TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS);
    long untilNanos = fromNanos + TimeUnit.SECONDS.toNanos(MEASURE_SECONDS);
    CountDownLatch done = new CountDownLatch(CALLERS);
    Thread.Builder builder = threads.equals("virtual") ? Thread.ofVirtual() : Thread.ofPlatform();
    for (int i = 0; i < CALLERS; i++) {
      builder.start(
          () -> {
            while (System.nanoTime() < untilNanos) {
              long before = System.nanoTime();
              try {
                client.call();
                long after = System.nanoTime();
                if (after > fromNanos && after < untilNanos) {
                  micros.recordValue((after - before) / 1000);
                }
              } catch (Exception e) {
                failures.increment();
              }
            }
            done.countDown();
          });
    }
    TimeUnit.NANOSECONDS.sleep(fromNanos - System.nanoTime());
    long cpuBefore = cpuNanos();
    TimeUnit.NANOSECONDS.sleep(untilNanos - System.nanoTime());
    long cpu = cpuNanos() - cpuBefore;
    Map<String, Long> status = status();
    // The callers are still waiting: what the heap holds now is what calls in flight cost.
    System.gc();
    long heapKiB = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024;
    done.await(WAIT_MS * 10L, TimeUnit.MILLISECONDS);
    System.out.printf(
        "%-22s %-9s %8.1f %9.1f %9.1f %9.1f %11.0f %8d %9d %12.1f%s%n",
        name,
        threads,
        micros.getTotalCount() / (double) MEASURE_SECONDS,
        micros.getValueAtPercentile(50) / 1000.0,
        micros.getValueAtPercentile(99) / 1000.0,
        micros.getMaxValue() / 1000.0,
        cpu / 1000.0 / Math.max(1, micros.getTotalCount()),
        status.get("VmHWM") / 1024,
        status.get("Threads"),
        heapKiB / (double) CALLERS,
        failures.sum() == 0 ? "" : "  failures: " + failures.sum());
    System.exit(0);
  }

  private static Client client(String name, URI upstream) {
    return switch (name) {
      case "apache-httpclient-5" -> {
        Settings settings = Settings.fromEnvironment(Map.of());
        UpstreamGuards guards = new UpstreamGuards(settings, new SimpleMeterRegistry());
        BlockingClient client = new BlockingClient(upstream, settings, guards);
        yield () -> client.call(WAIT_MS, new Cancellation(ServerSpan.NONE));
      }
      case "jdk-httpclient" -> {
        java.net.http.HttpClient client =
            java.net.http.HttpClient.newBuilder()
                .version(java.net.http.HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        HttpRequest request =
            HttpRequest.newBuilder(upstream.resolve("/wait?waitMs=" + WAIT_MS))
                .timeout(Duration.ofSeconds(65))
                .build();
        yield () -> {
          HttpResponse<byte[]> response =
              client.send(request, HttpResponse.BodyHandlers.ofByteArray());
          UpstreamAnswer.parse(response.statusCode(), response.body(), Thread.currentThread());
        };
      }
      case "okhttp-5" -> {
        OkHttpClient client =
            new OkHttpClient.Builder()
                .connectionPool(new ConnectionPool(CALLERS, 1, TimeUnit.MINUTES))
                .dispatcher(new Dispatcher())
                .callTimeout(Duration.ofSeconds(65))
                .readTimeout(Duration.ofSeconds(65))
                .build();
        Request request =
            new Request.Builder()
                .url(upstream.resolve("/wait?waitMs=" + WAIT_MS).toString())
                .build();
        yield () -> {
          try (okhttp3.Response response = client.newCall(request).execute()) {
            UpstreamAnswer.parse(response.code(), response.body().bytes(), Thread.currentThread());
          }
        };
      }
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static Map<String, Long> status() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM") || line.startsWith("Threads"))
        .collect(
            java.util.stream.Collectors.toMap(
                line -> line.substring(0, line.indexOf(':')),
                line -> Long.parseLong(line.replaceAll("\\D", ""))));
  }
}
