package dev.handlermodels.loadtests.bench.compare;

import dev.handlermodels.loadtests.bench.compare.Difference.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All figures of two runs. The more figures there are, the likelier chance alone moves one of them;
 * so each gets its share of the error that the whole comparison may have (Bonferroni).
 *
 * @param missing figures that only one of the runs has
 */
record Comparison(List<Difference> differences, List<String> missing) {
  /** How often a comparison of two equal runs may say that anything differs. */
  static final double ERROR = 0.05;

  static Comparison of(List<Figure> first, List<Figure> second) {
    Map<String, Figure> others =
        second.stream()
            .collect(
                Collectors.toMap(Figure::id, Function.identity(), (a, _) -> a, LinkedHashMap::new));
    List<String> missing = new ArrayList<>();
    List<Figure> common = new ArrayList<>();
    for (Figure figure : first) {
      if (others.containsKey(figure.id())) {
        common.add(figure);
      } else {
        missing.add(figure.id());
      }
    }
    List<String> known = first.stream().map(Figure::id).toList();
    others.keySet().stream().filter(id -> !known.contains(id)).forEach(missing::add);
    double error = ERROR / Math.max(1, common.size());
    List<Difference> differences =
        common.stream()
            .map(figure -> Difference.of(figure, others.get(figure.id()), error))
            .toList();
    return new Comparison(differences, missing);
  }

  long count(Outcome outcome) {
    return differences.stream().filter(one -> one.outcome() == outcome).count();
  }

  /** Whether anything became slower, or larger. */
  boolean isWorse() {
    return count(Outcome.WORSE) > 0;
  }
}
