# shellcheck shell=bash
# Sourced by the scripts that verify, for what all of them need.

# `interruptible CLEANUP WORK...` runs the second and then the first, whatever ends the work: success, failure, Ctrl-C or SIGTERM in the
# middle of a long command. The work is a process group of its own, so that nothing it started stays.
interruptible() {
  local cleanup=$1 group
  shift
  set -m
  "$@" &
  group=$!
  set +m
  # shellcheck disable=SC2064 # both as they are now
  trap "end_group $group; $cleanup" EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  wait "$group"
}

# What is left of a process group gets 10 s to end by itself.
end_group() {
  set +e
  trap '' HUP INT TERM
  kill -TERM -- "-$1" 2>/dev/null
  for _ in {1..100}; do
    kill -0 -- "-$1" 2>/dev/null || return
    sleep 0.1
  done
  kill -KILL -- "-$1" 2>/dev/null
}

# Ends the work, and shows what may tell why.
fail() {
  echo "FAILED: $*" >&2
  evidence >&2 || true
  exit 1
}

# A script may have its own.
evidence() { tail -n 20 "${work:?}"/*.log; }

# Waits until a command succeeds, $patience s at most.
patience=20
await() {
  local until=$((SECONDS + patience))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || fail "not within $patience s: $*"
    sleep 0.05
  done
}
