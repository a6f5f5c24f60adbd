#!/usr/bin/env bash
# Builds the image of each variant, runs it as its user with a read-only root, 256 MiB and one CPU, and checks what the README promises:
#
#   deploy/verify-image.sh                  all three, worker and load; or name one: deploy/verify-image.sh nima
#
# It needs root, podman, curl and a JDK 25. BUILD_IMAGE and RUNTIME_IMAGE are the Dockerfile's; where they are unset, deploy/local-base.sh
# makes both from this machine, so that no registry is needed, but debootstrap and a Debian mirror. What is missing it says before it begins.
# No image of its own stays, but the two of local-base.sh where KEEP_BASE=true. PORT_FROM (26080) is the first of three ports that it uses.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

if ! command -v podman >/dev/null; then
  echo "SKIPPED: podman is not installed, so no image was built or run."
  exit 0
fi
for server in "$@"; do
  case $server in
    vertx | nima | blocking | worker | load) ;;
    *) echo "there is no image '$server' to verify; choose vertx, nima, blocking, worker or load" >&2; exit 2 ;;
  esac
done
missing=()
[ "$(id -u)" = 0 ] || missing+=("root: without it, podman's containers have no addresses and maybe no limits")
command -v curl >/dev/null || missing+=("curl")
! command -v kubectl >/dev/null || command -v catatonit >/dev/null || [ -x /usr/libexec/podman/catatonit ] ||
  missing+=("catatonit, which podman runs in each pod")
if [ -z "${BUILD_IMAGE:-}" ] && ! podman image exists localhost/handler-models/runtime; then
  command -v debootstrap >/dev/null || missing+=("debootstrap, for a base image made here; or BUILD_IMAGE and RUNTIME_IMAGE")
  mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
  curl -sf -m 10 -o /dev/null "$mirror/dists/${DEBIAN_SUITE:-trixie}/InRelease" ||
    missing+=("a Debian mirror: $mirror does not answer (DEBIAN_MIRROR names another)")
