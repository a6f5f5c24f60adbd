package dev.handlermodels.loadtests.bench.servers;

import dev.handlermodels.loadtests.EndpointSimulation;
import dev.handlermodels.loadtests.IoBlockingSimulation;
import dev.handlermodels.loadtests.IoOffloadedSimulation;
import dev.handlermodels.loadtests.IoSimulation;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a description. Every mistake is one sentence, which begins with the name of the file. */
public final class DescriptionFile {
  private static final long MAX_BYTES = 64 * 1024;
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,39}";
  private static final String URL = "https?://[^/?#\\s]+";
  private static final Pattern FOR_A_SHELL =
      Pattern.compile("['\"`]|^(&&?|\\|\\|?|;|[0-9]?[<>].*)$");
  private static final Pattern LINE = Pattern.compile("line [0-9]+");
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** The simulations by the name of their class. */
  private static final List<String> SIMULATIONS =
      Stream.<Class<?>>of(
              EndpointSimulation.class,
              IoSimulation.class,
              IoBlockingSimulation.class,
              IoOffloadedSimulation.class)
          .map(Class::getSimpleName)
          .toList();

  /** What can wait, by the word that a description has for it. */
  private static final Map<String, String> PLACES =
      Map.of(
          "pool", Place.POOL_THREADS,
          "threads", "threads",
          "loops", "event loop",
          "workers", "workers",
          "connections", "connections",
          "database", "database connections");

  private DescriptionFile() {}

  /**
   * Reads a user's own file; its command is started in the file's folder.
   *
   * @throws IllegalArgumentException with one sentence for a user
   */
  public static ServerDescription read(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw Fields.wrong("it is a folder");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw Fields.wrong("a description has at most 64 KiB");
      }
      return parse(
          Files.readString(file), file.toAbsolutePath().normalize().getParent().toString());
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("There is no file " + file + ".", e);
    } catch (AccessDeniedException e) {
      throw new IllegalArgumentException("There is no permission to read " + file + ".", e);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + ": it is not text in UTF-8.", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage() + ".", e);
    }
  }

  /**
   * Reads a text.
   *
   * @param folder in which its command is started; null for the project's
   * @throws IllegalArgumentException with a phrase
   */
  static ServerDescription parse(String text, String folder) {
    Fields fields;
    try {
      fields = new Fields("", YAML.readTree(text));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("it is no YAML: " + problem(e), e);
    }
    ServerDescription server = server(fields, folder);
    fields.checkUnknown();
    return server;
  }

  /**
   * What is wrong in which line. The parser's message says first what it was doing ("while ..."),
   * and after each part where, with lines of the file, which are indented.
   */
  private static String problem(JacksonException e) {
    String message = e.getOriginalMessage() == null ? "" : e.getOriginalMessage();
    String problem =
        message
            .lines()
            .filter(text -> !text.isBlank() && !text.startsWith(" ") && !text.startsWith("while "))
            .findFirst()
            .orElse(message.lines().findFirst().orElse(""));
    Matcher where = LINE.matcher(message.substring(message.indexOf(problem) + problem.length()));
    String line =
        where.find()
            ? where.group() + ", "
            : e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ", ";
    return line + problem.strip();
  }

  private static ServerDescription server(Fields fields, String folder) {
    String name = fields.required("name");
    if (!name.matches(NAME)) {
      throw Fields.wrong(
          "name takes at most 40 letters, digits, dots, dashes and underscores, not '"
              + name
              + "'");
    }
    String url = fields.text("url");
    if (url != null && !url.matches(URL)) {
      throw Fields.wrong("url takes an address such as http://127.0.0.1:8080, not '" + url + "'");
    }
    List<String> command = command(fields);
    if ((url == null) == command.isEmpty()) {
      throw Fields.wrong("it takes a command or a url, and has " + (url == null ? "none" : "both"));
    }
    Map<String, String> environment = fields.map("environment");
    environment.values().forEach(value -> Variables.checked(value, Variables.OF_A_START));
    Integer within = fields.number("readyWithinSeconds", 1, 600);
    return new ServerDescription(
        name,
        fields.text("model", HandlerModel.UNKNOWN.label),
        fields.text("with"),
        fields.text("about"),
        fields.number("order", 0, 1000),
        url,
        fields.number("port", Limits.PORT.min(), Limits.PORT.max()),
        fields.has("program") ? program(fields.inner("program")) : null,
        folder,
        command,
        environment,
        fields.texts("needs"),
        fields.path("ready"),
        within == null ? ServerDescription.READY_WITHIN_SECONDS : within,
        fields.has("live") ? fields.path("live") : ServerDescription.DEFAULT_LIVE,
        address(fields, "census"),
        address(fields, "settings"),
        fields.has("limits") ? places(fields.inner("limits")) : List.of(),
        rows(fields, name));
  }

  /** A line is divided at its spaces: what only a shell understands would become an argument. */
  private static List<String> command(Fields fields) {
    List<String> command = fields.words("command");
    if (fields.has("command") && fields.get("command").isString()) {
      for (String word : command) {
        if (FOR_A_SHELL.matcher(word).find()) {
          throw Fields.wrong(
              String.format(
                  Locale.ROOT,
                  "command has %s, and no shell reads it: a list takes arguments with spaces, and a"
                      + " script takes several commands",
                  word));
        }
      }
    }
    command.forEach(word -> Variables.checked(word, Variables.OF_A_START));
    return command;
  }

  private static String address(Fields fields, String field) {
    String address = fields.text(field);
    if (address != null && !Variables.areIn(address) && !address.matches(URL + "/?\\S*")) {
      throw Fields.wrong(
          fields.name(field)
              + " takes an address such as http://127.0.0.1:9090/threads, not '"
              + address
              + "'");
    }
    return address == null ? null : Variables.checked(address, Variables.OF_A_START);
  }

  private static Program program(Fields fields) {
    Program program =
        new Program(
            fields.texts("candidates"),
            fields.texts("check"),
            fields.required("found"),
            fields.required("missing"));
    if (program.candidates().isEmpty() || program.check().isEmpty()) {
      throw Fields.wrong("program: candidates and check are needed");
    }
    fields.checkUnknown();
    return program;
  }

  private static List<Row> rows(Fields fields, String server) {
    List<Row> rows = fields.list("rows", row -> row(row, server));
    if (rows.isEmpty()) {
      throw Fields.wrong("rows is missing: it lists what is measured, with at least a path each");
    }
    Set<String> ids = new HashSet<>();
    for (Row row : rows) {
      if (!ids.add(row.id())) {
        throw Fields.wrong("rows: two of them would be called " + row.id());
      }
    }
    return rows;
  }

  private static Row row(Fields fields, String server) {
    String path = fields.path("path");
    if (path == null) {
      throw Fields.wrong(fields.name("path") + " is missing");
    }
    if (path.contains("?") || path.contains("#") || path.contains(" ")) {
      throw Fields.wrong(fields.name("path") + " takes a path alone; its query stands in query");
    }
    String simulation = fields.text("simulation", SIMULATIONS.getFirst());
    if (!SIMULATIONS.contains(simulation)) {
      throw Fields.wrong(
          String.format(
              Locale.ROOT,
              "%s: there is no simulation '%s'; known are %s",
              fields.name("simulation"),
              simulation,
              String.join(", ", SIMULATIONS)));
    }
    String query = fields.text("query", Row.DEFAULT_QUERY);
    Variables.checked(query, List.of("waitMs"));
    return new Row(
        server,
        path,
        fields.number("order", 0, 1000),
        simulation,
        query.isBlank() ? null : query,
        fields.has("waits") ? waits(fields) : null,
        quick(fields),
        role(fields),
        explanation(fields, "why"),
        fields.has("published") ? published(fields.inner("published")) : null);
  }

  private static String explanation(Fields fields, String field) {
    String text = fields.text(field);
    return text == null ? null : Variables.checked(text.strip(), Variables.OF_A_TEXT);
  }

  private static boolean quick(Fields fields) {
    String quick = fields.text("quick", "true");
    if (!quick.equals("true") && !quick.equals("false")) {
      throw Fields.wrong(fields.name("quick") + " takes true or false, not '" + quick + "'");
    }
    return quick.equals("true");
  }

  private static RowRole role(Fields fields) {
    String shows = fields.text("shows");
    if (shows == null) {
      return null;
    }
    return Arrays.stream(RowRole.values())
        .filter(role -> role.label.equals(shows))
        .findFirst()
        .orElseThrow(
            () ->
                Fields.wrong(
                    String.format(
                        Locale.ROOT,
                        "%s takes %s, not '%s'",
                        fields.name("shows"),
                        Arrays.stream(RowRole.values())
                            .map(role -> role.label)
                            .collect(Collectors.joining(", ")),
                        shows)));
  }

  /** {@code users}, or places by name. */
  private static List<Place> waits(Fields fields) {
    if (fields.get("waits").isString()) {
      String all = fields.text("waits");
      if (!all.equals("users")) {
        throw Fields.wrong(
            fields.name("waits") + " takes users, or places such as pool: 40, not '" + all + "'");
      }
      return List.of();
    }
    return places(fields.inner("waits"));
  }

  private static List<Place> places(Fields fields) {
    List<Place> places = new ArrayList<>();
    for (String word : fields.names()) {
      places.add(place(fields, word));
    }
    return places;
  }

  private static Place place(Fields fields, String word) {
    if (fields.get(word).isObject()) {
      Fields inner = fields.inner(word);
      String report = inner.text("report");
      Place place =
          new Place(
              PLACES.getOrDefault(word, word),
              inner.has("places") ? count(inner, "places") : null,
              inner.text("setting"),
              report);
      if (place.places() == null && report == null) {
        throw Fields.wrong(inner.name("places") + " is missing");
      }
      inner.checkUnknown();
      return place;
    }
    return new Place(PLACES.getOrDefault(word, word), count(fields, word), null, null);
  }

  /** A number, or a variable that stands for one. */
  private static String count(Fields fields, String field) {
    if (fields.has(field)
        && fields.get(field).isString()
        && Variables.areIn(fields.get(field).asString())) {
      return Variables.checked(fields.text(field), List.of("loops", "pool", "workers"));
    }
    Integer number = fields.number(field, 1, 1_000_000);
    if (number == null) {
      throw Fields.wrong(fields.name(field) + " is missing");
    }
    return number.toString();
  }

  private static PublishedFigures published(Fields fields) {
    PublishedFigures figures =
        new PublishedFigures(
            fields.required("by"),
            fields.required("name"),
            fields.requiredNumber("users"),
            fields.requiredNumber("waitMs"),
            fields.requiredNumber("runtimeSeconds"),
            fields.requiredNumber("requests"),
            fields.requiredNumber("failures"),
            fields.requiredDecimal("requestsPerSecond"),
            fields.requiredDecimal("failuresPerSecond"),
            fields.requiredNumber("medianMs"),
            fields.requiredNumber("threads"),
            fields.requiredNumber("averageThreads"),
            fields.requiredNumber("ceilingPerSecond"),
            explanation(fields, "why"));
    fields.checkUnknown();
    return figures;
  }
}
