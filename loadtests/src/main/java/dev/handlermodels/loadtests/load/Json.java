package dev.handlermodels.loadtests.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes records as JSON and reads them back; fields keep the order of the record. */
public final class Json {
  /** For one line of a file. */
  public static final JsonMapper LINE =
      JsonMapper.builder().disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();

  private static final JsonMapper PRETTY =
      LINE.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  /** Replaces the file in one step, so that a reader never sees half of it. */
  public static void write(Path file, Object value) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, PRETTY.writeValueAsString(value) + "\n");
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Reads a file.
   *
   * @throws IOException where the file is missing or not what was expected, with its name
   */
  public static <T> T read(Path file, Class<T> type) throws IOException {
    try {
      return LINE.readValue(Files.readString(file), type);
    } catch (JacksonException e) {
      throw new IOException(file + " is not readable: " + e.getOriginalMessage(), e);
    }
  }
}
