package dev.handlermodels.loadtests.bench.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many samples each chain of calls had: what a flame graph shows. */
public final class CallTree {
  private final String frame;
  private final Map<String, CallTree> callees = new HashMap<>();
  private long samples;
  private long self;

  public CallTree(String frame) {
    this.frame = frame;
  }

  /**
   * @param stack the outermost caller first
   */
  public void add(List<String> stack) {
    CallTree node = this;
    node.samples++;
    for (String called : stack) {
      node = node.callees.computeIfAbsent(called, CallTree::new);
      node.samples++;
    }
    node.self++;
  }

  /** {@code dev.example.Name.method}. */
  public String frame() {
    return frame;
  }

  /** In this method and all that it called. */
  public long samples() {
    return samples;
  }

  /** By name, so that equal profiles look equal. */
  public List<CallTree> callees() {
    return callees.values().stream().sorted(Comparator.comparing(CallTree::frame)).toList();
  }

  /** Samples in each method itself, the most first. */
  List<Map.Entry<String, Long>> selfTimes() {
    Map<String, Long> byFrame = new HashMap<>();
    List<CallTree> left = new ArrayList<>(callees.values());
    while (!left.isEmpty()) {
      CallTree node = left.removeLast();
      if (node.self > 0) {
        byFrame.merge(node.frame, node.self, Long::sum);
      }
      left.addAll(node.callees.values());
    }
    return byFrame.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .toList();
  }
}
