# shellcheck shell=sh
# Sourced by ./bench and ./serve, in the project's folder: builds the modules named in $modules
# (separated by commas) where a jar is missing or a source is newer than the last build.

modules=${modules:-upstream,server-vertx,server-nima,server-blocking}
needs_build() {
  for module in $(echo "$modules" | tr ',' ' '); do
    [ -f "$module/target/$module.jar" ] && [ -f "$module/target/.built" ] || return 0
    [ -z "$(find pom.xml ./*/pom.xml ./*/src/main ./server-*/src/test loadtests/servers -newer "$module/target/.built" -print 2>/dev/null | head -n 1)" ] || return 0
  done
  return 1
}

if needs_build; then
  if ! command -v mvn >/dev/null 2>&1; then
    echo "Maven is needed to build the project, and there is no mvn on the PATH." >&2
    exit 2
  fi
  echo "Building $modules ..." >&2
  mkdir -p target
  touch target/.build-started # a source that changes during the build counts as newer
  mvn -q -DskipTests -pl "$modules" -am package >&2 || exit 1
  for module in $(echo "$modules" | tr ',' ' '); do
    cp -p target/.build-started "$module/target/.built"
  done
fi

# A server starts in half the time with an AOT cache, which is trained by asking it for each endpoint once, after each
# build. It is a convenience: where it cannot be made, the server starts without. Without the profiles of that training: what is
# hot when each endpoint is asked once is not what is hot under load, and code compiled for it stays slower (docs/design.md).
for module in $(echo "$modules" | tr ',' ' '); do
  case $module in
    server-*)
      if [ ! -f "$module/target/train.log" ]; then # Maven removes it with the cache whenever it builds
        echo "Training $module for a fast start ..." >&2
        rm -f "$module/target/$module.aot"
        PORT=0 MANAGEMENT_PORT=0 "$JAVA25_HOME/bin/java" @jvm.options \
          -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining "-XX:AOTCacheOutput=$module/target/$module.aot" \
          "-XX:ErrorFile=$module/target/hs_err_pid%p.log" \
          -jar "$module/target/$module.jar" --train >"$module/target/train.log" 2>&1 || true
      fi
      ;;
  esac
done
