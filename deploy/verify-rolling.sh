#!/usr/bin/env bash
# Two instances behind a local HAProxy under load; each is replaced once, as a rolling update does. Not one request may be lost.
#
#   deploy/verify-rolling.sh                all three; or name one: deploy/verify-rolling.sh nima
#
# Nothing is retried for the servers' sake: HAProxy repeats a connection that was refused, and no request. PORT_FROM (26085) is the first of
# five ports that it uses.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

if ! command -v haproxy >/dev/null; then
  echo "SKIPPED: haproxy is not installed, so nothing was replaced."
  exit 0
fi
for server in "$@"; do
  case $server in
    vertx | nima | blocking) ;;
    *) echo "there is no server '$server'; choose vertx, nima or blocking" >&2; exit 2 ;;
  esac
done
# shellcheck source=scripts/find-jdk.sh
. scripts/find-jdk.sh
# shellcheck source=deploy/interruptible.sh
. deploy/interruptible.sh

from=${PORT_FROM:-26085}
seconds=${LOAD_SECONDS:-30}
work=$(mktemp -d)
cleanup() { rm -rf "$work"; }

# Instance 1 has its main listener on from+1 and its management listener on from+2, instance 2 on from+3 and from+4.
main_port() { echo $((from + 2 * $1 - 1)); }
management_port() { echo $((from + 2 * $1)); }
management() { curl -sf -m 2 "http://127.0.0.1:$(management_port "$1")$2"; }

start() { # $1 server, $2 instance
  PORT=$(main_port "$2") MANAGEMENT_PORT=$(management_port "$2") DRAIN_DELAY_MS=1000 ./serve "$1" >"$work/$1-$2.log" 2>&1 &
  pid=$!
  await management "$2" /health/ready
}

# HAProxy asks the management listener whether an instance is ready, so requests on the main listener are the users'.
has_requests() { [ "$(management "$1" /threads | sed 's/.*"started":\([0-9]*\),"inFlight".*/\1/')" -gt 0 ]; }

verify() {
  local server=$1 users first second load haproxy
  echo "== $server"
  start "$server" 1
  first=$pid
  start "$server" 2
  second=$pid
  cat >"$work/haproxy.cfg" <<END
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  option httpchk GET /health/ready
  option redispatch
listen rolling
  bind 127.0.0.1:$from
  default-server inter 200ms fall 1 rise 1
  server one 127.0.0.1:$(main_port 1) check port $(management_port 1)
  server two 127.0.0.1:$(main_port 2) check port $(management_port 2)
END
  haproxy -f "$work/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
  haproxy=$!
  await curl -sf -m 2 "http://127.0.0.1:$from/io?waitMs=1"
  users=40
  "$JAVA25_HOME/bin/java" -XX:TieredStopAtLevel=1 -Xmx128m -cp "$work" Load "http://127.0.0.1:$from/io?waitMs=50" $users "$seconds" \
    >"$work/load" 2>&1 &
  load=$!
  for instance in 1 2; do
    await has_requests $instance
    [ $instance = 1 ] && pid=$first || pid=$second
    kill -TERM "$pid"
    wait "$pid" || fail "instance $instance ended with exit code $?"
    start "$server" $instance
    await has_requests $instance
    echo "   instance $instance: drained with exit code 0, replaced, and in use again"
    [ $instance = 1 ] && first=$pid || second=$pid
  done
  kill -0 $load || fail "the load ended before both were replaced: $(cat "$work/load")"
  wait $load || fail "requests were lost: $(cat "$work/load")"
  echo "   $users users, $seconds s: $(cat "$work/load")"
  kill -TERM "$first" "$second" "$haproxy"
  wait "$first" "$second" "$haproxy" || true
}

all() {
  # shellcheck disable=SC2034 # read by build.sh; ./serve then has nothing left to build
  modules="server-vertx,server-nima,server-blocking"
  # shellcheck source=scripts/build.sh
  . scripts/build.sh
  "$JAVA25_HOME/bin/javac" -d "$work" deploy/Load.java
  for server in "$@"; do verify "$server"; done
  echo "All of it holds."
}

[ $# -gt 0 ] || set -- vertx nima blocking
interruptible cleanup all "$@"
