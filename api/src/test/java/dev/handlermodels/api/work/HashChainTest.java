package dev.handlermodels.api.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.Limits;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HashChainTest {
  /** As the Python of the class comment prints them. */
  @ParameterizedTest
  @CsvSource({
    "0, 0000000000000000000000000000000000000000000000000000000000000000",
    "1, be284ef82cb4cc7387570bda86289eeecd04b4fa69d53bf3101136c198955fea",
    "2, 4ed6442aac0205f4e2a408049d59fa73e24b3bb3a587076cacc983dc1529610d",
    "20, e7b1f1144d5f38af3731a4d6c4c8879e435cd3513937f6ab197399299f8f728d"
  })
  void the_outcome_is_what_another_implementation_computes(int work, String hash)
      throws InterruptedException {
    assertThat(HashChain.run(work)).isEqualTo(hash);
  }

  @Test
  void an_interrupt_ends_it() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> HashChain.run(Limits.MAX_WORK))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }
}
