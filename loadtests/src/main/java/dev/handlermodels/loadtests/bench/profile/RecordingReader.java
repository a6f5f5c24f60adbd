package dev.handlermodels.loadtests.bench.profile;

import dev.handlermodels.loadtests.bench.profile.Profile.Method;
import dev.handlermodels.loadtests.bench.profile.Profile.Pauses;
import dev.handlermodels.loadtests.bench.profile.Profile.Wait;
import dev.handlermodels.loadtests.bench.profile.ProfileProbe.Slices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/** Adds up the events of one or more recordings. */
final class RecordingReader {
  private static final String PINNED = "jdk.VirtualThreadPinned";
  private static final int LONGEST_WAITS = 10;

  /** Of a wait: enough to see who waited for what. */
  private static final int FRAMES_SHOWN = 24;

  private final String sampleEvent;
  private final CallTree calls = new CallTree("all");
  private final Map<Key, Total> waits = new HashMap<>();
  private long samplesLost;
  private long collections;
  private double pauseMs;

  /** Waits that are counted together. */
  private record Key(String kind, String reason, List<String> stack) {}

  private static final class Total {
    private long count;
    private double ms;
  }

  RecordingReader(String sampleEvent) {
    this.sampleEvent = sampleEvent;
  }

  void read(Path recording) throws IOException {
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        add(file.readEvent());
      }
    }
  }

  private void add(RecordedEvent event) {
    String name = event.getEventType().getName();
    if (name.equals(sampleEvent)) {
      sample(event.getStackTrace());
      return;
    }
    switch (name) {
      case PINNED, "jdk.SocketRead", "jdk.JavaMonitorEnter" -> wait(event, name);
      case "jdk.CPUTimeSamplesLost" -> samplesLost += event.getLong("lostSamples");
      case "jdk.GarbageCollection" -> {
        collections++;
        pauseMs += event.getDuration("sumOfPauses").toNanos() / 1e6;
      }
      default -> {
        // what each recording says of itself
      }
    }
  }

  private void sample(RecordedStackTrace trace) {
    if (trace == null || trace.getFrames().isEmpty()) {
      samplesLost++;
      return;
    }
    List<String> stack = new ArrayList<>(frames(trace, Integer.MAX_VALUE));
    if (trace.isTruncated()) {
      stack.add("(deeper than was recorded)");
    }
    Collections.reverse(stack);
    calls.add(stack);
  }

  private void wait(RecordedEvent event, String name) {
    String reason = name.equals(PINNED) ? text(event, "pinnedReason") : "";
    RecordedStackTrace trace = event.getStackTrace();
    List<String> stack = trace == null ? List.of() : frames(trace, FRAMES_SHOWN);
    Total total = waits.computeIfAbsent(new Key(name, reason, stack), _ -> new Total());
    total.count++;
    total.ms += event.getDuration().toNanos() / 1e6;
  }

  private static String text(RecordedEvent event, String field) {
    String text = event.hasField(field) ? event.getString(field) : null;
    return text == null ? "" : text;
  }

  /** The innermost first. */
  private static List<String> frames(RecordedStackTrace trace, int most) {
    return trace.getFrames().stream()
        .limit(most)
        .map(RecordedFrame::getMethod)
        .map(RecordingReader::name)
        .toList();
  }

  private static String name(RecordedMethod method) {
    return name(method.getType().getName(), method.getName());
  }

  /** Classes that the JVM makes have a number in their name, another one in each process. */
  static String name(String type, String method) {
    return type.replaceAll("(\\$\\$Lambda|LambdaForm\\$\\w+).*", "$1") + "." + method;
  }

  Profile profile(Slices slices) {
    List<Method> hottest =
        calls.selfTimes().stream()
            .limit(Profile.HOTTEST)
            .map(e -> new Method(e.getKey(), e.getValue() / (double) calls.samples()))
            .toList();
    return new Profile(
        slices.title(),
        sampleEvent,
        slices.slices(),
        calls,
        samplesLost,
        hottest,
        longest(PINNED::equals),
        longest(kind -> !kind.equals(PINNED)),
        new Pauses(collections, pauseMs),
        slices.trouble());
  }

  private List<Wait> longest(Predicate<String> kinds) {
    return waits.entrySet().stream()
        .filter(wait -> kinds.test(wait.getKey().kind()))
        .map(RecordingReader::wait)
        .sorted(Comparator.comparing(Wait::totalMs).reversed())
        .limit(LONGEST_WAITS)
        .toList();
  }

  private static Wait wait(Map.Entry<Key, Total> wait) {
    Key key = wait.getKey();
    return new Wait(
        key.kind(), key.reason(), wait.getValue().count, wait.getValue().ms, key.stack());
  }
}
