package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.Json;
import java.io.IOException;
import java.nio.file.Path;

/** What a folder beyond the plain table holds, so that its report can be made again. */
enum Scenario {
  COMPARE,
  THROUGHPUT,
  SCALE,
  CPU,
  JOBS,
  FANOUT,
  DECIDE,
  STREAMS,
  HOSTILE,
  TELEMETRY,
  OVERLOAD,
  FAULTS,
  SOAK;

  private record Kind(Scenario scenario) {}

  static Path file(Path out) {
    return out.resolve("scenario.json");
  }

  void mark(Path out) throws IOException {
    Json.write(file(out), new Kind(this));
  }

  /** Report and results.json again, from the raw files alone. */
  static Page rewrite(Path out) throws IOException {
    return switch (Json.read(file(out), Kind.class).scenario()) {
      case COMPARE -> Compare.report(out);
      case THROUGHPUT -> Throughput.report(out);
      case SCALE -> Scale.report(out);
      case CPU -> Cpu.report(out);
      case JOBS -> Jobs.report(out);
      case FANOUT -> Fanout.report(out);
      case TELEMETRY -> Telemetry.report(out);
      case DECIDE -> Decide.report(out);
      case STREAMS -> Streams.report(out);
      case HOSTILE -> Hostile.report(out);
      case OVERLOAD -> Overload.report(out);
      case FAULTS -> Faults.report(out);
      case SOAK -> Soak.report(out);
    };
  }
}
