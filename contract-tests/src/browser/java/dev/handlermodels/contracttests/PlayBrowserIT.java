package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The page at /play in a real browser, with the three servers of {@code ./serve all}. Run by {@code
 * mvn verify -Pbrowser}; SKIPPED where no Chromium is.
 */
@Rules
@Timeout(180)
class PlayBrowserIT extends BrowserTest {
  /** {@code -Dplay.pictures=write} writes the pictures of README.md anew. */
  private static final boolean WRITE = "write".equals(System.getProperty("play.pictures"));

  private static final int SIX = 6;
  private static final int WAIT_MS = 400;

  /** The page of one server. */
  private WatchedPage open(Model model) {
    return page(WIDE, ColorScheme.LIGHT).open(servers.main(model) + "/play");
  }

  static Stream<Arguments> flat() {
    return Stream.of(
        Arguments.of(Model.VERTX, "io", "One event loop started all the calls, and no thread"),
        Arguments.of(Model.VERTX, "offloaded", "One event loop handed them over, and six worker"),
        Arguments.of(Model.NIMA, "io", "Six virtual threads waited, one for each call."),
        Arguments.of(Model.NIMA, "blocking", "Six virtual threads waited, one for each call."),
        Arguments.of(Model.NIMA, "offloaded", "handed them over, and six worker threads waited."),
        Arguments.of(Model.BLOCKING, "io", "Six pool threads waited, one for each call."),
        Arguments.of(Model.BLOCKING, "blocking", "Six pool threads waited, one for each call."),
        Arguments.of(Model.BLOCKING, "offloaded", "handed them over, and six worker threads"));
  }

  @ParameterizedTest
  @MethodSource("flat")
  void calls_that_hold_up_nobody_are_one_flat_line(Model model, String action, String said) {
    try (WatchedPage watched = open(model)) {
      watched.set(SIX, WAIT_MS);
      watched.run(action);
      Frame column = watched.page().mainFrame();
      int first = WatchedPage.tookMs(column).getFirst();
      assertThat(WatchedPage.tookMs(column))
          .hasSize(SIX)
          .allSatisfy(took -> assertThat(took).isBetween(WAIT_MS, first + WAIT_MS - 1));
      assertThat(WatchedPage.said(column))
          .startsWith("Six calls of 400 ms took ")
          .contains(", all at the same time. ")
          .contains(said);
      assertQuiet(watched);
    }
  }

  @Test
  void blocking_calls_on_a_loop_are_a_staircase_on_one_thread_and_health_is_silent() {
    try (WatchedPage watched = open(Model.VERTX)) {
      watched.set(SIX, WAIT_MS);
      watched.run("blocking");
      Frame column = watched.page().mainFrame();
      List<Integer> took = WatchedPage.tookMs(column);
      assertThat(took).hasSize(SIX);
      for (int i = 0; i < SIX; i++) {
        assertThat(took.get(i)).as("%s", took).isGreaterThanOrEqualTo((i + 1) * WAIT_MS);
      }
      assertThat(WatchedPage.threads(column).subList(0, SIX))
          .containsOnly("vert.x-eventloop-thread-0");
      assertThat(WatchedPage.said(column))
          .matches("Six calls of 400 ms took [23]\\.\\d s, one after another\\. One event loop .*")
          .containsPattern("/health/live was silent for [12]\\.\\d s\\.");
      assertThat(column.locator(".health .dot.bad").count()).isGreaterThanOrEqualTo(SIX);
      assertQuiet(watched);
    }
  }

  /** Two carriers, so that six pinned calls freeze all until the page has had enough. */
  @ParameterizedTest
  @EnumSource
  void pinned_calls_are_seen_to_freeze_virtual_threads_and_the_page_ends_it(Model model) {
    try (WatchedPage watched = open(model)) {
      watched.set(SIX, WAIT_MS);
      watched.run("pinned");
      Frame column = watched.page().mainFrame();
      String said = WatchedPage.said(column);
      switch (model) {
        case VERTX -> assertThat(said).contains(", one after another. One event loop waited");
        case BLOCKING -> assertThat(said).contains(", all at the same time. Six pool threads");
        case NIMA ->
            assertThat(said)
                .matches("Six calls of 400 ms took (9\\.8|9\\.9|1\\d\\.\\d) s\\. .*")
                .contains("Six requests of 6 failed (no answer within 9.8 s).")
                .containsPattern("/health/live was silent for (9|1\\d)\\.\\d s\\.");
      }
      watched.run("io");
      assertThat(WatchedPage.said(column)).contains("Six calls of 400 ms took ", "at the same");
      assertQuiet(watched);
    }
  }

