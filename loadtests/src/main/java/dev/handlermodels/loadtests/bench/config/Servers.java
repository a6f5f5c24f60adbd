package dev.handlermodels.loadtests.bench.config;

import java.util.Iterator;
import java.util.List;

/** The servers of this project. Nothing else in the bench lists them or spells their names. */
public final class Servers {
  public static final String VERTX = "vertx";
  public static final String NIMA = "nima";
  public static final String BLOCKING = "blocking";

  /** In the order of every table. */
  public static final List<String> ALL = List.of(VERTX, NIMA, BLOCKING);

  private Servers() {}

  /** {@code vertx, nima, blocking}. */
  public static String text() {
    return String.join(", ", ALL);
  }

  public static HandlerModel model(String server) {
    return switch (server) {
      case VERTX -> HandlerModel.EVENT_LOOP;
      case NIMA -> HandlerModel.VIRTUAL_THREADS;
      case BLOCKING -> HandlerModel.THREAD_POOL;
      default -> HandlerModel.UNKNOWN;
    };
  }

  /** For the help of an option. */
  public static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ALL.iterator();
    }
  }
}
