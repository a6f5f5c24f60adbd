package dev.handlermodels.loadtests.bench.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The servers that the bench brings with it: the descriptions of {@code loadtests/servers}. No code
 * of the bench spells the name of one; a scenario asks for that of a handler model.
 */
public final class Servers {
  private static final String FOLDER = "/loadtests/servers";
  private static final int LAST = Integer.MAX_VALUE;

  /** All of them, in their order. */
  public static final List<ServerDescription> CATALOGUE = catalogue();

  /** The servers of this project's own, in the order of every table. */
  public static final List<String> ALL =
      CATALOGUE.stream().filter(s -> s.with() == null).map(ServerDescription::name).toList();

  /** The project's server with an event loop. */
  public static final String EVENT_LOOP = with(HandlerModel.EVENT_LOOP);

  /** The project's server with virtual threads. */
  public static final String VIRTUAL_THREADS = with(HandlerModel.VIRTUAL_THREADS);

  /** The project's server with a fixed pool. */
  public static final String THREAD_POOL = with(HandlerModel.THREAD_POOL);

  private Servers() {}

  private static List<ServerDescription> catalogue() {
    try {
      URI folder = Objects.requireNonNull(Servers.class.getResource(FOLDER)).toURI();
      if (!folder.getScheme().equals("jar")) {
        return read(Path.of(folder));
      }
      try (FileSystem jar = FileSystems.newFileSystem(folder, Map.of())) {
        return read(jar.getPath(FOLDER));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<ServerDescription> read(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted(Comparator.comparing(Path::toString))
          .map(Servers::one)
          .sorted(Comparator.comparing(ServerDescription::order, Servers::order))
          .toList();
    }
  }

  private static ServerDescription one(Path file) {
    try {
      return DescriptionFile.parse(Files.readString(file), null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage() + ".", e);
    }
  }

  private static int order(Integer one, Integer other) {
    return Integer.compare(one == null ? LAST : one, other == null ? LAST : other);
  }

  /** Those that the option {@code --with-NAME} adds. */
  public static List<ServerDescription> with(String name) {
    return CATALOGUE.stream().filter(server -> name.equals(server.with())).toList();
  }

  private static String with(HandlerModel model) {
    return CATALOGUE.stream()
        .filter(server -> server.with() == null && server.handlerModel() == model)
        .findFirst()
        .orElseThrow()
        .name();
  }

  /** {@code vertx, nima, blocking}. */
  public static String text() {
    return String.join(", ", ALL);
  }

  /** Null where no server of the bench has this name. */
  public static ServerDescription find(String name) {
    return CATALOGUE.stream().filter(server -> server.name().equals(name)).findFirst().orElse(null);
  }

  public static ServerDescription get(String name) {
    ServerDescription server = find(name);
    if (server == null) {
      throw new IllegalArgumentException("There is no server '" + name + "'.");
    }
    return server;
  }

  public static HandlerModel model(String server) {
    ServerDescription known = find(server);
    return known == null ? HandlerModel.UNKNOWN : known.handlerModel();
  }

  /** The rows of some servers, in the order of the table. */
  public static List<Row> rows(List<ServerDescription> of) {
    return of.stream()
        .flatMap(server -> server.rows().stream())
        .sorted(Comparator.comparing(Row::order, Servers::order))
        .toList();
  }

  /** The rows of the project's own servers. */
  public static List<Row> rows() {
    return rows(ALL.stream().map(Servers::get).toList());
  }

  public static Row row(String server, String endpoint) {
    return get(server).rows().stream()
        .filter(row -> row.endpoint().equals(endpoint))
        .findFirst()
        .orElseThrow();
  }

  /** The description of a row that a run measured. */
  public static Row row(String id, List<ServerDescription> ofTheRun) {
    return Stream.concat(ofTheRun.stream(), CATALOGUE.stream())
        .flatMap(server -> server.rows().stream())
        .filter(row -> row.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    String.format(Locale.ROOT, "There is no row '%s'.", id)));
  }

  /** The description of a server that a run measured. */
  public static ServerDescription get(String name, List<ServerDescription> ofTheRun) {
    return ofTheRun.stream()
        .filter(server -> server.name().equals(name))
        .findFirst()
        .orElseGet(() -> get(name));
  }

  /** For the help of an option. */
  public static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ALL.iterator();
    }
  }
}
