#!/usr/bin/env bash
# A real Prometheus with alerts.yaml scrapes real servers. First they have ordinary work, and no alert may fire. Then the cause of each
# alert is made to happen, and each has to fire:
#
#   deploy/verify-alerts.sh                 both; or one of them: deploy/verify-alerts.sh ordinary, deploy/verify-alerts.sh causes
#
# Needs prometheus (Debian's package will do). It takes some 8 minutes, because each alert waits a minute or two before it fires.
# HandlerModelsErrorBudgetBurnsSlowly is not among them: it waits for an hour, and alerts-test.yaml covers it. PORT_FROM (26100) is the first
# of 15 ports that it uses, all on loopback. ORDINARY_SECONDS (180) is how long the ordinary work lasts.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

for part in "$@"; do
  case $part in
    ordinary | causes) ;;
    *) echo "there is no part '$part'; choose ordinary or causes" >&2; exit 2 ;;
  esac
done
for tool in prometheus curl; do
  if ! command -v "$tool" >/dev/null; then
    echo "SKIPPED: $tool is not installed, so no alert was seen."
    exit 0
  fi
done
# shellcheck source=scripts/find-jdk.sh
. scripts/find-jdk.sh
# shellcheck source=deploy/interruptible.sh
. deploy/interruptible.sh

from=${PORT_FROM:-26100}
seconds=${ORDINARY_SECONDS:-180}
work=$(mktemp -d)
cleanup() { rm -rf "$work"; }
# shellcheck disable=SC2034 # read by interruptible.sh: up to seven servers start at once
patience=60

# Instance N has its main listener on from+2N-1 and its management listener on from+2N.
main() { echo "http://127.0.0.1:$((from + 2 * $1 - 1))$2"; }
management() { echo "http://127.0.0.1:$((from + 2 * $1))$2"; }

start() { # $1 server, $2 instance; settings stand before it
  PORT=$((from + 2 * $2 - 1)) MANAGEMENT_PORT=$((from + 2 * $2)) ./serve "$1" >>"$work/$1-$2.log" 2>&1 &
  pids[$2]=$!
  await curl -sf -m 2 "$(management "$2" /health/ready)"
}

load() { # $1 instance, $2 path, $3 users, $4 seconds
  "$JAVA25_HOME/bin/java" -XX:TieredStopAtLevel=1 -Xmx64m -cp "$work" Load "$(main "$1" "$2")" "$3" "$4" >>"$work/load-$1.txt" 2>&1 &
  others+=($!)
}

# About three requests a second, whatever becomes of them.
trickle() { # $1 instance, $2 path
  while sleep 0.3; do curl -s -m 5 -o "$work/nothing" "$(main "$1" "$2")" || true; done &
  others+=($!)
}

prometheus_with() { # $1 how many instances
  local targets='' instance
  for instance in $(seq "$1"); do targets+="\"127.0.0.1:$((from + 2 * instance))\","; done
  cat >"$work/prometheus.yml" <<END
global: { scrape_interval: 5s, evaluation_interval: 5s }
rule_files: ["$PWD/deploy/alerts.yaml"]
scrape_configs:
  - job_name: handler-models
    static_configs: [{ targets: [${targets%,}] }]
END
  prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data-$1" --web.listen-address="127.0.0.1:$from" \
    >"$work/prometheus-$1.log" 2>&1 &
  prometheus=$!
  await curl -sf -m 2 "http://127.0.0.1:$from/-/ready"
}

# The alerts that fire now, without their common prefix, one a line.
firing() {
  curl -sf -m 5 --get --data-urlencode "query=$1" "http://127.0.0.1:$from/api/v1/query" |
    grep -o '"alertname":"[^"]*"' | sed 's/.*:"HandlerModels\(.*\)"/\1/' | sort -u || true
}

end() { # some pids, and whoever of them is gone already
  kill -TERM "$@" 2>/dev/null || true
  wait "$@" 2>/dev/null || true
}

