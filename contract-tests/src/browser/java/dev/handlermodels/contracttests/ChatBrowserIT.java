package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page at /docs/chat in a real browser: two tabs in one room of each server. */
@Rules
@Timeout(180)
class ChatBrowserIT extends BrowserTest {
  private WatchedPage tab(Model model, int width, ColorScheme scheme) {
    return page(width, scheme).open(servers.main(model) + "/docs/chat#kitchen", "#columns section");
  }

  /** The first client of a tab is ada, the second is grace. */
  private static Locator client(WatchedPage tab, int number) {
    Locator client = tab.page().locator("#columns section").nth(number);
    client.locator(".join button").click();
    client.locator(".state:text-is('connected')").waitFor();
    return client;
  }

  private static void say(Locator client, String text) {
    client.locator(".say input").fill(text);
    client.locator(".say button").click();
  }

  private static List<String> heard(Locator client, String last) {
    client
        .locator(".messages li:not(.presence)", new Locator.LocatorOptions().setHasText(last))
        .waitFor();
    return client.locator(".messages li:not(.presence)").allTextContents();
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void two_tabs_hear_each_other_in_one_order_and_see_the_thread(Model model) throws IOException {
    try (WatchedPage first = tab(model, WIDE, ColorScheme.LIGHT);
        WatchedPage second = tab(model, PHONE, ColorScheme.DARK)) {
      Locator ada = client(first, 0);
      Locator grace = client(second, 1);
      say(ada, "Is the kettle on?");
      heard(grace, "Is the kettle on?");
      say(grace, "It is.");

      List<String> atAda = heard(ada, "It is.");
      assertThat(atAda).hasSize(2).isEqualTo(heard(grace, "It is."));
      assertThat(atAda.getFirst())
          .startsWith("ada: Is the kettle on?")
          .matches(".* by .+ \\(.+\\)");
      assertThat(atAda.getLast()).startsWith("grace: It is.");

      first.picture(WatchedPage.PICTURES, "chat-" + model.name() + "-light");
      second.picture(WatchedPage.PICTURES, "chat-" + model.name() + "-phone-dark");
      grace.locator(".join button").click();
      grace.locator(".state:text-is('closed with 1000')").waitFor();
      ada.locator(".presence", new Locator.LocatorOptions().setHasText("grace left")).waitFor();
      assertQuiet(first);
      assertQuiet(second);
    }
  }
}
