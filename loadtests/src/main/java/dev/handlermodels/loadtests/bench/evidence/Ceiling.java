package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.servers.Place;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.Variables;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The most answers per second that a row can give, by Little's law: requests that can wait at the
 * same time, divided by the wait. Of all that bounds them, the least counts.
 *
 * @param atOnce requests that can wait at the same time
 * @param limitedBy what bounds them, in words
 * @param setting that moves this bound; null where there is none
 * @param reported whether the bound is what one instance of the server reports of itself
 * @param waitKnown whether the requests of the row are known to wait as the run's settings say
 * @param perSecond null where nothing waits (wait 0) or nobody knows
 */
public record Ceiling(
    int atOnce,
    String limitedBy,
    String setting,
    boolean reported,
    boolean waitKnown,
    Double perSecond) {

  /** A number of places, and where it is from. */
  private record Bound(int atOnce, String what, String setting, boolean reported) {}

  /** Without what the server reports of itself. */
  public static Ceiling of(Row row, Settings settings) {
    return of(row, List.of(), settings, Map.of());
  }

  /**
   * The least of the users and of all places.
   *
   * @param limits of every row of the server
   * @param reported settings that the server reported, by dotted name
   */
  public static Ceiling of(
      Row row, List<Place> limits, Settings settings, Map<String, String> reported) {
    int users = settings.users();
    if (!row.hasKnownWaits()) {
      return new Ceiling(users, "places of unknown number", null, false, false, null);
    }
    Bound least = null;
    for (Place place : row.waits()) {
      Bound bound = bound(place, settings, reported);
      if (bound == null) {
        return new Ceiling(users, "places of unknown number", null, false, true, null);
      }
      least = lesser(least, bound);
    }
    for (Place place : limits) {
      Bound bound = bound(place, settings, reported);
      least = bound == null ? least : lesser(least, bound);
    }
    if (least == null || users < least.atOnce()) {
      String all = settings.isOpen() ? "arrivals in one wait" : "users";
      least = new Bound(users, all, null, false);
    }
    Double perSecond = settings.waitMs() == 0 ? null : least.atOnce() * 1000.0 / settings.waitMs();
    return new Ceiling(
        least.atOnce(), least.what(), least.setting(), least.reported(), true, perSecond);
  }

  private static Bound lesser(Bound one, Bound other) {
    return one == null || other.atOnce() < one.atOnce() ? other : one;
  }

  /** Null where nobody knows. The server's own report counts more than what it was told. */
  private static Bound bound(Place place, Settings settings, Map<String, String> reported) {
    String told = place.report() == null ? null : reported.get(place.report());
    if (told != null && told.matches("[1-9]\\d{0,8}")) {
      return new Bound(Integer.parseInt(told), place.what(), place.setting(), true);
    }
    // A server that was there already did not get its settings from the bench.
    if (place.places() == null || settings.target() != null && Variables.areIn(place.places())) {
      return null;
    }
    int places = Integer.parseInt(Variables.fill(place.places(), settings.variables()));
    return new Bound(places, place.what(), place.setting(), false);
  }

  /** Whether whoever is not served stands in the queue of a pool, and a health check does, too. */
  boolean isOfPool() {
    return limitedBy.equals(Place.POOL_THREADS);
  }

  /** {@code 40 pool threads / 1,000 ms}. */
  String arithmetic(int waitMs) {
    return String.format(
        Locale.ROOT, "%s %s / %s ms", Numbers.whole(atOnce), limitedBy, Numbers.whole(waitMs));
  }

  /** {@code ; POOL_SIZE moves it}: empty where no setting does. */
  String movedBy() {
    return setting == null ? "" : "; " + setting + " moves it";
  }
}
