package dev.handlermodels.loadtests.bench.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessSamplerTest {
  @Test
  void idleAndWaitingForDisksAreNotBusyAndGuestTimeCountsOnce() {
    assertThat(ProcessSampler.machine("cpu  10 1 5 100 20 2 3 4 9 9"))
        .isEqualTo(new Sample.MachineUse(25, 145));
  }

  @Test
  void thisProcessUsesTheProcessor() {
    assertThat(ProcessSampler.process(ProcessHandle.current()).cpuMs()).isPositive();
  }
}
