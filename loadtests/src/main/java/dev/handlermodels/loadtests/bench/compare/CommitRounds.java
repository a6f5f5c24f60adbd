package dev.handlermodels.loadtests.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Two commits, each in a work tree of its own, measured in turn: A B A B. So a machine that slows
 * down slows both. Each is measured by its own bench.
 */
final class CommitRounds {
  private final Path root;
  private final Path out;
  private final List<String> arguments;
  private volatile Process running;

  /**
   * @param root the project
   * @param out where the runs go
   * @param arguments of each {@code ./bench}
   */
  CommitRounds(Path root, Path out, List<String> arguments) {
    this.root = root;
    this.out = out;
    this.arguments = arguments;
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop-rounds"));
  }

  /** Whose round it is, as its folder is called: first-1, second-1, first-2 and so on. */
  enum Side {
    FIRST,
    SECOND;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The folders of the rounds of one side, which a comparison has left; empty for none. */
  static List<Path> folders(Path out, Side side) throws IOException {
    List<Path> folders = new ArrayList<>();
    for (int round = 1; Files.isDirectory(folder(out, side, round)); round++) {
      folders.add(folder(out, side, round));
    }
    return folders;
  }

  private static Path folder(Path out, Side side, int round) {
    return out.resolve(side.label() + "-" + round);
  }

  /** The work tree of a commit, which is made where it is not there yet. */
  Path tree(String commit) throws IOException, InterruptedException {
    Path tree = root.resolve("target/compare").resolve(commit);
    if (Files.notExists(tree)) {
      run(root, List.of("git", "worktree", "prune"));
      int code =
          run(
              root,
              List.of("git", "worktree", "add", "--detach", "--quiet", tree.toString(), commit));
      if (code != 0) {
        throw new IOException("git could not make a work tree of " + commit + ".");
      }
    }
    return tree;
  }

  /** The short hash of a commit; null where there is none. */
  String hash(String commit) throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder(
                "git", "rev-parse", "--verify", "--quiet", "--short=12", commit + "^{commit}")
            .directory(root.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String hash = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return git.waitFor() == 0 ? hash : null;
  }

  /**
   * Measures both in turn.
   *
   * @return the folders of the runs of the first, and those of the second
   */
  List<List<Path>> measure(List<Path> trees, int rounds) throws IOException, InterruptedException {
    List<List<Path>> folders = List.of(new ArrayList<>(), new ArrayList<>());
    for (int round = 1; round <= rounds; round++) {
      for (Side side : Side.values()) {
        Path tree = trees.get(side.ordinal());
        Path folder = folder(out, side, round);
        System.out.printf(Locale.ROOT, "Round %s of %s, %s commit%n", round, rounds, side.label());
        List<String> command = new ArrayList<>(List.of(tree.resolve("bench").toString()));
        command.addAll(arguments);
        command.addAll(List.of("--out", folder.toString()));
        int code = run(tree, command);
        if (code != 0) {
          throw new IOException(
              String.format(
                  Locale.ROOT, "%s ended with code %s.", String.join(" ", command), code));
        }
        folders.get(side.ordinal()).add(folder);
      }
    }
    return folders;
  }

  private int run(Path folder, List<String> command) throws IOException, InterruptedException {
    running = new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start();
    return running.waitFor();
  }

  private void stop() {
    Process process = running;
    if (process != null && process.isAlive()) {
      process.destroy();
    }
  }
}
