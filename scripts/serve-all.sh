# shellcheck shell=bash
# Sourced by ./serve all: runs the three servers as one, and never returns. They end together: after Ctrl-C, after SIGTERM,
# and when one of them does not start or ends by itself. Each is ended by its process id.

servers=(vertx nima blocking)
first_port="${PORT:-8080}"
first_management_port="${MANAGEMENT_PORT:-9090}"
for setting in "PORT $first_port" "MANAGEMENT_PORT $first_management_port"; do
  if ! [[ "${setting#* }" =~ ^[1-9][0-9]{0,4}$ ]] || [ "${setting#* }" -gt 65533 ]; then
    echo "${setting% *} is '${setting#* }' but has to be a whole number from 1 to 65533: three servers need three ports" >&2
    exit 2
  fi
done

# The page of each may show the others in frames; no other page may.
origins=()
for i in 0 1 2; do
  origins+=("http://127.0.0.1:$((first_port + i))" "http://localhost:$((first_port + i))")
done
PLAY_ORIGINS="${PLAY_ORIGINS:-$(IFS=,; echo "${origins[*]}")}"
export PLAY_ORIGINS

ready_dir=$(mktemp -d)
pids=() # of the servers
readers=() # of what marks their lines

end_all() {
  [ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[@]}" 2>/dev/null || true
}

# However this ends, also where nobody reads its lines any more: a closed terminal makes echo fail before SIGHUP comes.
on_exit() {
  end_all
  rm -rf "$ready_dir"
}
trap on_exit EXIT

# The servers drain and end after SIGTERM, and at once after a second one.
interrupted=false
ending=false
on_signal() {
  interrupted=true
  ! $ending || end_all
}
trap on_signal INT TERM HUP

# Marks each line of a server with its name, and notes that it is ready. It ends with the server's output.
mark() {
  trap '' INT TERM HUP
  while IFS= read -r line; do
    printf '%-8s  %s\n' "$1" "$line"
    case "$line" in *"ready $1 on "*) : >"$ready_dir/$1" ;; esac
  done
}

for i in 0 1 2; do
  name=${servers[i]}
  mkfifo "$ready_dir/$name.log"
  mark "$name" <"$ready_dir/$name.log" &
  readers+=($!)
  (
    trap '' INT HUP # of the whole terminal; this process passes them on as SIGTERM
    PORT=$((first_port + i)) MANAGEMENT_PORT=$((first_management_port + i)) serve "server-$name"
  ) >"$ready_dir/$name.log" 2>&1 &
  pids+=($!)
done

# The first server that has ended, or nothing.
ended() {
  local i
  for i in 0 1 2; do
    if ! kill -0 "${pids[i]}" 2>/dev/null; then
      echo "${servers[i]}"
      return
    fi
  done
}

all_ready() {
  [ -e "$ready_dir/vertx" ] && [ -e "$ready_dir/nima" ] && [ -e "$ready_dir/blocking" ]
}

lost=
announced=false
while ! $interrupted; do
  lost=$(ended)
  [ -z "$lost" ] || break
  if ! $announced && all_ready; then
    announced=true
    echo
    echo "The three side by side: http://127.0.0.1:$first_port/play?with=${origins[2]},${origins[4]}"
    echo "Ctrl-C ends all of them."
    echo
  fi
  sleep 0.2 &
  wait $! || true # a signal ends this wait at once
done

ending=true
end_all
failed=0
for pid in "${pids[@]}"; do
  # wait returns early when a second signal comes; the process is then still there.
  status=0
  wait "$pid" || status=$?
  while kill -0 "$pid" 2>/dev/null; do
    status=0
    wait "$pid" || status=$?
  done
  [ "$status" -eq 0 ] || failed=1
done
pids=()
wait "${readers[@]}" || true
if [ -n "$lost" ]; then
  $announced && what="has ended" || what="did not start"
  echo "$lost $what, so all three are stopped" >&2
  exit 1
fi
exit "$failed"
