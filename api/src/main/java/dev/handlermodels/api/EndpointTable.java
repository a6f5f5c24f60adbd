package dev.handlermodels.api;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Finds the endpoint of a request line: a path without a parameter by one look into a map, one with
 * a parameter after that. HEAD leads to the endpoint of GET (RFC 9110, 9.3.2), and OPTIONS to any
 * one of its path.
 *
 * @param <E> an endpoint
 */
final class EndpointTable<E> {
  private final Map<String, Path<E>> byText;
  private final List<Path<E>> withParameter;

  EndpointTable(
      Collection<E> endpoints, Function<E, String> method, Function<E, PathTemplate> template) {
    Map<PathTemplate, Map<String, E>> methods = new HashMap<>();
    endpoints.forEach(
        endpoint ->
            methods
                .computeIfAbsent(template.apply(endpoint), _ -> new TreeMap<>())
                .put(method.apply(endpoint), endpoint));
    List<Path<E>> paths =
        methods.entrySet().stream().map(e -> Path.of(e.getKey(), e.getValue())).toList();
    this.byText =
        paths.stream()
            .filter(path -> !path.template.hasParameter())
            .collect(Collectors.toUnmodifiableMap(path -> path.template.text(), path -> path));
    this.withParameter = paths.stream().filter(path -> path.template.hasParameter()).toList();
  }

  /**
   * @throws ProblemException 404 for an unknown path, 405 with Allow for a wrong method
   */
  E find(String method, String rawPath) {
    Path<E> path = byText.get(rawPath);
    if (path == null) {
      path = findWithParameter(rawPath);
    }
    E endpoint = path.methods.get(method);
    if (endpoint == null) {
      throw Problems.methodNotAllowed(method, path.allowed);
    }
    return endpoint;
  }

  /**
   * @return all methods of the path, as the header field Allow names them
   * @throws ProblemException 404 for an unknown path
   */
  String allowed(String rawPath) {
    Path<E> path = byText.get(rawPath);
    return (path == null ? findWithParameter(rawPath) : path).allowed;
  }

  private Path<E> findWithParameter(String rawPath) {
    for (Path<E> path : withParameter) {
      if (path.template.matches(rawPath)) {
        return path;
      }
    }
    throw Problems.notFound(rawPath);
  }

  /**
   * One path and its endpoints by their method.
   *
   * @param allowed the methods, as the header field Allow names them
   */
  private record Path<E>(PathTemplate template, Map<String, E> methods, String allowed) {
    static <E> Path<E> of(PathTemplate template, Map<String, E> endpoints) {
      Map<String, E> sorted = new TreeMap<>(endpoints);
      if (endpoints.containsKey("GET")) {
        sorted.put("HEAD", endpoints.get("GET"));
      }
      sorted.put("OPTIONS", endpoints.values().iterator().next());
      return new Path<>(template, Map.copyOf(sorted), String.join(", ", sorted.keySet()));
    }
  }
}
