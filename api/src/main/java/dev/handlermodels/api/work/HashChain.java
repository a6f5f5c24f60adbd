package dev.handlermodels.api.work;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Work that nothing but a processor can do: SHA-256 of 32 zero bytes, of that hash, and so on. No
 * step can be left out or done ahead, so the cost is linear and the outcome can be checked:
 *
 * <pre>{@code
 * import hashlib; h = bytes(32)
 * for _ in range(work * 20000): h = hashlib.sha256(h).digest()
 * print(h.hex())
 * }</pre>
 */
final class HashChain {
  /** Some 1 ms of a processor with instructions for SHA-256; measured in docs/method.md. */
  static final int HASHES_PER_WORK = 20_000;

  private static final int HASH_BYTES = 32;

  private HashChain() {}

  /**
   * @param work units of {@link #HASHES_PER_WORK} hashes
   * @return the last hash in hexadecimal digits
   * @throws InterruptedException where the thread was interrupted, which is looked for after each
   *     unit
   */
  static String run(int work) throws InterruptedException {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] hash = new byte[HASH_BYTES];
      for (int unit = 0; unit < work; unit++) {
        unit(sha256, hash);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException | DigestException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void unit(MessageDigest sha256, byte[] hash) throws DigestException {
    for (int i = 0; i < HASHES_PER_WORK; i++) {
      sha256.update(hash, 0, HASH_BYTES);
      sha256.digest(hash, 0, HASH_BYTES);
    }
  }
}
