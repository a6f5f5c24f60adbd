package dev.handlermodels.loadtests.bench.servers;

/**
 * Where requests wait, and how many can wait there at the same time.
 *
 * @param what in words: {@code pool threads}
 * @param places a number, or a variable of the bench such as <code>${pool}</code>; null where only
 *     the server's report knows
 * @param setting that moves it; null where there is none
 * @param report where the server's own report of its settings has the number, as a dotted name;
 *     null where it does not
 */
public record Place(String what, String places, String setting, String report) {
  /** Those of a fixed pool that runs handlers. */
  public static final String POOL_THREADS = "pool threads";

  /** So many at the same time. */
  public Place(String what, int places) {
    this(what, Integer.toString(places), null, null);
  }
}