  /** A probe must not wait for one of the six connections that requests have taken. */
  @ParameterizedTest
  @EnumSource
  void health_needs_none_of_the_six_connections(Model model) {
    try (WatchedPage watched = open(model)) {
      watched.set(2 * SIX, 1000);
      watched.run("io");
      Frame column = watched.page().mainFrame();
      assertThat(column.locator(".health .dot.good").count()).isGreaterThanOrEqualTo(2);
      assertThat(WatchedPage.said(column))
          .matches("Twelve calls of 1,000 ms took 2\\.\\d s, six at a time\\..*")
          .contains("Six requests of 12 waited in the browser first")
          .contains("/health/live answered all the time");
      assertQuiet(watched);
    }
  }

  @ParameterizedTest
  @EnumSource
  void computing_beside_waiting_and_the_race_say_what_was_seen(Model model) {
    try (WatchedPage watched = open(model)) {
      watched.set(SIX, WAIT_MS);
      watched.run("cpu");
      Frame column = watched.page().mainFrame();
      assertThat(WatchedPage.said(column))
          .startsWith("Three computations and three calls of 400 ms took ")
          .contains(" computed")
          .contains(" The calls beside took ");
      if (model == Model.VERTX) {
        assertThat(WatchedPage.said(column)).contains("the computing held up those who only wait");
      }
      watched.run("race");
      assertThat(WatchedPage.said(column))
          .matches("100 tasks on .* raised a counter to \\d+: \\d+ updates? (was|were) lost\\..*")
          .contains("raised a counter to 100, and no update was lost.");
      assertQuiet(watched);
    }
  }

  /** There is a button for what GET / lists, and for nothing else. */
  @ParameterizedTest
  @EnumSource
  void buttons_are_those_of_the_endpoints_that_are_there(Model model) {
    try (WatchedPage watched = open(model);
        Client client = new Client(Integer.parseInt(servers.main(model).split(":")[2]))) {
      String root = client.get("/").text();
      for (String action : List.of("io", "blocking", "offloaded", "pinned")) {
        String path = action.equals("io") ? "/io" : "/io/" + action;
        assertThat(watched.button(action).count())
            .as(path)
            .isEqualTo(root.contains("\"" + path + "\"") ? 1 : 0);
      }
      assertQuiet(watched);
    }
  }

  @Test
  void figures_go_on_while_the_loop_is_frozen() {
    try (WatchedPage watched = open(Model.VERTX)) {
      watched.set(SIX, 1000);
      watched.button("blocking").click();
      Page page = watched.page();
      String lag = ".figure:has(dt:text-is('loop lag')) dd";
      page.locator(lag + ".bad").waitFor();
      assertThat(page.locator(lag).textContent()).containsPattern("\\d (ms|s)");
      // The loop has not even read the other five.
      page.locator(figure("requests in flight", "1")).waitFor();
      page.locator(figure("handler threads", ", 1 busy")).waitFor();
      page.locator(".strip .dot.bad").nth(3).waitFor();
      assertThat(page.locator("body.running").count()).as("still frozen").isEqualTo(1);
      watched.awaitEnd();
      page.locator(".strip .dot.good").nth(3).waitFor();
      page.locator(figure("requests in flight", "0")).waitFor();
      assertQuiet(watched);
    }
  }

  private static String figure(String name, String value) {
    return ".figure:has(dt:text-is('%s')) dd:text('%s')".formatted(name, value);
  }

