package dev.handlermodels.loadtests.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.StopSignal;
import dev.handlermodels.loadtests.bench.profile.ProfileProbe.Slices;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.StackTrace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileTest {
  private static final String SAMPLE = "test.Sample";

  @TempDir Path dir;

  /** Stands for a sample: it comes when it is told to. */
  @Name(SAMPLE)
  @StackTrace
  static final class SampleEvent extends Event {}

  private static void hot() {
    new SampleEvent().commit();
  }

  private static void caller() {
    hot();
    hot();
  }

  private static ProfileSlice slice(String recording, long cpuMs, long requests) {
    return new ProfileSlice(recording, 5, cpuMs, requests, new ContextSwitches(50, 5));
  }

  private static Profile profile(List<ProfileSlice> slices) {
    return new RecordingReader(SAMPLE).profile(new Slices("vertx /io", SAMPLE, slices, null));
  }

  /** A thread that waits for a monitor until the other one has seen it wait. */
  private static void waitForMonitor() throws InterruptedException {
    Object monitor = new Object();
    CountDownLatch begun = new CountDownLatch(1);
    Thread waiting =
        new Thread(
            () -> {
              begun.countDown();
              synchronized (monitor) {
                monitor.notifyAll();
              }
            });
    synchronized (monitor) {
      waiting.start();
      begun.await();
      while (waiting.getState() != Thread.State.BLOCKED) {
        Thread.onSpinWait();
      }
    }
    waiting.join();
  }

  private void record(String file) throws IOException, InterruptedException {
    try (Recording recording = new Recording()) {
      recording.enable("jdk.JavaMonitorEnter").withoutThreshold().withStackTrace();
      recording.enable("jdk.GarbageCollection").withoutThreshold();
      recording.start();
      caller();
      waitForMonitor();
      System.gc();
      recording.stop();
      recording.dump(dir.resolve(file));
    }
  }

  @Test
  void aRecordingBecomesCallsMethodsWaitsAndPauses() throws Exception {
    record("recording-1.jfr");
    Json.write(
        dir.resolve("slices.json"),
        new Slices(
            "vertx /io",
            SAMPLE,
            List.of(slice(null, 100, 10), slice("recording-1.jfr", 110, 10)),
            null));
    Profile profile = Profile.read(dir);

    assertThat(profile.calls().samples()).isEqualTo(2);
    assertThat(profile.samplesLost()).isZero();
    assertThat(profile.hottest())
        .containsExactly(new Profile.Method(ProfileTest.class.getName() + ".hot", 1.0));
    assertThat(profile.waits())
        // The recorder may wait for a monitor of its own, also on this thread.
        .filteredOn(wait -> wait.stack().toString().contains("waitForMonitor"))
        .singleElement()
        .satisfies(
            wait -> {
              assertThat(wait.kind()).isEqualTo("jdk.JavaMonitorEnter");
              assertThat(wait.totalMs()).isPositive();
            });
    assertThat(profile.pinned()).isEmpty();
    assertThat(profile.pauses().collections()).isPositive();
    assertThat(profile.cost().cpuPercent())
        .isCloseTo(10, org.assertj.core.data.Offset.offset(0.01));
  }

  /** 10 % and 30 % more CPU; at the same and at half of the requests a second. */
  @Test
  void theCostIsTheMedianOfPairsThatFollowEachOther() {
    Profile.Cost cost =
        profile(
                List.of(
                    slice(null, 100, 100),
                    slice("a", 110, 100),
                    slice(null, 100, 100),
                    slice("b", 65, 50)))
            .cost();

    assertThat(cost.pairs()).isEqualTo(2);
    assertThat(cost.cpuPercent()).isCloseTo(20, org.assertj.core.data.Offset.offset(0.01));
    assertThat(cost.leastCpuPercent()).isCloseTo(10, org.assertj.core.data.Offset.offset(0.01));
    assertThat(cost.mostCpuPercent()).isCloseTo(30, org.assertj.core.data.Offset.offset(0.01));
    assertThat(cost.requestsPercent()).isCloseTo(-25, org.assertj.core.data.Offset.offset(0.01));
    assertThat(cost.sentence()).contains("20.0 % more CPU", "10.0 to 30.0", "2 pairs");
  }

  @Test
  void aSliceWithoutRequestsMakesNoPair() {
    assertThat(profile(List.of(slice(null, 100, 0), slice("a", 110, 100))).cost().sentence())
        .isEqualTo("What profiling cost could not be read.");
  }

  @Test
  void switchesAndRequestsAreThoseWithoutARecording() {
    Profile profile = profile(List.of(slice(null, 100, 100), slice("a", 110, 900)));

    assertThat(profile.requestsPerSecond()).isEqualTo(20);
    assertThat(profile.switchesPerSecond(ContextSwitches::voluntary)).isEqualTo(10);
  }

  @Test
  void aNameHasNoNumberThatTheJvmMadeUp() {
    assertThat(RecordingReader.name("a.B$$Lambda/0x00007f00c10", "run"))
        .isEqualTo("a.B$$Lambda.run");
    assertThat(RecordingReader.name("java.lang.invoke.LambdaForm$DMH.0x0000", "invoke"))
        .isEqualTo("java.lang.invoke.LambdaForm$DMH.invoke");
  }

  /** On this JVM itself, in slices too short to mean anything. */
  @Test
  void aProbeLeavesSlicesInTurnAndTheirRecordings() throws Exception {
    try (LoopbackClient loopback = new LoopbackClient()) {
      new ProfileProbe(loopback, new StopSignal(), null, 50, 2)
          .loaded(ProcessHandle.current(), dir.resolve("row"));
    }
    Slices slices = Json.read(Slices.file(dir.resolve("row")), Slices.class);

    assertThat(slices.trouble()).isNull();
    assertThat(slices.slices())
        .extracting(ProfileSlice::isProfiled)
        .containsExactly(false, true, false, true);
    assertThat(slices.slices()).allSatisfy(one -> assertThat(one.requests()).isNull());
    assertThat(Slices.folder(dir.resolve("row")).resolve("recording-2.jfr")).isNotEmptyFile();
    assertThat(Profile.in(dir)).singleElement().extracting(Profile::title).isEqualTo("row");
  }

  @Test
  void aServerThatIsNoJvmLeavesTheReason() throws Exception {
    Process other = new ProcessBuilder("sleep", "60").start();
    try (LoopbackClient loopback = new LoopbackClient()) {
      new ProfileProbe(loopback, new StopSignal(), null, 50, 1)
          .loaded(other.toHandle(), Files.createDirectories(dir.resolve("row")));
    } finally {
      other.destroy();
    }

    assertThat(Profile.in(dir))
        .singleElement()
        .satisfies(profile -> assertThat(profile.trouble()).contains("is the server a JVM?"));
  }
}
