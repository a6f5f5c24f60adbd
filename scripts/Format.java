import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks or mends the format of all Java files: {@code java scripts/Format.java check|fix
 * GOOGLE_JAVA_FORMAT_JAR}. The build runs the check ({@code mvn validate}); {@code mvn -N validate
 * -Dformat=fix} mends. A program of its own because google-java-format reads only the Java that the
 * JDK running it knows, and Maven may be running on an older one.
 */
public class Format {
  public static void main(String[] args) throws IOException, InterruptedException {
    boolean fix = args[0].equals("fix");
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1", // it ends before code of the better compiler pays
                "-jar",
                args[1]));
    command.addAll(fix ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    try (Stream<Path> files = Files.walk(Path.of("."))) {
      files
          .map(Path::normalize)
          .filter(file -> file.toString().endsWith(".java") && !file.toString().contains("target"))
          .map(Path::toString)
          .sorted()
          .forEach(command::add);
    }
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0) {
      System.err.println(
          "the files above are not formatted; mend them with: mvn -N validate -Dformat=fix");
    }
    System.exit(exit);
  }
}