fi
if [ ${#missing[@]} -gt 0 ]; then
  printf 'needed: %s\n' "${missing[@]}" >&2
  exit 2
fi
# shellcheck source=scripts/find-jdk.sh
. scripts/find-jdk.sh
# shellcheck source=deploy/interruptible.sh
. deploy/interruptible.sh

port=${PORT_FROM:-26080}
management=$((port + 1))
work=$(mktemp -d)
name=handler-models-verify-$$
base_was_there=$(podman image exists localhost/handler-models/runtime && echo true || echo false)
pause_was_there=$(podman images -q localhost/podman-pause)
nameless_before=$(podman images -aq --filter dangling=true)

# Without what podman remarks where systemd, which would run its healthchecks, is not there.
podman() { command podman "$@" 2> >(grep -v 'systemd connection' >&2); }

# All that this run has made bears its name.
pods() { podman pod ps --noheading --filter "name=^$name\b" --format '{{.Name}}'; }
containers() { podman ps -a --noheading --filter "name=^$name\b" --format '{{.Names}}'; }
build_containers() { podman ps -aq --external --filter 'name=-working-container'; }
cleanup() {
  local one
  for one in $(pods); do podman pod rm -f -t 0 "$one"; done >/dev/null
  for one in $(containers); do podman rm -f -t 0 "$one"; done >/dev/null # one by one: podman removes none where one is missing
  # podman build leaves its own where it is broken off.
  if [ -e "$work/before-build" ]; then
    for one in $(build_containers | grep -vxFf "$work/before-build"); do podman rm -f "$one"; done >/dev/null
  fi
  # The images, those of build stages, and the one that podman makes to hold a pod.
  for one in $(podman images --format '{{.Repository}}:{{.Tag}}' | grep -F "localhost/$name"); do podman rmi -f "$one"; done >/dev/null
  podman volume rm -f "$name-tmp" >/dev/null 2>&1
  if [ "$base_was_there" = false ] && [ "${KEEP_BASE:-}" != true ]; then
    podman rmi -f localhost/handler-models/build localhost/handler-models/runtime >/dev/null 2>&1
  fi
  [ -n "$pause_was_there" ] || podman rmi -f "$(podman images -q localhost/podman-pause)" >/dev/null 2>&1
  for one in $(podman images -aq --filter dangling=true); do
    [[ $nameless_before == *"$one"* ]] || podman rmi "$one" >/dev/null 2>&1 # one that somebody else uses stays
  done
  rm -rf "$work"
}

evidence() {
  local one
  [ ! -s "$work/build.log" ] || tail -n 20 "$work/build.log"
  for one in $(containers); do
    echo "-- the log of $one"
    podman logs --tail 20 "$one" 2>&1 || true
  done
}

address_of() { podman inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }

load() { "$JAVA25_HOME/bin/java" -XX:TieredStopAtLevel=1 -Xmx128m -cp "$work" Load "$@"; }

build() { # $1 SERVER, $2 tag
  build_containers >"$work/before-build"
  # The local Maven repository saves the downloads; the build does not write to it.
  podman build -q --format docker --network host --volume "${HOME:-/root}/.m2:/root/.m2:O" \
    --build-arg "BUILD_IMAGE=$BUILD_IMAGE" --build-arg "RUNTIME_IMAGE=$RUNTIME_IMAGE" --build-arg "SERVER=$1" \
    --build-arg "CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)" --build-arg "SOURCE=verify-image.sh" \
    --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)" -t "$2" . >"$work/build.log" 2>&1 || fail "the image $1 was not built"
  rm "$work/before-build" "$work/build.log"
}

run() {
  podman run -d --name "$name" --read-only --read-only-tmpfs=false --cap-drop all --security-opt no-new-privileges \
    --memory 256m --memory-swap 256m --cpus 1 --pids-limit 200 \
    -p "127.0.0.1:$port:8080" -p "127.0.0.1:$management:9090" "$@" >/dev/null
}

ready_line() { podman logs "$name" 2>/dev/null | sed -n 's/.* after \([0-9]*\) ms.*/\1/p' | grep .; }
get() { curl -sf -m 5 "http://127.0.0.1:$port$1"; }
status() { curl -s -m 5 -o /dev/null -w '%{http_code}' "$1"; }
in_flight() { [ "$(curl -s "$management_url/threads" | sed 's/.*"inFlight":\([0-9]*\).*/\1/')" -ge "$1" ]; }

verify() {
  local server=$1 image=localhost/$name:$1 bytes ready label
  echo "== $server"
  build "$server" "$image"
  [ "$(podman image inspect --format '{{.User}}' "$image")" = 10001:10001 ] || fail "the user is not 10001:10001"
  podman push -q --compress "$image" "dir:$work/$server"
  bytes=$(du -sb "$work/$server" | cut -f1)
  echo "   compressed: $((bytes / 1000000)) MB, of which base: $(base_megabytes) MB"
  for label in source created revision base.name; do
    [ -n "$(podman image inspect --format "{{index .Labels \"org.opencontainers.image.$label\"}}" "$image")" ] || fail "the image has no label $label"
  done
  [ "$bytes" -le 120000000 ] || fail "the image has more than 120 MB"

  for _ in 1 2 3 4 5; do
    run --no-healthcheck "$image"
    await ready_line
    ready_line >>"$work/$server.ready"
    podman rm -f -t 0 "$name" >/dev/null
  done
  ready=$(sort -n "$work/$server.ready" | sed -n 3p)
  echo "   ready after: $ready ms (median of 5: $(sort -n "$work/$server.ready" | tr '\n' ' '))"
  [ "$ready" -lt 700 ] || echo "   WARNING: $ready ms are more than 700 ms. On a machine with other work that says nothing about the image."

  management_url=http://127.0.0.1:$management
  run --no-healthcheck "$image"
  await get /health/ready
  for path in /io/blocking /io/pinned /file/blocking /cpu/inline; do
    [ "$(status "http://127.0.0.1:$port$path")" = 404 ] || fail "$path is not off"
  done
  podman rm -f -t 0 "$name" >/dev/null
  run -e DRAIN_DELAY_MS=500 -e ANTI_PATTERNS=true "$image" # to freeze a loop below
  await get /health/ready
  for url in "$port/health/live" "$port/health/ready" "$management/health/live" "$management/health/ready" "$management/metrics"; do
    [ "$(status "http://127.0.0.1:$url")" = 200 ] || fail "$url does not answer 200"
  done
  [[ $(get /) == *"\"server\":\"$server\""* ]] || fail "/ does not name $server"
  for path in '/io?waitMs=10' '/io/blocking?waitMs=10' '/io/offloaded?waitMs=10' /file /file/blocking /openapi.yaml; do
    get "$path" >/dev/null || fail "$path does not answer 200"
  done
  [ "$(curl -sf -m 5 --data-binary '{"a":1}' -H 'Content-Type: application/json' "http://127.0.0.1:$port/echo")" = '{"a":1}' ] ||
    fail "/echo does not give the body back"
  podman healthcheck run "$name" >/dev/null || fail "HEALTHCHECK says unhealthy"
  echo "   probes, endpoints and HEALTHCHECK answer"
  if [ "$server" = vertx ]; then
    curl -s -m 30 "http://127.0.0.1:$port/io/blocking?waitMs=8000" >/dev/null &
    await in_flight 1
    ! podman healthcheck run "$name" >/dev/null 2>&1 || fail "HEALTHCHECK says healthy of a frozen loop"
    wait $!
    echo "   HEALTHCHECK says unhealthy while the loop is frozen"
  fi
  if [ "$server" = blocking ]; then
    load "http://127.0.0.1:$port/io?waitMs=2000" 100 1 >"$work/load" &
    await in_flight 100
    podman healthcheck run "$name" >/dev/null || fail "HEALTHCHECK says unhealthy of a pool that is used up"
    wait $! || fail "requests were lost while the pool was used up: $(cat "$work/load")"
    echo "   HEALTHCHECK says healthy while the pool is used up"
  fi

  load "http://127.0.0.1:$port/io?waitMs=100" 200 8 >"$work/load" || fail "requests were lost under load: $(cat "$work/load")"
  echo "   load, 200 users, 8 s: $(cat "$work/load")"
  [ "$(podman inspect --format '{{.State.OOMKilled}} {{.State.Running}}' "$name")" = "false true" ] || fail "it did not survive the load"
  echo "   memory: $(memory)"

  load "http://127.0.0.1:$port/io?waitMs=1000" 40 0 >"$work/drain" &
  local users=$!
  await in_flight 40
  podman kill --signal TERM "$name" >/dev/null
  wait $users || fail "requests were lost on SIGTERM: $(cat "$work/drain")"
  echo "   SIGTERM, 40 in flight: $(cat "$work/drain")"
  [ "$(podman wait "$name")" = 0 ] || fail "the exit code is not 0"
  ! podman logs "$name" 2>&1 | grep -E ' (WARN|WARNING|ERROR|SEVERE) ' | grep -v "has been blocked" || fail "it complains in its log"
  podman rm "$name" >/dev/null
  diagnose "$image"
  play "$server"
}

# What docs/deploy.md says under Diagnosis, with a volume at /tmp.
diagnose() {
  local image=$1 file status
  run --no-healthcheck -v "$name-tmp:/tmp" "$image"
  await get /health/ready
  load "http://127.0.0.1:$port/io?waitMs=2000" 5 3 >"$work/load" &
  await in_flight 5
  jcmd Thread.dump_to_file -format=json /tmp/threads.json
  jcmd GC.class_histogram
  jcmd GC.heap_dump /tmp/now.hprof
  jcmd JFR.start name=now settings=profile
  jcmd JFR.dump name=now filename=/tmp/now.jfr
  for file in threads.json now.hprof now.jfr; do
    [ "$(podman exec "$name" cat "/tmp/$file" | wc -c)" -gt 1000 ] || fail "$file is empty"
  done
  # grep -q would end at the first match, and cat then fail for a reader that has gone.
  [ "$(podman exec "$name" cat /tmp/threads.json | grep -c '"threadContainers"')" -gt 0 ] || fail "the dump of the threads has none"
  podman rm -f -t 0 "$name" >/dev/null
  status=0
  podman run --name "$name" --read-only --read-only-tmpfs=false --cap-drop all --memory 256m -v "$name-tmp:/tmp" -v "$work:/work:ro" \
    --entrypoint /opt/java/bin/java "$image" @/app/jvm.options -cp /work FillHeap >/dev/null 2>&1 || status=$?
  [ "$status" = 3 ] || fail "a full heap ends with exit code $status, not 3"
  podman rm "$name" >/dev/null
  [ "$(podman run --rm --read-only --read-only-tmpfs=false -v "$name-tmp:/tmp" --entrypoint /bin/cat "$image" /tmp/heap.hprof | wc -c)" -gt 10000000 ] ||
    fail "a full heap leaves no dump"
  podman volume rm -f "$name-tmp" >/dev/null
  echo "   thread dump, histogram, heap dump and recording come out of it; a full heap leaves its dump"
}

jcmd() { podman exec "$name" /opt/java/bin/jcmd 1 "$@" >"$work/jcmd" 2>&1 || fail "jcmd $*: $(cat "$work/jcmd")"; }

# The Deployment as kubectl renders it, in podman. Without its probes: podman would run curl inside the container for them, where none is; they
# are asked from here instead.
play() {
  local server=$1 address upstream users pod container
  if ! command -v kubectl >/dev/null; then
    echo "   SKIPPED: kubectl is not installed, so the Deployment was not rendered and run"
    return
  fi
  podman run -d --no-healthcheck --name "$name-upstream" --read-only --read-only-tmpfs=false "localhost/$name-upstream" >/dev/null
  upstream=$(address_of "$name-upstream")
  cp -r deploy/kubernetes "$work/$server-kubernetes"
  mkdir "$work/$server-kubernetes/play"
  cat >"$work/$server-kubernetes/play/kustomization.yaml" <<END
resources: [../overlays/$server]
namePrefix: $name-
images:
  - { name: handler-models, newName: localhost/$name, newTag: $server }
patches:
  - target: { kind: Deployment, name: handler-models }
    patch: |-
      - { op: remove, path: /spec/template/spec/containers/0/startupProbe }
      - { op: remove, path: /spec/template/spec/containers/0/livenessProbe }
      - { op: remove, path: /spec/template/spec/containers/0/readinessProbe }
END
  kubectl kustomize "$work/$server-kubernetes/play" |
    awk 'BEGIN { RS = "---\n" } /^apiVersion: apps/ && /\n  name: '"$name"'-handler-models\n/' |
    sed "s|http://upstream:8080|http://$upstream:8080|" >"$work/$server.yaml"
  podman kube play --network podman "$work/$server.yaml" >/dev/null
  pod=$(pods)
  container=$pod-server
  address=$(address_of "$(podman pod inspect --format '{{.InfraContainerID}}' "$pod")")
  await curl -sf -m 2 "http://$address:9090/health/ready"
  [ "$(status "http://$address:8080/health/live")" = 200 ] || fail "the Deployment is not live"
  [ "$(podman inspect --format '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}} {{.Config.User}}' "$container")" = "true 268435456 10001:10001" ] ||
    fail "the Deployment's limits are not the container's: $(podman inspect --format '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}} {{.Config.User}}' "$container")"
  load "http://$address:8080/io?waitMs=1000" 20 0 >"$work/drain" &
  users=$!
  management_url=http://$address:9090
  await in_flight 20
  # As a kubelet does: the container first, within its grace period, and the pod's network last. `podman pod stop` of podman 4 ends both at
  # once, so that the answers to requests in flight have no way out.
  podman stop -t "$(sed -n 's/.*terminationGracePeriodSeconds: //p' "$work/$server.yaml")" "$container" >/dev/null
  wait $users || fail "requests were lost when the pod was stopped: $(cat "$work/drain")"
  [ "$(podman inspect --format '{{.State.ExitCode}}' "$container")" = 0 ] || fail "the pod's exit code is not 0"
  echo "   podman kube play of overlays/$server: ready, live, confined; stopped with 20 in flight: $(cat "$work/drain")"
  podman pod rm -f -t 0 "$pod" >/dev/null
  podman rm -f -t 0 "$name-upstream" >/dev/null
}

# A server that leaves all tasks to a worker, and both share a PostgreSQL of this machine.
verify_worker() {
  local image=localhost/$name:worker worker=$name-worker worker_management=http://127.0.0.1:$((port + 2)) database url location status=0
  local confined=(--read-only --read-only-tmpfs=false --cap-drop all --security-opt no-new-privileges --memory 256m --memory-swap 256m --cpus 1)
  echo "== worker"
  build worker "$image"
  build nima "localhost/$name:nima"
  podman run --no-healthcheck --name "$name" "${confined[@]}" "$image" >/dev/null 2>&1 || status=$?
  [ "$status" = 2 ] || fail "a worker without a database ends with exit code $status, not 2"
  podman rm "$name" >/dev/null
  # shellcheck disable=SC2034 # read by build.sh
  modules=database
  # shellcheck source=scripts/build.sh
  . scripts/build.sh
  mkfifo "$work/database.in"
  "$JAVA25_HOME/bin/java" -jar database/target/database.jar <"$work/database.in" >"$work/database" 2>"$work/build.log" &
  database=$!
  exec 9>"$work/database.in" # with the end of which it ends
  await grep -q postgresql "$work/database"
  url=$(cut -d ' ' -f 2 "$work/database")
  confined+=(--network host -e HOST=127.0.0.1 -e MANAGEMENT_HOST=127.0.0.1 -e TASK_STORE=postgres -e "DATABASE_URL=$url")
  podman run -d --no-healthcheck --name "$name" "${confined[@]}" -e "PORT=$port" -e "MANAGEMENT_PORT=$management" -e TASK_WORKERS=0 \
    "localhost/$name:nima" >/dev/null
  await get /health/ready
  location=$(curl -sf -m 5 -D - -o /dev/null --json '{"text":"x","waitMs":10}' "http://127.0.0.1:$port/tasks" | tr -d '\r' | sed -n 's/^location: //Ip')
  [[ $(get "$location") == *'"state":"queued"'* ]] || fail "a task is not left to the worker: $(get "$location")"
  podman run -d --name "$worker" "${confined[@]}" -e "MANAGEMENT_PORT=$((port + 2))" "$image" >/dev/null
  await curl -sf -m 2 "$worker_management/health/ready"
  podman healthcheck run "$worker" >/dev/null || fail "HEALTHCHECK says unhealthy of a worker"
  is_done() { [[ $(get "$location") == *'"state":"done"'* ]]; }
  await is_done
  echo "   healthy; did the task that a server accepted"
  location=$(curl -sf -m 5 -D - -o /dev/null --json '{"text":"x","waitMs":2000}' "http://127.0.0.1:$port/tasks" | tr -d '\r' | sed -n 's/^location: //Ip')
  is_running() { [[ $(get "$location") == *'"state":"running"'* ]]; }
  await is_running
  podman kill --signal TERM "$worker" >/dev/null
  [ "$(podman wait "$worker")" = 0 ] || fail "the worker's exit code is not 0"
  is_done || fail "the task in work was not finished: $(get "$location")"
  echo "   SIGTERM, one task in work: finished, exit code 0"
  podman rm -f -t 0 "$worker" "$name" >/dev/null
  exec 9>&-
  wait "$database" || fail "the database did not end in order"
}

# What the jobs of deploy/kubernetes/load do, without a cluster.
verify_load() {
  local address injector report
  echo "== load"
  build load "localhost/$name-load"
  build nima "localhost/$name:nima"
  run --no-healthcheck "localhost/$name:nima"
  await get /health/ready
  address=$(address_of "$name")
  mkdir -m 777 "$work/results"
  podman run -d --no-healthcheck --name "$name-report" --read-only --cap-drop all -v "$work/results:/results" \
    "localhost/$name-load" report /results/all --receive=2 >/dev/null
  report=$(address_of "$name-report")
  for injector in 0 1; do
    podman run -d --no-healthcheck --name "$name-injector-$injector" --read-only --cap-drop all --memory 2g --tmpfs /results:mode=777 \
      "localhost/$name-load" --target="http://$address:8080" --users=10 --wait=100 --ramp=1 --warmup=6 --duration=6 \
      --out=/results/run --send-to="http://$report:8080/$injector" >/dev/null
  done
  for injector in 0 1; do
    [ "$(podman wait "$name-injector-$injector")" = 0 ] || fail "injector $injector: $(podman logs "$name-injector-$injector" 2>&1 | tail -n 5)"
  done
  [ "$(podman wait "$name-report")" = 0 ] || fail "no report: $(podman logs "$name-report" 2>&1 | tail -n 5)"
  podman logs "$name-report" >"$work/report" 2>&1
  grep -q '"users" : 20' "$work/results/all/results.json" || fail "the report is not one of both injectors"
  grep -E 'Number of users|Requests/s|Failures ' "$work/report" | sed 's/^/   /'
  podman rm -f -t 0 "$name-report" >/dev/null
  podman rm -f -t 0 "$name" "$name-injector-0" "$name-injector-1" >/dev/null
}

base_megabytes() {
  if [ ! -d "$work/base" ]; then
    podman push -q --compress "$RUNTIME_IMAGE" "dir:$work/base"
  fi
  echo $(($(du -sb "$work/base" | cut -f1) / 1000000))
}

memory() {
  local id
  id=$(podman inspect --format '{{.Id}}' "$name")
  find /sys/fs/cgroup -path "*$id*" \( -name memory.max_usage_in_bytes -o -name memory.peak \) 2>/dev/null | head -n 1 |
    while read -r file; do echo "peak $(($(cat "$file") / 1048576)) MiB, file cache included, of 256"; done
}

all() {
  chmod 755 "$work" # another user inside the containers reads FillHeap
  "$JAVA25_HOME/bin/javac" -d "$work" deploy/Load.java
  cat >"$work/FillHeap.java" <<'END'
import java.util.ArrayList;
import java.util.List;

class FillHeap {
  static final List<byte[]> KEPT = new ArrayList<>();

  public static void main(String[] args) {
    while (true) {
      KEPT.add(new byte[1 << 20]);
    }
  }
}
END
  "$JAVA25_HOME/bin/javac" -d "$work" "$work/FillHeap.java"
  if [ -z "${BUILD_IMAGE:-}" ]; then
    echo "== base images"
    deploy/local-base.sh >"$work/build.log" 2>&1 || fail "the base images were not made"
    BUILD_IMAGE=localhost/handler-models/build RUNTIME_IMAGE=localhost/handler-models/runtime
  fi
  mkdir -p "${HOME:-/root}/.m2"
  build upstream "localhost/$name-upstream"
  for server in "$@"; do
    case $server in
      worker) verify_worker ;;
      load) verify_load ;;
      *) verify "$server" ;;
    esac
  done
  echo "All of it holds."
}

[ $# -gt 0 ] || set -- vertx nima blocking worker load
interruptible cleanup all "$@"
