#!/usr/bin/env bash
# A year of recorded orders through eight devices while everything is killed that can be: the server three times, three
# device processes, each with SIGKILL; the line of every device is cut 40 % of the time. Exit 0: both sides agree.
#   tests/replay/chaos.sh ORDERS [OUTPOST]     ORDERS: folder with orders.csv, order_details.csv and a price list
set -euo pipefail
orders="${1:?usage: chaos.sh ORDERS [OUTPOST]}"
outpost="${2:-$(dirname "${BASH_SOURCE[0]}")/../../build/outpost}"
devices="${DEVICES:-8}"
offline="${OFFLINE:-40}"
kills="${KILLS:-3}"
between="${SECONDS_BETWEEN_KILLS:-3}"

home=$(mktemp -d)
server_pid="" replay_pid=""
cleanup() {
  [ -z "$replay_pid" ] || kill "$replay_pid" 2>/dev/null || true
  [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$home"
}
trap cleanup EXIT

listen="127.0.0.1:0"
start_server() {
  : >"$home/server.out"
  "$outpost" serve --data "$home/server" --listen "$listen" >"$home/server.out" 2>>"$home/server.log" &
  server_pid=$!
  until grep -q '^listening on ' "$home/server.out"; do
    kill -0 "$server_pid" || { cat "$home/server.log" >&2; exit 1; }
    sleep 0.05
  done
  listen=$(sed -n 's#^listening on http://##p' "$home/server.out")
}

kill_server() {
  kill -KILL "$server_pid"
  wait "$server_pid" 2>/dev/null || true
  echo "chaos: the server was killed" >&2
  start_server
}

# The process that plays device $1.
kill_device() {
  local pid pids
  read -r -a pids <"/proc/$replay_pid/task/$replay_pid/children" || true  # the list ends without a newline
  for pid in "${pids[@]}"; do
    if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "--index $1 "; then kill -KILL "$pid"; fi
  done
}

start_server
OUTPOST_TOKEN=$("$outpost" token --data "$home/server" --workspace chaos --user tester)
export OUTPOST_TOKEN
"$outpost" replay --server "http://$listen" --data "$home/devices" --orders "$orders" --devices "$devices" \
  --offline "$offline" --json &
replay_pid=$!
for ((round = 0; round < kills; round++)); do
  sleep "$between"
  kill -0 "$replay_pid" 2>/dev/null || { echo "chaos: the replay ended before kill $((round + 1)); set SECONDS_BETWEEN_KILLS lower" >&2; break; }
  kill_server
  kill_device "$((round * 3 % devices))"
done
wait "$replay_pid"
replay_pid=""
echo "chaos: both sides agree after $round kills of the server and of a device" >&2
