package dev.handlermodels.loadtests.bench.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Every process that the bench has started and not yet stopped. Ctrl-C reaches it from another
 * thread, so a start that comes after {@link #close} is refused.
 */
public final class ChildProcesses implements AutoCloseable {
  private static final long GRACE_MS = 5_000;

  private final List<ChildProcess> running = new CopyOnWriteArrayList<>();
  private final Path folder;
  private final long graceMs;
  private boolean closed;

  /**
   * @param folder in which every child is started
   */
  public ChildProcesses(Path folder) {
    this(folder, GRACE_MS);
  }

  public ChildProcesses(Path folder, long graceMs) {
    this.folder = folder;
    this.graceMs = graceMs;
  }

  public ChildProcess start(
      String name, List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    return start(name, folder, command, environment, log);
  }

  /** The same in another folder. */
  public synchronized ChildProcess start(
      String name, Path inFolder, List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    if (closed) {
      throw new IOException("The bench is being stopped.");
    }
    ChildProcess child = ChildProcess.start(name, inFolder, command, environment, log);
    running.add(child);
    return child;
  }

  public void stop(ChildProcess child) {
    child.stop(graceMs);
    running.remove(child);
  }

  /**
   * Stops the last one first: the load ends before its server, so it sees no failure that we
   * caused.
   */
  public void stopAll() {
    running.reversed().forEach(this::stop);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    stopAll();
  }
}
