package dev.handlermodels.contracttests;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A page in a browser, with all that it complains of and all whom it asks. */
final class WatchedPage implements AutoCloseable {
  /** Policies are broken in silence otherwise where a report is nobody's. */
  private static final String TELL_VIOLATIONS =
      "addEventListener('securitypolicyviolation', e =>"
          + " console.error('violates its policy: ' + e.violatedDirective + ' ' + e.blockedURI))";

  private static final double PATIENCE_MS = 60_000;

  /** Where pictures go that nobody keeps. */
  static final Path PICTURES = Path.of("target/pictures");

  private final BrowserContext context;
  private final Page page;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  WatchedPage(Browser browser, int width, int height, ColorScheme scheme, ReducedMotion motion) {
    context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setLocale("en")
                .setColorScheme(scheme)
                .setReducedMotion(motion));
    context.addInitScript(TELL_VIOLATIONS);
    page = context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.text() + " at " + message.location());
          }
        });
    page.onPageError(complaints::add);
    page.onRequest(
        request -> {
          if (!request.url().startsWith("data:")) {
            asked.add(URI.create(request.url()).getAuthority());
          }
        });
  }

  /** Opens a page at /play, and returns once its buttons are there. */
  WatchedPage open(String url) {
    return open(url, "#actions button");
  }

  /** Opens a page, and returns once this element is there. */
  WatchedPage open(String url, String element) {
    page.navigate(url);
    page.locator(element).first().waitFor();
    return this;
  }

  /** All of the page, as {@code NAME.png}. */
  void picture(Path folder, String name) throws IOException {
    Files.createDirectories(folder);
    page.screenshot(
        new Page.ScreenshotOptions().setPath(folder.resolve(name + ".png")).setFullPage(true));
  }

  Page page() {
    return page;
  }

  /** Where the servers are: the page itself, and the frames of others. */
  List<Frame> columns() {
    return page.frames();
  }

  void set(int count, int waitMs) {
    slide("#count", count);
    slide("#wait", waitMs);
  }

  private void slide(String range, int value) {
    page.locator(range).fill(Integer.toString(value));
  }

  Locator button(String action) {
    return page.locator("#actions button[data-action=" + action + "]");
  }

  /** Presses a button and returns when all columns have said what happened. */
  void run(String action) {
    button(action).click();
    awaitEnd();
  }

  void awaitEnd() {
    page.locator("body:not(.running)").waitFor();
  }

  /** What the lanes say that their requests took, in their order. */
  static List<Integer> tookMs(Frame column) {
    return column.locator(".lane .took").allTextContents().stream()
        .map(text -> Integer.parseInt(text.replaceAll("[ ,ms]", "")))
        .toList();
  }

  static List<String> threads(Frame column) {
    return column.locator(".lane .name").allTextContents();
  }

  static String said(Frame column) {
    return column.locator(".said").textContent();
  }

  /** Errors and warnings of scripts, of the network and of the policy. */
  List<String> complaints() {
    return complaints;
  }

  /** Hosts and ports. */
  Set<String> asked() {
    return asked;
  }

  @Override
  public void close() {
    context.close();
  }
}
