package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** How long a unit of the servers' CPU work takes on one processor of this machine. */
final class CpuUnit {
  /** As in the contract: {@code work=1}. */
  private static final int HASHES = 20_000;

  private static final int HASH_BYTES = 32;

  /** The first rounds are interpreted. */
  private static final int WARMUP_ROUNDS = 200;

  private static final int ROUNDS = 101;

  private CpuUnit() {}

  /** The median of many units, one after the other, compiled. */
  static double measureMs() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] hash = new byte[HASH_BYTES];
      List<Double> ms = new ArrayList<>();
      for (int round = 0; round < WARMUP_ROUNDS + ROUNDS; round++) {
        long startedNs = System.nanoTime();
        unit(sha256, hash);
        if (round >= WARMUP_ROUNDS) {
          ms.add((System.nanoTime() - startedNs) / 1e6);
        }
      }
      return Numbers.round(Numbers.median(ms.stream().sorted().toList()), 3);
    } catch (NoSuchAlgorithmException | DigestException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void unit(MessageDigest sha256, byte[] hash) throws DigestException {
    for (int i = 0; i < HASHES; i++) {
      sha256.update(hash, 0, HASH_BYTES);
      sha256.digest(hash, 0, HASH_BYTES);
    }
  }
}
