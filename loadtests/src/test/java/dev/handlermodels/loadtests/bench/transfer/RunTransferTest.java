package dev.handlermodels.loadtests.bench.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunTransferTest {
  @TempDir private Path temp;

  private Path run;
  private Path dir;

  @BeforeEach
  void writeARun() throws IOException {
    run = Files.createDirectories(temp.resolve("run"));
    dir = temp.resolve("received");
    Files.createDirectories(run.resolve("rows/io"));
    Files.writeString(run.resolve("run.json"), "{}");
    Files.write(run.resolve("rows/io/records"), new byte[300_000]);
  }

  private static URI of(RunReceiver receiver, String path) {
    return URI.create("http://127.0.0.1:" + receiver.port() + path);
  }

  private static int put(RunReceiver receiver, String path, byte[] body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(of(receiver, path))
                  .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  private static byte[] zip(String name, int bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(new byte[bytes]);
      zip.closeEntry();
    }
    return out.toByteArray();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(temp)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(run))
          .map(file -> temp.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void theRunsOfAllInjectorsArriveAsTheyAre() throws Exception {
    try (RunReceiver receiver = RunReceiver.open(dir, 2, 0)) {
      RunSender.send(run, of(receiver, "/0"));
      RunSender.send(run, of(receiver, "/1"));
      receiver.await(1);
    }
    assertThat(files())
        .containsExactly(
            "received/0/rows/io/records",
            "received/0/run.json",
            "received/1/rows/io/records",
            "received/1/run.json");
    assertThat(dir.resolve("1/rows/io/records")).hasSize(300_000);
  }

  @Test
  void oneThatIsSentTwiceCountsOnce() throws Exception {
    try (RunReceiver receiver = RunReceiver.open(dir, 2, 0)) {
      RunSender.send(run, of(receiver, "/0"));
      RunSender.send(run, of(receiver, "/0"));
      assertThatThrownBy(() -> receiver.await(0))
          .hasMessage("1 of 2 injectors have sent their run within 0 minutes: [0].");
    }
  }

  @Test
  void aNameThatIsNoneOfARunIsRefused() throws Exception {
    try (RunReceiver receiver = RunReceiver.open(dir, 1, 0)) {
      for (String path : List.of("/", "/a/b", "/..", "/.part-1", "/%2e%2e")) {
        assertThat(put(receiver, path, zip("run.json", 1))).as(path).isEqualTo(404);
      }
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void aFileOutsideOfItsRunIsRefusedAndNothingIsLeft() throws Exception {
    try (RunReceiver receiver = RunReceiver.open(dir, 1, 0)) {
      for (String name : List.of("../other", "/etc/other", "a/../../other", "..")) {
        assertThat(put(receiver, "/0", zip(name, 1))).as(name).isEqualTo(400);
      }
    }
    assertThat(files()).isEmpty();
    assertThat(Files.exists(temp.resolve("other"))).isFalse();
  }

  @Test
  void aRunThatIsTooLargeAndWhatIsNoArchiveAreRefused() throws Exception {
    try (RunReceiver receiver = RunReceiver.open(dir, 1, 0, 1_000)) {
      assertThat(put(receiver, "/0", zip("run.json", 1_001))).isEqualTo(400);
      assertThat(put(receiver, "/0", "no zip".getBytes(StandardCharsets.UTF_8))).isEqualTo(400);
      assertThat(put(receiver, "/0", zip("run.json", 1_000))).isEqualTo(201);
      receiver.await(1);
    }
    assertThat(files()).containsExactly("received/0/run.json");
  }

  @Test
  void tooManyFilesAreRefused() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i <= RunArchive.MAX_FILES; i++) {
        zip.putNextEntry(new ZipEntry("f" + i));
        zip.closeEntry();
      }
    }
    Path folder = Files.createDirectories(temp.resolve("many"));
    assertThatThrownBy(
            () -> RunArchive.unpack(new ByteArrayInputStream(out.toByteArray()), folder, 1_000))
        .hasMessage("a run has at most 10000 files");
  }

  @Test
  void aReceiverThatIsNotThereIsNamedAndARefusalIsTold() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    URI nobody = URI.create("http://127.0.0.1:" + free + "/0");
    assertThatThrownBy(() -> new RunSender(2, 1).sendTo(run, nobody))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(nobody + " cannot be reached");
    try (RunReceiver receiver = RunReceiver.open(dir, 1, 0, 10)) {
      URI small = of(receiver, "/0");
      assertThatThrownBy(() -> RunSender.send(run, small))
          .hasMessageStartingWith(small + " did not take the run: 400");
    }
  }
}
