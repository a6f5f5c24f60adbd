package dev.handlermodels.api.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The short way through {@link ParsersFuzzTarget}: good input, made wrong by a seeded generator.
 */
class ParsersFuzzTest {
  private static final int MUTANTS = 20_000;
  private static final int MOST_CHANGES = 4;

  /** The first letter chooses the parser. */
  private static final List<String> GOOD =
      List.of(
          "Zcalls=1000&waitMs=45&concurrency=20",
          "Zstrict=true&broken=orders,posts&profileMs=%31%30",
          "Zitems=10&everyMs=1000",
          "\1/io/blocking",
          "\u0041/tasks/3faa284a-4a2f-47d4-a7b1-07647f2e828a",
          "W{\"text\":\"\\u00e4\",\"waitMs\":1e3}",
          "W{\"text\":\"x\",\"waitMs\":60000}",
          "S203.0.113.7, 2001:db8::1, [::1]:80",
          "Sapplication/json; charset=utf-8",
          "SW/\"0123456789abcdef\", *",
          "\4 8080",
          "Yhttp://user@127.0.0.1:8081/");

  @Test
  void mutantsOfGoodInputAreReadOrRefused() {
    Random random = new Random(1);
    for (int i = 0; i < MUTANTS; i++) {
      byte[] mutant = mutant(GOOD.get(i % GOOD.size()), random);
      try {
        ParsersFuzzTarget.fuzzerTestOneInput(mutant);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(new String(mutant, StandardCharsets.ISO_8859_1), e);
      }
    }
  }

  private static byte[] mutant(String good, Random random) {
    byte[] bytes = good.getBytes(StandardCharsets.UTF_8);
    int changes = random.nextInt(MOST_CHANGES + 1);
    for (int i = 0; i < changes; i++) {
      int at = 1 + random.nextInt(bytes.length - 1);
      bytes[at] =
          random.nextBoolean() ? (byte) random.nextInt(256) : bytes[random.nextInt(bytes.length)];
    }
    return bytes;
  }
}