ordinary() {
  local fired load
  echo "== ordinary work"
  start vertx 1
  start nima 2
  start blocking 3
  prometheus_with 3
  for instance in 1 2 3; do load "$instance" "/io?waitMs=100" 20 "$seconds"; done
  for instance in 1 2 3; do trickle "$instance" /cpu; done
  sleep "$seconds"
  fired=$(firing "max by (alertname) (max_over_time(ALERTS{alertstate=\"firing\"}[1h]))")
  [ -z "$fired" ] || fail "these fired: $fired"
  [ "$(curl -sf --get --data-urlencode 'query=sum(up)' "http://127.0.0.1:$from/api/v1/query" | grep -o '"[0-9]*"\]')" = '"3"]' ] ||
    fail "Prometheus does not scrape all three"
  for load in "${others[@]:0:3}"; do
    wait "$load" || fail "requests were lost: $(cat "$work"/load-*.txt)"
  done
  end "${others[@]}" "${pids[@]}" "$prometheus"
  echo "   $seconds s, 20 users on /io?waitMs=100 of each server, three requests a second for /cpu: no alert fired"
  sed 's/^/   /' "$work"/load-*.txt
  rm "$work"/load-*.txt
}

# Waits until all of these have fired, and says how long each took.
expect() {
  local expected=("$@") one
  local until=$((SECONDS + 420))
  while [ ${#expected[@]} -gt 0 ]; do
    [ $SECONDS -lt $until ] || fail "these did not fire: ${expected[*]}"
    for one in $(firing 'ALERTS{alertstate="firing"}'); do
      if [ -z "${seen[$one]:-}" ]; then
        seen[$one]=$((SECONDS - began))
        echo "   fired after ${seen[$one]} s: $one"
      fi
    done
    local left=()
    for one in "${expected[@]}"; do [ -n "${seen[$one]:-}" ] || left+=("$one"); done
    expected=("${left[@]}")
    sleep 1
  done
}

causes() {
  local all=900
  declare -gA seen=()
  echo "== causes"
  start vertx 1
  POOL_SIZE=4 QUEUE_SIZE=20 start blocking 2
  JAVA_TOOL_OPTIONS="-Djdk.virtualThreadScheduler.parallelism=1 -Djdk.virtualThreadScheduler.maxPoolSize=1" start nima 3
  UPSTREAM_URL=http://127.0.0.1:1 UPSTREAM_BREAKER_PERCENT=50 UPSTREAM_BREAKER_CALLS=10 UPSTREAM_BREAKER_OPEN_MS=20000 DATABASE_POOL_SIZE=1 \
    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 start nima 4
  CLIENT_MEMORY_BYTES=1048576 start vertx 5
  start blocking 6
  start blocking 7
  prometheus_with 7
  began=$SECONDS
  load 1 "/io/blocking?waitMs=1000" 3 $all       # a loop that waits itself
  load 2 "/io?waitMs=1000" 24 $all               # four threads, and as many users as the queue has places besides
  trickle 2 "/io?waitMs=1000"                    # one more than that
  load 3 "/cpu/inline?work=100" 30 $all        # computes on the one carrier
  trickle 4 "/io?waitMs=1"                       # an upstream and a collector that nobody can reach
  load 4 "/db?holdMs=1000" 4 $all                # four callers, one connection
  load 5 "/io?waitMs=20000" 80 $all              # each holds 12 KiB of one MiB
  for _ in 1 2; do                               # a process that ends again and again
    sleep 12
    end "${pids[6]}"
    start blocking 6
  done
  end "${pids[7]}"                               # and one that does not come back
  expect EventLoopStalls PoolUsedUp QueueHalfFull RequestsRefused ErrorBudgetBurnsFast VirtualThreadsWait UpstreamFails UpstreamBreakerOpen \
    SpansAreLost DatabasePoolUsedUp ClientMemoryNearlyUsedUp Restarts InstanceDown
  end "${others[@]}" "${pids[@]}"
  expect NoInstance
  end "$prometheus"
}

all() {
  declare -gA pids=()
  declare -ga others=() # loads and trickles
  # shellcheck disable=SC2034 # read by build.sh; ./serve then has nothing left to build
  modules="server-vertx,server-nima,server-blocking"
  # shellcheck source=scripts/build.sh
  . scripts/build.sh
  "$JAVA25_HOME/bin/javac" -d "$work" deploy/Load.java
  for part in "$@"; do
    "$part"
    pids=()
    others=()
  done
  echo "All of it holds."
}

[ $# -gt 0 ] || set -- ordinary causes
interruptible cleanup all "$@"
