package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPage.Section;
import dev.handlermodels.loadtests.bench.scenario.decide.Steps.Kind;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a handler of these steps can reach at most, by arithmetic alone: places / time held, for
 * each resource (Little's law). The least of them binds, and what binds decides how long an answer
 * takes: users / rate.
 *
 * @param users closed, without think time
 * @param poolSize threads of the fixed pool, and of the workers behind an event loop
 * @param cores processors; as many event loops and carriers
 */
record StepArithmetic(Steps steps, int users, int sloMs, int poolSize, int cores) {
  private static final double MS_PER_SECOND = 1000;

  /**
   * Something of which a request holds one place for a time.
   *
   * @param heldMs by each request
   */
  record Resource(String name, int places, int heldMs) {
    double perSecond() {
      return places * MS_PER_SECOND / heldMs;
    }
  }

  /** A way to write the handler. */
  enum Model {
    EVENT_LOOP("event loop, all clients asynchronous", false),
    VIRTUAL_THREADS("virtual threads", false),
    WORKERS("event loop, blocking clients on workers", false),
    POOL("fixed pool", false),
    BLOCKED_LOOP("event loop, blocking clients on the loop", true),
    PINNED("virtual threads, native code beneath the calls", true);

    final String label;

    /** It never wins, whatever its figures. */
    final boolean antiPattern;

    Model(String label, boolean antiPattern) {
      this.label = label;
      this.antiPattern = antiPattern;
    }
  }

  /**
   * What a model reaches.
   *
   * @param added the resource that only this model needs; null for none
   * @param binding the resource with the least ceiling
   */
  record Reach(Model model, Resource added, Resource binding) {
    double perSecond() {
      return binding.perSecond();
    }
  }

  /** No answer can be faster. */
  int leastMs() {
    return steps.waitMs() + steps.ms(Kind.CPU);
  }

  /** What a handler of these steps needs on any model. */
  List<Resource> shared() {
    List<Resource> resources = new ArrayList<>();
    resources.add(new Resource("users", users, held()));
    for (Kind kind : List.of(Kind.CALL, Kind.SQL)) {
      Integer places = steps.places(kind);
      if (places != null) {
        resources.add(new Resource("pool for " + kind.word(), places, steps.ms(kind)));
      }
    }
    int cpuMs = steps.ms(Kind.CPU);
    if (cpuMs > 0) {
      Integer threads = steps.places(Kind.CPU);
      int places = threads == null ? cores : Math.min(threads, cores);
      resources.add(new Resource("processors", places, cpuMs));
    }
    return resources;
  }

  /** The time in which others may use what a request holds; all of it, where nothing waits. */
  private int held() {
    return steps.waitMs() == 0 ? leastMs() : steps.waitMs();
  }

  /** What the model adds; null for nothing. */
  private Resource added(Model model) {
    return switch (model) {
      case EVENT_LOOP, VIRTUAL_THREADS -> null;
      case WORKERS -> new Resource("workers", poolSize, held());
      case POOL -> new Resource("pool threads", poolSize, held());
      case BLOCKED_LOOP -> new Resource("event loops", cores, held());
      case PINNED -> new Resource("carriers", cores, held());
    };
  }

  Reach reach(Model model) {
    List<Resource> needed = new ArrayList<>(shared());
    Resource added = added(model);
    if (added != null) {
      needed.add(added);
    }
    return new Reach(model, added, least(needed));
  }

  private static Resource least(List<Resource> resources) {
    return resources.stream().min(Comparator.comparing(Resource::perSecond)).orElseThrow();
  }

  /** As long as an answer takes on average, at the least, when all users ask at once. */
  double answerMs(Reach reach) {
    return Math.max(leastMs(), users * MS_PER_SECOND / reach.perSecond());
  }

  boolean meetsSlo(Reach reach) {
    return answerMs(reach) <= sloMs;
  }

  /**
   * Users whose answers can be in time; none where even one alone takes too long, and null where
   * nothing but the users is limited.
   */
  Long usersInTime(Reach reach) {
    List<Resource> others = others(reach);
    if (leastMs() > sloMs) {
      return 0L;
    }
    return others.isEmpty() ? null : (long) (least(others).perSecond() * sloMs / MS_PER_SECOND);
  }

  /** All but the users. */
  private List<Resource> others(Reach reach) {
    List<Resource> others = new ArrayList<>(shared().subList(1, shared().size()));
    if (reach.added() != null) {
      others.add(reach.added());
    }
    return others;
  }

  /** The best that is no anti-pattern, and those that are equal to it. */
  List<Reach> best() {
    List<Reach> able =
        List.of(Model.values()).stream()
            .filter(model -> !model.antiPattern)
            .map(this::reach)
            .toList();
    double most = able.stream().mapToDouble(Reach::perSecond).max().orElseThrow();
    return able.stream().filter(reach -> reach.perSecond() >= most).toList();
  }

  /** Threads with which a pool would not bind. */
  long threadsNeeded() {
    return (long) Math.ceil(least(shared()).perSecond() * held() / MS_PER_SECOND);
  }

  ReportPage page() {
    return new ReportPage(
        "Which model for these steps, by arithmetic", setting(), findings(), sections());
  }

  private String setting() {
    return String.format(
        Locale.ROOT,
        "Steps %s. %s users without think time, at most %s ms for an answer, %s processors, %s"
            + " threads in the fixed pool and as many workers. Nothing was run.",
        steps,
        Numbers.whole(users),
        Numbers.whole(sloMs),
        Numbers.whole(cores),
        Numbers.whole(poolSize));
  }

  private List<String> findings() {
    List<String> findings = new ArrayList<>();
    findings.add(
        String.format(
            Locale.ROOT,
            "A request waits %s ms and computes %s ms, so no answer is faster than %s ms.",
            Numbers.whole(steps.waitMs()),
            Numbers.whole(steps.ms(Kind.CPU)),
            Numbers.whole(leastMs())));
    Resource binding = least(shared());
    findings.add(
        String.format(
            Locale.ROOT,
            "The limit on any model: %s, %s / %s ms = %s/s.",
            binding.name(),
            Numbers.whole(binding.places()),
            Numbers.whole(binding.heldMs()),
            Numbers.whole(binding.perSecond())));
    findings.add(winner());
    Reach pool = reach(Model.POOL);
    if (pool.binding().equals(pool.added())) {
      findings.add(
          String.format(
              Locale.ROOT,
              "The fixed pool of %s adds a ceiling of its own: %s/s. It would not bind with %s"
                  + " threads.",
              Numbers.whole(poolSize),
              Numbers.whole(pool.perSecond()),
              Numbers.whole(threadsNeeded())));
    }
    findings.add(
        "These are bounds: nobody queues by chance in them, and the machine does nothing else. A"
            + " real server stays below.");
    return findings;
  }

  private String winner() {
    List<Reach> best = best();
    String names =
        best.stream().map(reach -> reach.model().label).collect(Collectors.joining("; "));
    Reach first = best.getFirst();
    return String.format(
        Locale.ROOT,
        "Most, %s/s: %s. With %s users an answer then takes %s ms on average, at the least: %s.",
        Numbers.whole(first.perSecond()),
        names,
        Numbers.whole(users),
        Numbers.whole(answerMs(first)),
        meetsSlo(first)
            ? "within " + Numbers.whole(sloMs) + " ms"
            : "no model is within " + Numbers.whole(sloMs) + " ms");
  }

  private List<Section> sections() {
    Resource binding = least(shared());
    List<List<String>> resources = new ArrayList<>();
    for (Resource resource : shared()) {
      resources.add(
          List.of(
              resource.name(),
              Numbers.whole(resource.places()),
              Numbers.whole(resource.heldMs()) + " ms",
              Numbers.whole(resource.perSecond()) + "/s",
              resource.equals(binding) ? "binds" : ""));
    }
    List<List<String>> models = new ArrayList<>();
    for (Model model : Model.values()) {
      models.add(cells(reach(model)));
    }
    return List.of(
        new Section(
            "What a handler of these steps needs",
            List.of("The ceiling of a resource is its places / the time that a request holds one."),
            List.of("", "places", "held for", "at most", ""),
            resources,
            List.of()),
        new Section(
            "What each model adds",
            List.of(
                "Time to answer: users / rate, and no less than the steps take. An anti-pattern"
                    + " never wins."),
            List.of("", "adds", "at most", "limited by", "time to answer", "users in time", ""),
            models,
            List.of()));
  }

  private List<String> cells(Reach reach) {
    Resource added = reach.added();
    return List.of(
        reach.model().label,
        added == null
            ? "nothing"
            : String.format(
                Locale.ROOT,
                "%s %s / %s ms = %s/s",
                Numbers.whole(added.places()),
                added.name(),
                Numbers.whole(added.heldMs()),
                Numbers.whole(added.perSecond())),
        Numbers.whole(reach.perSecond()) + "/s",
        reach.binding().name(),
        Numbers.whole(answerMs(reach)) + " ms" + (meetsSlo(reach) ? "" : ", too late"),
        usersInTime(reach) == null ? "all" : Numbers.whole(usersInTime(reach)),
        reach.model().antiPattern ? "anti-pattern" : best().contains(reach) ? "most" : "");
  }
}
