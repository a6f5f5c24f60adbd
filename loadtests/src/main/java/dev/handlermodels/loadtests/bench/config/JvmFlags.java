package dev.handlermodels.loadtests.bench.config;

import java.util.List;
import java.util.Locale;

/** JVM flags of the processes that the bench starts, beside those of jvm.options. */
public final class JvmFlags {
  /** Gatling gets more heap than a server: it must never be what is measured. */
  public static final List<String> GATLING =
      List.of(
          "-Xms512m",
          "-Xmx1g",
          "-XX:+UseSerialGC",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          // Gatling asks Maven Central for its newest version and keeps the answer in the user's
          // home. A proxy that is not there ends the question at once.
          "-Dhttps.proxyHost=127.0.0.1",
          "-Dhttps.proxyPort=9");

  private JvmFlags() {}

  /** The flag that names a server's AOT cache. */
  public static String aotCache(String server) {
    return String.format(
        Locale.ROOT, "-XX:AOTCache=server-%s/target/server-%s.aot", server, server);
  }
}
