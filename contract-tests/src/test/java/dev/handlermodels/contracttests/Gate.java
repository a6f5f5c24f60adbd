package dev.handlermodels.contracttests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An upstream that answers when the test says so and not before: what happens "meanwhile" needs no
 * sleeping.
 */
final class Gate implements AutoCloseable {
  private static final int BACKLOG = 1000;
  private static final byte[] BODY = "{\"waitedMs\":0.0}".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<String> seen = new ArrayList<>();
  private final List<List<String>> heads = new ArrayList<>();
  private int waiting;
  private int peak;
  private int mayPass;
  private boolean open;

  private Gate(ServerSocket listener) {
    this.listener = listener;
  }

  /** A gate that is shut. */
  static Gate shut() {
    try {
      Gate gate = new Gate(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().start(gate::acceptAll);
      return gate;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A gate that lets every call through at once. */
  static Gate opened() {
    Gate gate = shut();
    gate.open();
    return gate;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException _) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true); // head and body are two writes
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      OutputStream out = socket.getOutputStream();
      String requestLine = in.readLine();
      while (requestLine != null) {
        String header = in.readLine();
        List<String> head = new ArrayList<>(List.of(requestLine));
        while (header != null && !header.isEmpty()) {
          head.add(header);
          header = in.readLine();
        }
        pass(head);
        out.write(
            ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                    + BODY.length
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(BODY);
        requestLine = in.readLine();
      }
    } catch (IOException | InterruptedException _) {
      // The server has hung up, or the test is over.
    } finally {
      sockets.remove(socket);
    }
  }

  private void pass(List<String> head) throws InterruptedException {
    lock.lock();
    try {
      seen.add(head.getFirst());
      heads.add(head);
      waiting++;
      peak = Math.max(peak, waiting);
      changed.signalAll();
      while (!open && mayPass == 0) {
        changed.await();
      }
      if (!open) {
        mayPass--;
      }
      waiting--;
    } finally {
      lock.unlock();
    }
  }

  /** Returns when so many calls stand before the gate. */
  void awaitWaiting(int count) {
    lock.lock();
    try {
      long left = Await.BOUND.toNanos();
      while (waiting != count) {
        if (left <= 0) {
          throw new AssertionError(
              count + " calls were to wait at the upstream, but there are " + waiting);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  /** Lets one call through, a waiting one or the next to come. */
  void letOneThrough() {
    change(() -> mayPass++);
  }

  /** Lets all calls through, from now on. */
  void open() {
    change(() -> open = true);
  }

  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The most calls that ever stood before the gate at once. */
  int peak() {
    lock.lock();
    try {
      return peak;
    } finally {
      lock.unlock();
    }
  }

  /** The request lines in the order of their arrival. */
  List<String> seen() {
    lock.lock();
    try {
      return List.copyOf(seen);
    } finally {
      lock.unlock();
    }
  }

  /** Request lines and header fields in the order of their arrival. */
  List<List<String>> heads() {
    lock.lock();
    try {
      return List.copyOf(heads);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    open();
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
