package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The three servers are siblings: a diff of two files of the same name shows the handler model and
 * nothing else. Read from the class files, which keep the order of the source.
 */
@Rules
class SiblingsTest {
  private static final List<String> FILES =
      List.of("Main", "Server", "Routes", "Handlers", "UpstreamClient", "DatabaseClient");

  private static final List<String> HANDLERS =
      List.of(
          "root",
          "io",
          "ioBlocking",
          "ioPinned",
          "ioOffloaded",
          "file",
          "fileBlocking",
          "cpu",
          "cpuInline",
          "mixed",
          "steps",
          "fanout",
          "aggregate",
          "db",
          "dbBlocking",
          "dbOffloaded",
          "dbIncrement",
          "submitTask",
          "task",
          "tasks",
          "stream",
          "chat",
          "race",
          "echo",
          "openApi",
          "docs",
          "play",
          "live",
          "ready");

  /** What a handler asks of HTTP, so that it reads alike on all three. */
  private static final List<String> EXCHANGE =
      List.of(
          "path",
          "query",
          "body",
          "contentType",
          "idempotencyKeys",
          "cancellation",
          "reserveCalls",
          "json",
          "accepted",
          "content",
          "file",
          "stream",
          "chat");

  private static final int MAX_HANDLERS_LINES = 250;
  private static final int MAX_LINES_OF_DIFF = 120;
  private static final int MAX_FOREIGN_IMPORTS = 12;

  @ParameterizedTest
  @EnumSource(Model.class)
  void handlers_have_the_same_methods_in_the_same_order(Model model) {
    assertThat(methods(model, "Handlers")).isEqualTo(HANDLERS);
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void an_exchange_offers_handlers_the_same_methods(Model model) {
    List<String> offered =
        methods(model, "http/Exchange", m -> m.flags().has(AccessFlag.PUBLIC)).stream()
            .distinct()
            .toList();
    assertThat(offered).isEqualTo(EXCHANGE);
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void handlers_are_short_and_know_little_beside_the_contract(Model model) {
    List<String> lines = source(model, "Handlers");
    assertThat(lines).hasSizeLessThanOrEqualTo(MAX_HANDLERS_LINES);
    assertThat(lines)
        .filteredOn(line -> line.startsWith("import "))
        .filteredOn(line -> !line.startsWith("import dev.handlermodels.api."))
        .hasSizeLessThanOrEqualTo(MAX_FOREIGN_IMPORTS);
  }

  /** Of the two models that both wait where they stand, little more than the comments differs. */
  @Test
  void virtual_threads_and_the_pool_differ_in_few_lines() {
    List<String> nima = source(Model.NIMA, "Handlers");
    List<String> blocking = source(Model.BLOCKING, "Handlers");
    assertThat(nima.size() + blocking.size() - 2 * commonLines(nima, blocking))
        .isLessThanOrEqualTo(MAX_LINES_OF_DIFF);
  }

  /** The length of the longest common subsequence, as diff finds it. */
  private static int commonLines(List<String> left, List<String> right) {
    int[][] common = new int[left.size() + 1][right.size() + 1];
    for (int i = 1; i <= left.size(); i++) {
      for (int j = 1; j <= right.size(); j++) {
        common[i][j] =
            left.get(i - 1).equals(right.get(j - 1))
                ? common[i - 1][j - 1] + 1
                : Math.max(common[i - 1][j], common[i][j - 1]);
      }
    }
    return common[left.size()][right.size()];
  }

  private static List<String> source(Model model, String file) {
    Path path =
        Path.of("../server-" + model, "src/main/java/dev/handlermodels/" + model, file + ".java");
    try {
      return Files.readAllLines(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void servers_and_clients_have_the_same_methods_in_the_same_order() {
    for (String file : List.of("Main", "Server", "UpstreamClient", "DatabaseClient")) {
      assertThat(methods(Model.NIMA, file)).as(file).isEqualTo(methods(Model.VERTX, file));
      assertThat(methods(Model.BLOCKING, file)).as(file).isEqualTo(methods(Model.VERTX, file));
    }
  }

  @Test
  void routes_lead_from_the_same_paths_to_the_same_methods_in_the_same_order() {
    List<String> vertx = routes(Model.VERTX);
    assertThat(vertx).containsSequence("/io", "io", "/io/blocking", "ioBlocking").hasSize(62);
    assertThat(routes(Model.NIMA)).isEqualTo(vertx);
    assertThat(routes(Model.BLOCKING)).isEqualTo(vertx);
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void a_server_names_no_class_of_another_server_or_its_framework(Model model) {
    Set<String> strangers =
        Set.of("io/vertx/", "io/netty/", "io/helidon/", "io/undertow/", "org/xnio/").stream()
            .filter(name -> !own(model).contains(name))
            .collect(Collectors.toSet());
    for (Model other : Model.values()) {
      if (other != model) {
        strangers.add("dev/handlermodels/" + other + "/");
      }
    }
    for (String file : FILES) {
      for (var entry : parse(model, file).constantPool()) {
        if (entry instanceof ClassEntry type) {
          assertThat(strangers).noneMatch(type.asInternalName()::startsWith);
        }
      }
    }
  }

  private static Set<String> own(Model model) {
    return switch (model) {
      case VERTX -> Set.of("io/vertx/", "io/netty/");
      case NIMA -> Set.of("io/helidon/");
      case BLOCKING -> Set.of("io/undertow/", "org/xnio/");
    };
  }

  private static List<String> methods(Model model, String file) {
    return methods(model, file, m -> !m.flags().has(AccessFlag.PRIVATE));
  }

  private static List<String> methods(Model model, String file, Predicate<MethodModel> visible) {
    return parse(model, file).methods().stream()
        .filter(m -> visible.test(m) && !m.flags().has(AccessFlag.SYNTHETIC))
        .map(m -> m.methodName().stringValue())
        .filter(name -> !name.startsWith("<"))
        .toList();
  }

  /** Paths and the methods of Handlers that they lead to, as the route table mentions them. */
  private static List<String> routes(Model model) {
    List<String> mentioned = new ArrayList<>();
    for (MethodModel method : parse(model, "Routes").methods()) {
      for (var element : method.code().orElseThrow()) {
        if (element instanceof ConstantInstruction constant
            && constant.constantValue() instanceof String path) {
          mentioned.add(path);
        } else if (element instanceof InvokeDynamicInstruction call
            && call.bootstrapArgs().stream()
                .anyMatch(a -> a instanceof MethodHandleDesc h && target(h) != null)) {
          call.bootstrapArgs().stream()
              .filter(MethodHandleDesc.class::isInstance)
              .map(a -> target((MethodHandleDesc) a))
              .forEach(mentioned::add);
        }
      }
    }
    return mentioned;
  }

  private static String target(MethodHandleDesc handle) {
    return handle instanceof DirectMethodHandleDesc direct ? direct.methodName() : null;
  }

  private static ClassModel parse(Model model, String file) {
    String name = "/dev/handlermodels/" + model + "/" + file + ".class";
    try (InputStream in = Model.class.getResourceAsStream(name)) {
      return ClassFile.of().parse(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
