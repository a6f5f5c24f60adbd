package dev.handlermodels.upstream;

import java.util.List;

/** What the three services behind {@code /aggregate/{user}} say of a user. */
final class SimulatedServices {
  private SimulatedServices() {}

  private record Profile(String user, String email) {}

  private record Post(int id, String title) {}

  private record Order(int id, String item) {}

  /**
   * @return null where there is no such service
   */
  static Object content(String service, String user) {
    return switch (service) {
      case "profile" -> new Profile(user, user + "@example.com");
      case "posts" -> List.of(new Post(1, "Hello from " + user), new Post(2, "Still " + user));
      case "orders" -> List.of(new Order(1, "a book"));
      default -> null;
    };
  }
}
