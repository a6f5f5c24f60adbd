package dev.handlermodels.nima.wire;

import dev.handlermodels.api.launch.Service;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;

/**
 * Lets Helidon accept through a {@link ListeningSocket}. Helidon offers no way to do so, so this
 * rests on internals of its pinned version.
 */
public final class AcceptWatch {
  private static final String THREAD = "serverThread";

  private final Service service;
  private final Object listener;
  private final Field socketField;
  private final Method listen;
  private volatile ListeningSocket socket;

  private AcceptWatch(Service service, WebServer web) throws ReflectiveOperationException {
    this.service = service;
    Map<?, ?> listeners = (Map<?, ?>) field(web.getClass(), "listeners").get(web);
    this.listener = listeners.get(WebServer.DEFAULT_SOCKET_NAME);
    this.socketField = field(listener.getClass(), "serverSocket");
    this.listen = listener.getClass().getDeclaredMethod("listen");
    listen.setAccessible(true);
    Field thread = field(listener.getClass(), THREAD);
    String name = ((Thread) thread.get(listener)).getName();
    thread.set(listener, Thread.ofPlatform().name(name).unstarted(this::listen));
  }

  /** To be called before the server starts. */
  public static AcceptWatch of(Service service, WebServer web) {
    try {
      return new AcceptWatch(service, web);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this version of Helidon is not known", e);
    }
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  /** Runs on the thread that accepts, when the socket is bound. */
  private void listen() {
    try {
      ListeningSocket wrapped =
          new ListeningSocket((ServerSocketChannel) socketField.get(listener), service);
      socketField.set(listener, wrapped);
      socket = wrapped;
      listen.invoke(listener);
    } catch (IOException e) {
      service.listenerLost();
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("this version of Helidon is not known", e);
    }
  }

  /** Returns when everybody who has connected is accepted, and nobody else can connect. */
  public void stop() {
    ListeningSocket listening = socket;
    if (listening != null) {
      listening.stop();
    }
  }
}
