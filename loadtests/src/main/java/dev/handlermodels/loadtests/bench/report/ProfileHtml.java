package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.profile.ContextSwitches;
import dev.handlermodels.loadtests.bench.profile.Profile;
import dev.handlermodels.loadtests.bench.profile.Profile.Wait;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Profiles as part of a report: a table for every form of it, flame graphs for the page. */
final class ProfileHtml {
  private static final List<String> HEAD =
      List.of(
          "",
          "hottest method",
          "samples",
          "pinned",
          "context switches/request",
          "collections",
          "cost, CPU/request");

  private ProfileHtml() {}

  /** Null where there is no profile. */
  static Section section(List<Profile> profiles) {
    if (profiles.isEmpty()) {
      return null;
    }
    List<String> sentences = new ArrayList<>();
    for (Profile profile : profiles) {
      sentences.add(
          profile.title()
              + ": "
              + (profile.trouble() == null ? profile.cost().sentence() : profile.trouble()));
    }
    return new Section(
        "Where the time goes",
        sentences,
        HEAD,
        profiles.stream().map(ProfileHtml::cells).toList(),
        List.of());
  }

  private static List<String> cells(Profile profile) {
    Double switches = perRequest(profile);
    return List.of(
        profile.title(),
        profile.hottest().isEmpty()
            ? Numbers.NONE
            : FlameGraph.shortName(profile.hottest().getFirst().name())
                + ", "
                + Numbers.percent(profile.hottest().getFirst().share()),
        Numbers.whole(profile.calls().samples()),
        Numbers.whole(profile.pinned().stream().mapToLong(Wait::count).sum()),
        Numbers.text(switches, 2),
        Numbers.whole(profile.pauses().collections()),
        profile.cost().cpuPercent() == null
            ? Numbers.NONE
            : Numbers.text(profile.cost().cpuPercent(), 1) + " %");
  }

  private static Double perRequest(Profile profile) {
    Double switches = profile.switchesPerSecond(one -> one.voluntary() + one.involuntary());
    Double requests = profile.requestsPerSecond();
    return switches == null || requests == null || requests == 0
        ? null
        : (Double) (switches / requests);
  }

  /** Flame graphs, hottest methods and waits of all; empty where there is no profile. */
  static String graphs(List<Profile> profiles) {
    return profiles.stream().map(ProfileHtml::graph).collect(Collectors.joining());
  }

  private static String graph(Profile profile) {
    String title = "Flame graph of " + profile.title();
    return String.format(
        Locale.ROOT,
        """
        <section class="profile"><h2>%s</h2>
        <p>%s samples (%s), %s of them without a stack. Callers stand above, the width is the share of the samples, and the
        title of a frame has its whole name. <span class="key ours">this project</span>
        <span class="key library">libraries</span> <span class="key jdk">JDK</span></p>
        <div class="flame-box">%s</div>
        <p>%s</p>
        <h3>Hottest methods, by self time</h3>
        <ol>%s</ol>
        %s%s<p>%s</p>
        </section>
        """,
        HtmlReport.escape(title),
        Numbers.whole(profile.calls().samples()),
        HtmlReport.escape(profile.sampleEvent()),
        Numbers.percent(profile.lostShare()),
        FlameGraph.svg(profile.calls(), title),
        HtmlReport.escape(
            profile.trouble() == null ? profile.cost().sentence() : profile.trouble()),
        profile.hottest().stream()
            .map(
                method ->
                    String.format(
                        Locale.ROOT,
                        "<li>%s <code>%s</code></li>",
                        Numbers.percent(method.share()),
                        HtmlReport.escape(method.name())))
            .collect(Collectors.joining()),
        waits("Pinned virtual threads", profile.pinned()),
        waits("Waits for sockets and monitors", profile.waits()),
        HtmlReport.escape(rest(profile)));
  }

  private static String waits(String heading, List<Wait> waits) {
    if (waits.isEmpty()) {
      return String.format(Locale.ROOT, "<p>%s: none ended while a recording ran.</p>\n", heading);
    }
    return waits.stream()
        .map(
            wait ->
                String.format(
                    Locale.ROOT,
                    "<details><summary>%s times, %s ms in all: %s"
                        + " %s</summary><pre>%s</pre></details>\n",
                    Numbers.whole(wait.count()),
                    Numbers.whole(wait.totalMs()),
                    HtmlReport.escape(wait.kind()),
                    HtmlReport.escape(wait.reason()),
                    HtmlReport.escape(String.join("\n", wait.stack()))))
        .collect(Collectors.joining("", "<h3>" + heading + "</h3>\n", ""));
  }

  private static String rest(Profile profile) {
    return String.format(
        Locale.ROOT,
        "Context switches: %s/s voluntary, %s/s involuntary, at %s requests/s. Collections: %s, %s"
            + " ms in all.",
        Numbers.whole(profile.switchesPerSecond(ContextSwitches::voluntary)),
        Numbers.whole(profile.switchesPerSecond(ContextSwitches::involuntary)),
        Numbers.whole(profile.requestsPerSecond()),
        Numbers.whole(profile.pauses().collections()),
        Numbers.text(profile.pauses().totalMs(), 1));
  }
}
