package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A browser, and the three servers of {@code ./serve all} for it. */
abstract class BrowserTest {
  static final int WIDE = 1280;
  static final int PHONE = 390;

  @TempDir static Path dir;

  private Chromium chromium;
  ThreeServers servers;

  @BeforeAll
  void start() {
    chromium = Chromium.orSkip();
    servers = new ThreeServers(dir);
    servers.address();
  }

  @AfterAll
  void stop() {
    if (servers != null) {
      servers.close();
    }
    if (chromium != null) {
      chromium.close();
    }
  }

  WatchedPage page(int width, ColorScheme scheme) {
    return page(width, scheme, ReducedMotion.NO_PREFERENCE);
  }

  WatchedPage page(int width, ColorScheme scheme, ReducedMotion motion) {
    return new WatchedPage(chromium.browser(), width, 900, scheme, motion);
  }

  /** Nobody complained, and nobody else was asked. */
  void assertQuiet(WatchedPage watched) {
    assertThat(watched.complaints()).isEmpty();
    assertThat(servers.listeners()).containsAll(watched.asked());
  }
}
