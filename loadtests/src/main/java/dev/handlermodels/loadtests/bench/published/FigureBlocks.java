package dev.handlermodels.loadtests.bench.published;

import dev.handlermodels.loadtests.bench.published.PublishedRuns.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The figures in README.md and docs: what stands between {@code <!-- figures: NAME -->} and {@code
 * <!-- /figures -->} is written from the newest committed run. NAME is {@code readme}, {@code
 * cost}, {@code matrix} or a kind of run.
 */
public final class FigureBlocks {
  private static final Pattern BLOCK =
      Pattern.compile("(<!-- figures: ([a-z-]+) -->\n).*?(<!-- /figures -->)", Pattern.DOTALL);

  private final Path root;
  private final Path folder;
  private final PublishedRuns runs;

  /**
   * @param root the project
   */
  public FigureBlocks(Path root) throws IOException {
    this.root = root;
    this.folder = root.resolve("docs/results");
    this.runs = PublishedRuns.in(folder);
  }

  /** The documents that have such blocks. */
  public List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    documents.add(root.resolve("README.md"));
    for (String docs : List.of("docs", "docs/scenarios")) {
      try (Stream<Path> files = Files.list(root.resolve(docs))) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    List<Path> withBlocks = new ArrayList<>();
    for (Path document : documents) {
      if (BLOCK.matcher(Files.readString(document)).find()) {
        withBlocks.add(document);
      }
    }
    return List.copyOf(withBlocks);
  }

  /**
   * Writes all blocks anew.
   *
   * @return the documents that changed
   */
  public List<Path> renew() throws IOException {
    List<Path> changed = new ArrayList<>();
    for (Path document : documents()) {
      String text = renewed(document);
      if (!text.equals(Files.readString(document))) {
        Files.writeString(document, text);
        changed.add(document);
      }
    }
    return List.copyOf(changed);
  }

  /** A document with the figures of the newest runs. */
  public String renewed(Path document) throws IOException {
    Matcher blocks = BLOCK.matcher(Files.readString(document));
    StringBuilder text = new StringBuilder();
    while (blocks.find()) {
      String block = blocks.group(1) + text(blocks.group(2), document) + blocks.group(3);
      blocks.appendReplacement(text, Matcher.quoteReplacement(block));
    }
    return blocks.appendTail(text).toString();
  }

  private String text(String name, Path document) throws IOException {
    return switch (name) {
      case "readme" -> of(PublishedRuns.TABLE, document, TableFigures::original);
      case "cost" -> of(PublishedRuns.TABLE, document, TableFigures::cost);
      case PublishedRuns.WITH_PEERS -> of(name, document, TableFigures::cost);
      case "matrix" -> of("decide", document, ScenarioFigures::matrix);
      default -> of(name, document, ScenarioFigures::of);
    };
  }

  private interface Figures {
    String of(Run run, String folder) throws IOException;
  }

  private String of(String kind, Path document, Figures figures) throws IOException {
    Optional<Run> run = runs.newest(kind);
    return run.isEmpty()
        ? "No such run is committed yet.\n"
        : figures.of(run.get(), seenFrom(document, run.get()));
  }

  /** {@code docs/results/2026-01-02-2-cores/} from the README. */
  private static String seenFrom(Path document, Run run) {
    return document.toAbsolutePath().getParent().relativize(run.folder().toAbsolutePath()) + "/";
  }
}
