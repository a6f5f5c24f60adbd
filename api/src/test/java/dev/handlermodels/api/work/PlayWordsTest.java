package dev.handlermodels.api.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Resources;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ScriptableObject;

/**
 * What {@code /play} says of a run follows from what was seen: words.js, run by a JavaScript engine
 * with runs that are made up here. {@code PlayBrowserIT} compares the page with real runs.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PlayWordsTest {
  private static final String LOOP = "vert.x-eventloop-thread-0";

  private Context context;
  private ScriptableObject scope;

  @BeforeEach
  void load() {
    context = Context.enter();
    context.setLanguageVersion(Context.VERSION_ECMASCRIPT);
    context.setInterpretedMode(true);
    scope = context.initStandardObjects();
    String script = new String(Resources.bytes("/play/words.js"), StandardCharsets.UTF_8);
    // The engine knows no modules; nothing is imported.
    assertThat(script).doesNotContain("import");
    context.evaluateString(
        scope, script.replace("export function", "function"), "words.js", 1, null);
  }

  @AfterEach
  void leave() {
    Context.exit();
  }

  private String js(String expression) {
    return Context.toString(context.evaluateString(scope, expression, "test", 1, null));
  }

  private static String request(String path, double sentMs, double endMs, double tookMs) {
    return "{path: '%s', ok: true, status: 200, queuedMs: 0, sentMs: %s, endMs: %s, tookMs: %s"
        .formatted(path, sentMs, endMs, tookMs);
  }

  /** The end of a request: who ran it, and who waited. */
  private static String by(String kind, String thread, String waitedIn) {
    return ", kind: '%s', thread: '%s', waitedIn: %s}"
        .formatted(kind, thread, waitedIn == null ? "null" : "{name: '" + waitedIn + "'}");
  }

  private static String run(String name, double silentMs, List<String> requests) {
    return ("{name: '%s', model: 'event loop', waitMs: 1000, patienceMs: 7000,"
            + " silentMs: %s, probes: 9, probesFailed: 0, requests: [%s]}")
        .formatted(name, silentMs, String.join(", ", requests));
  }

  private String sentence(String run) {
    return js("sentence(" + run + ")");
  }

  private static List<String> six(IntFunction<String> request) {
    return IntStream.rangeClosed(1, 6).mapToObj(request).toList();
  }

  private static List<String> staircase() {
    return six(i -> request("/io/blocking", 1, 1000 * i + 4, 1001) + by("event-loop", LOOP, LOOP));
  }

  private static List<String> flat(String path) {
    return six(i -> request(path, 1, 1004 + i, 1002) + by("event-loop", LOOP, null));
  }

  @Test
  void a_blocked_loop_is_a_staircase_and_silent() {
    assertThat(sentence(run("blocking", 5913, staircase())))
        .isEqualTo(
            "Six calls of 1,000 ms took 6.0 s, one after another. One event loop waited for each of"
                + " them, and did nothing else meanwhile. /health/live was silent for 5.9 s.");
    assertThat(js("shape([" + String.join(",", staircase()) + "])")).isEqualTo("staircase");
  }

  @Test
  void on_a_loop_that_is_free_nobody_waits() {
    assertThat(sentence(run("io", 12.4, flat("/io"))))
        .isEqualTo(
            "Six calls of 1,000 ms took 1.0 s, all at the same time. One event loop started all the"
                + " calls, and no thread waited. /health/live answered all the time, within 12"
                + " ms.");
    assertThat(js("shape([" + String.join(",", flat("/io")) + "])")).isEqualTo("flat");
  }

  @Test
  void workers_wait_instead_of_the_loop() {
    List<String> requests =
        six(i -> request("/io/offloaded", 1, 1010, 1002) + by("event-loop", LOOP, "worker-" + i));
    assertThat(sentence(run("offloaded", 3, requests)))
        .contains("took 1.0 s, all at the same time.")
        .contains("One event loop handed them over, and six worker threads waited.");
  }

  @Test
  void virtual_threads_wait_one_for_each_call_and_pool_threads_too() {
    for (String kind : List.of("virtual", "platform")) {
      List<String> requests =
          six(i -> request("/io", 1, 1010, 1002) + by(kind, "thread-" + i, "thread-" + i));
      String name = kind.equals("virtual") ? "virtual" : "pool";
      assertThat(sentence(run("io", 3, requests)))
          .contains("all at the same time. Six " + name + " threads waited, one for each call.");
    }
  }

  @Test
  void two_at_a_time_are_neither() {
    List<String> requests =
        six(
            i ->
                request("/io/pinned", 1, 1000 * ((i + 1) / 2) + 4, 1001)
                    + by("virtual", "thread-" + i, "thread-" + i));
    assertThat(sentence(run("pinned", 2900, requests)))
        .startsWith("Six calls of 1,000 ms took 3.0 s, two at a time. Six virtual threads waited");
    assertThat(js("shape([" + String.join(",", requests) + "])")).isEqualTo("steps");
  }

  @Test
  void those_who_waited_in_the_browser_are_counted() {
    List<String> requests =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    "{path: '/io', ok: true, status: 200, queuedMs: %s, sentMs: %s, endMs: %s,"
                            .formatted(i < 6 ? 0 : 1003, i < 6 ? 0 : 1003, i < 6 ? 1002 : 2005)
                        + " tookMs: 1001"
                        + by("event-loop", LOOP, null))
            .toList();
    assertThat(sentence(run("io", 4, requests)))
        .startsWith("Eight calls of 1,000 ms took 2.0 s, six at a time.")
        .contains(" Two requests of 8 waited in the browser first, which opens six connections");
  }

  @Test
  void failures_are_named() {
    List<String> requests = new ArrayList<>(flat("/io"));
    String failed =
        "{path: '/io', ok: false, status: %s, queuedMs: 0, sentMs: 0, endMs: 3, tookMs: null}";
    requests.set(0, failed.formatted("503"));
    requests.set(1, failed.formatted("null"));
    assertThat(sentence(run("io", 4, requests)))
        .contains("Two requests of 6 failed (status 503, no answer).");
    assertThat(sentence(run("io", 4, List.of(failed.formatted("null")))))
        .startsWith("One call of 1,000 ms took 3 ms. One request of 1 failed (no answer).");
    String late = failed.formatted("null").replace("ok: false", "ok: false, isLate: true");
    assertThat(sentence(run("pinned", 6900, List.of(late))))
        .contains("One request of 1 failed (no answer within 7.0 s).");
    assertThat(js("lane(" + late + ")")).isEqualTo("no answer in time");
  }

  @Test
  void a_health_that_fails_is_not_taken_for_one_that_answers() {
    String gone = run("io", 4, flat("/io")).replace("probesFailed: 0", "probesFailed: 7");
    assertThat(sentence(gone))
        .endsWith(" Seven requests of 9 to /health/live failed.")
        .doesNotContain("answered all the time");
  }

  @ParameterizedTest
  @CsvSource({
    "4000, 'up to 4.0 s: the computing held up those who only wait'",
    "1499, '1.5 s, about as alone'",
    "1020, '1.0 s, about as alone'"
  })
  void who_waits_beside_who_computes_is_held_up_or_not(double endMs, String said) {
    List<String> requests =
        IntStream.rangeClosed(1, 3)
            .mapToObj(
                i -> request("/cpu/inline", 0, 1000 * i + 2, 1000) + by("event-loop", LOOP, null))
            .collect(Collectors.toCollection(ArrayList::new));
    requests.add(request("/io", 0, endMs, 1000) + by("event-loop", LOOP, null));
    assertThat(sentence(run("cpu", 2900, requests)))
        .startsWith("Three computations and one call of 1,000 ms took ")
        .contains("One event loop computed one after another. The call beside took " + said);
  }

  @Test
  void a_race_says_what_was_lost() {
    String race =
        "{path: '/race', ok: true, safe: %s, queuedMs: 0, sentMs: 0, endMs: 9, tookMs: 8,"
            + " kind: 'event-loop', thread: 'x', waitedIn: null,"
            + " tasks: 100, threads: 1, counted: %s, lost: %s}";
    assertThat(
            sentence(
                run(
                    "race",
                    1,
                    List.of(race.formatted(false, 1, 99), race.formatted(true, 100, 0)))))
        .isEqualTo(
            "100 tasks on one thread raised a counter to 1: 99 updates were lost."
                + " Safe: 100 tasks on one thread raised a counter to 100, and no update was lost."
                + " /health/live answered all the time, within 1 ms.");
  }

  @Test
  void races_on_several_servers_are_compared_by_what_was_lost() {
    String race =
        "{name: 'race', model: '%s', requests: [{ok: true, safe: false, tasks: 100, lost: %s},"
            + " {ok: true, safe: true, tasks: 100, lost: 0}]}";
    String races = race.formatted("event loop", 99) + "," + race.formatted("fixed pool", 86);
    assertThat(js("comparison([" + races + "])"))
        .isEqualTo(
            "Of 100 updates 99 were lost on the event loop and 86 were lost on the fixed pool.");
  }

  @Test
  void runs_on_several_servers_are_compared() {
    String blocked = run("blocking", 1, staircase());
    String free = run("io", 1, flat("/io")).replace("event loop", "virtual threads");
    assertThat(js("comparison([" + blocked + "," + free + "])"))
        .isEqualTo(
            "The same six requests took 6.0 s on the event loop and 1.0 s on virtual threads.");
  }

  /** A server that refuses everything is the quickest of all. */
  @Test
  void who_answered_nothing_is_not_compared_with_those_who_did() {
    String free = run("io", 1, flat("/io"));
    String gone = free.replace("event loop'", "fixed pool'").replace("ok: true", "ok: false");
    assertThat(js("comparison([" + free + "," + gone + "])"))
        .isEqualTo(
            "The same six requests took 1.0 s on the event loop. No request was answered on the"
                + " fixed pool.");
    assertThat(js("comparison([" + gone + "," + gone + "])"))
        .isEqualTo("No request was answered on the fixed pool and on the fixed pool.");
  }

  @Test
  void a_lane_says_how_long_its_request_waited_for_its_thread() {
    assertThat(js("lane(" + staircase().get(4) + ")")).isEqualTo("waited 4.0 s");
    assertThat(js("lane(" + flat("/io").get(4) + ")")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 ms",
    "12.4, 12 ms",
    "994, 994 ms",
    "995, 1.0 s",
    "1249, 1.2 s",
    "61000, 61.0 s"
  })
  void durations_are_rounded(double ms, String text) {
    assertThat(js("duration(" + ms + ")")).isEqualTo(text);
  }

  @Test
  void large_numbers_are_grouped_whatever_the_locale() {
    assertThat(Locale.getDefault().getLanguage()).isEqualTo("fa");
    assertThat(js("milliseconds(1234567)")).isEqualTo("1,234,567 ms");
  }
}
