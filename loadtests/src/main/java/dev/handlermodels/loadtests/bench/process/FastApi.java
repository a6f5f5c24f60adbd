package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The Python application of {@code fastapi/}: one uvicorn worker, as the original had.
 *
 * @param python the interpreter that has what it needs; null where none has
 * @param sentence for the report: what it has, or what is missing
 */
public record FastApi(String python, String sentence) {
  public static final String SERVER = "fastapi";

  private static final List<String> PYTHONS = List.of("python3", "/usr/bin/python3");
  private static final long ANSWER_WITHIN_SECONDS = 10;

  /** As long as the other servers keep an idle connection. */
  private static final String KEEP_ALIVE_SECONDS = "75";

  private static final String VERSIONS =
      "import platform, fastapi, uvicorn, httpx;"
          + "print('Python', platform.python_version() + ', FastAPI', fastapi.__version__ +"
          + " ', uvicorn', uvicorn.__version__ + ', httpx', httpx.__version__)";

  /** The first interpreter that has all three packages: a PATH may hold one that has none. */
  public static FastApi find() {
    return find(PYTHONS);
  }

  public static FastApi find(List<String> pythons) {
    for (String python : pythons) {
      String versions = versions(python);
      if (versions != null) {
        return new FastApi(python, "FastAPI ran with one uvicorn worker on " + versions + ".");
      }
    }
    return new FastApi(
        null,
        "FastAPI was not run: no python3 here has fastapi, uvicorn and httpx (Debian:"
            + " python3-fastapi python3-uvicorn python3-httpx); its published figures stand beside"
            + " the rows.");
  }

  public boolean isPresent() {
    return python != null;
  }

  private static String versions(String python) {
    try {
      Process process =
          new ProcessBuilder(python, "-c", VERSIONS)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return null;
      }
      byte[] answer = process.getInputStream().readAllBytes();
      return process.exitValue() == 0 ? new String(answer, StandardCharsets.UTF_8).strip() : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  public static List<String> command(String python, Settings settings) {
    return List.of(
        python,
        "-m",
        "uvicorn",
        "--app-dir",
        "fastapi",
        "--host",
        LoopbackAddress.HOST,
        "--port",
        Integer.toString(settings.port()),
        "--backlog",
        "4096",
        "--timeout-keep-alive",
        KEEP_ALIVE_SECONDS,
        "--no-access-log",
        "app:app");
  }

  public static Map<String, String> environment(Settings settings) {
    return Map.of(
        "UPSTREAM_URL",
        LoopbackAddress.url(settings.upstreamPort()),
        "MANAGEMENT_PORT",
        Integer.toString(settings.managementPort()),
        "PYTHONUNBUFFERED",
        "1",
        "PYTHONDONTWRITEBYTECODE",
        "1");
  }
}
