#!/usr/bin/env bash
# Kills an app at random moments, every second time when it next writes a checkpoint, resumes it each
# time, and checks that it ends with the bits of a run that was never stopped:
#
#   tests/kill.sh 20 build/apps/mnist_compare --optimizers muon,adamw --every 3
#
# A thousand kills take some minutes:
#
#   tests/kill.sh 1000 build/apps/mnist_compare --data data/mini --optimizers muon,adamw --every 3 --epochs 9
set -euo pipefail

kills=$1 app=$2
shift 2
arguments=("$@")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The words that start or continue the run in folder $1.
words() {
  if compgen -G "$1/kept/*.json" >/dev/null; then
    words=(--resume "$1/kept")
  else
    words=("${arguments[@]}" --checkpoint "$1/kept" --out "$1/out" --quiet)
  fi
}

# What must not depend on the kills: all but the seconds, and the parameters at the end.
outcome() {
  local tensors=("$1"/kept/*.safetensors)
  cut -d, -f1-6 "$1/out/metrics.csv"
  cksum <"${tensors[-1]}"
}

# Runs or goes on with what is in folder $1, to the end; `took` are the milliseconds.
run() {
  local started
  words "$1"
  started=$(date +%s%3N)
  "$app" "${words[@]}"
  took=$(($(date +%s%3N) - started))
}

run "$folder/whole"
whole=$took
run "$folder/whole" >/dev/null  # it has ended, so this is but a start
start=$took

# Waits until program $1 writes into folder $2, or ends.
await_write() {
  while kill -0 "$1" 2>/dev/null && ! compgen -G "$2/*.partial" >/dev/null; do :; done
}

killed=0
cut=0
SECONDS=0
for ((i = 0; i < kills; ++i)); do
  words "$folder/killed"
  "$app" "${words[@]}" >/dev/null &
  # All of them together have about the time that the whole run took, and that of the starts.
  milliseconds=$((RANDOM * 2 * (start + whole / kills) / 32768))
  sleep "$((milliseconds / 1000)).$(printf '%03d' $((milliseconds % 1000)))"
  if ((i % 2)); then await_write $! "$folder/killed/kept"; fi
  if kill -KILL $! 2>/dev/null; then killed=$((killed + 1)); fi
  wait $! 2>/dev/null || true
  if compgen -G "$folder/killed/kept/*.partial" >/dev/null; then cut=$((cut + 1)); fi
done
run "$folder/killed"

if ((killed == 0)); then
  echo "error: it ended before every kill" >&2
  exit 1
fi
if ! diff <(outcome "$folder/whole") <(outcome "$folder/killed"); then
  echo "error: other bits after $killed kills" >&2
  exit 1
fi
echo "the same bits after $killed kills in $SECONDS s, $cut of them during a write"
