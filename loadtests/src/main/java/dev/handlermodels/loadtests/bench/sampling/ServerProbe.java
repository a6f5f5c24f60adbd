package dev.handlermodels.loadtests.bench.sampling;

import java.io.IOException;
import java.nio.file.Path;

/** A measurement of a server that costs too much to be made every second. */
public interface ServerProbe {
  /** The server is ready and has served no load yet. */
  void idle(ProcessHandle server, Path row) throws IOException, InterruptedException;

  /** The window is over, and the load goes on. */
  void loaded(ProcessHandle server, Path row) throws IOException, InterruptedException;
}
