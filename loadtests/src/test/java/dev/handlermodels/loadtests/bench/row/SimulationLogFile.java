package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes a log as Gatling 3.15.1 does, for tests that need given responses. */
public final class SimulationLogFile {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);
  private final Map<String, Integer> texts = new HashMap<>();

  public static byte[] of(String version, long startMs, List<Response> responses)
      throws IOException {
    SimulationLogFile file = new SimulationLogFile();
    file.header(version, startMs);
    for (Response response : responses) {
      file.response(response, startMs);
    }
    return file.bytes.toByteArray();
  }

  private void header(String version, long startMs) throws IOException {
    out.writeByte(0);
    text(version);
    text("a.Simulation");
    out.writeLong(startMs);
    text("");
    out.writeInt(1);
    text("/io");
    out.writeInt(0);
  }

  private void response(Response response, long startMs) throws IOException {
    out.writeByte(1);
    out.writeInt(0);
    repeatedText("GET /io");
    out.writeInt((int) (response.startMs() - startMs));
    out.writeInt((int) (response.endMs() - startMs));
    out.writeBoolean(response.ok());
    repeatedText(response.message());
  }

  private void repeatedText(String text) throws IOException {
    Integer number = texts.get(text);
    if (number != null) {
      out.writeInt(-number);
    } else {
      texts.put(text, texts.size() + 1);
      out.writeInt(texts.size());
      text(text);
    }
  }

  private void text(String text) throws IOException {
    byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
    out.writeInt(latin.length);
    if (latin.length > 0) {
      out.write(latin);
      out.writeByte(0);
    }
  }
}