  @Test
  void one_click_sends_the_same_to_three_servers_side_by_side() throws IOException {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      try (WatchedPage watched = page(WIDE, scheme).open(servers.address())) {
        watched.set(SIX, 1000);
        watched.run("blocking");
        assertThat(watched.page().locator("#summary").textContent())
            .matches(
                "The same six requests took [67]\\.\\d s on the event loop,"
                    + " [12]\\.\\d s on virtual threads and [12]\\.\\d s on the fixed pool\\.");
        assertThat(watched.columns()).hasSize(3);
        List<String> kinds = List.of("event loop", "virtual threads", "fixed pool");
        for (int i = 0; i < 3; i++) {
          Frame column = watched.columns().get(i);
          assertThat(column.locator("h2").textContent()).isEqualTo(kinds.get(i));
          assertThat(WatchedPage.said(column))
              .contains(i == 0 ? "one after another" : "all at the same time");
        }
        watched.picture(
            WRITE ? Path.of("../docs/images") : WatchedPage.PICTURES,
            "play-" + (scheme == ColorScheme.DARK ? "dark" : "light"));
        assertQuiet(watched);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void it_fits_a_phone(ColorScheme scheme) throws IOException {
    try (WatchedPage watched = page(PHONE, scheme).open(servers.address())) {
      watched.set(SIX, WAIT_MS);
      watched.run("blocking");
      for (Frame column : watched.columns()) {
        assertThat(column.evaluate("document.documentElement.scrollWidth"))
            .isEqualTo(column.evaluate("document.documentElement.clientWidth"));
      }
      // A browser does not paint frames of another origin that are out of sight.
      watched.page().setViewportSize(PHONE, 3000);
      watched.picture(WatchedPage.PICTURES, "play-phone-" + scheme.name());
      assertQuiet(watched);
    }
  }

  @Test
  void it_is_worked_by_the_keyboard_and_keeps_the_focus() {
    try (WatchedPage watched = open(Model.NIMA)) {
      Page page = watched.page();
      watched.button("io").focus();
      page.keyboard().press("Tab");
      assertThat(page.locator("button[data-action=blocking]:focus").count()).isEqualTo(1);
      watched.set(2, 200);
      watched.button("blocking").focus();
      page.keyboard().press("Enter");
      watched.awaitEnd();
      assertThat(page.locator("button[data-action=blocking]:focus").count()).isEqualTo(1);
      assertThat(page.locator(".said").getAttribute("aria-live")).isEqualTo("polite");
      assertThat(page.locator(".said").textContent()).startsWith("Two calls of 200 ms took ");
      page.locator("#count").focus();
      page.keyboard().press("ArrowRight");
      assertThat(page.locator("#count-now").textContent()).isEqualTo("3");
      assertQuiet(watched);
    }
  }

  @Test
  void who_asks_for_less_motion_gets_a_picture_twice_a_second() {
    try (WatchedPage watched = page(WIDE, ColorScheme.LIGHT, ReducedMotion.REDUCE)) {
      watched.open(servers.main(Model.NIMA) + "/play");
      watched.set(1, 2000);
      watched
          .page()
          .evaluate(
              "() => { window.drawn = new Set(); new MutationObserver(all => all.forEach(m =>"
                  + " window.drawn.add(m.target.style.width))).observe(document.querySelector('.chart'),"
                  + " { subtree: true, attributes: true, attributeFilter: ['style'] }); }");
      watched.run("io");
      assertThat((int) watched.page().evaluate("window.drawn.size")).isLessThan(12);
      assertQuiet(watched);
    }
  }

  @Test
  void without_a_management_listener_it_says_so_and_shows_what_it_can() {
    Map<String, String> image = Map.of("PLAY_ORIGINS", "none", "ANTI_PATTERNS", "false");
    try (ServerProcess server = ServerProcess.start(Model.NIMA, image);
        WatchedPage watched = page(WIDE, ColorScheme.LIGHT)) {
      watched.open("http://127.0.0.1:" + server.port() + "/play");
      watched.set(SIX, WAIT_MS);
      watched.run("io");
      Page page = watched.page();
      assertThat(page.locator(".note").textContent())
          .isEqualTo(
              "This server lets no page read its management listener (PLAY_ORIGINS=none), so these"
                  + " figures are missing.");
      assertThat(page.locator(".said").textContent()).contains("all at the same time");
      assertThat(watched.button("blocking").count()).isZero();
      assertThat(page.locator(".hint").allTextContents())
          .anyMatch(text -> text.startsWith("The anti-patterns are off on this server"));
      assertThat(watched.complaints()).isEmpty();
      assertThat(watched.asked()).containsExactly("127.0.0.1:" + server.port());
    }
  }
}
