#!/usr/bin/env bash
# Gives what reads files and command lines bytes of libFuzzer's making, and checks that bad ones are
# refused in a line:
#
#   tests/fuzz.sh SECONDS [TARGET ...]
#
# Builds in build-fuzz, with Clang. The seconds are of all targets together, on all cores. What a
# target has found is in build-fuzz/corpus, from where it goes on the next time. Ends with a table,
# and with status 1 when there was a crash, whose input is then in build-fuzz/crashes:
# build-fuzz/tests/fuzz/fuzz_TARGET FILE reads it again. Leaks, more than 10 seconds or 1 GB, and
# messages that a terminal cannot show are crashes, too.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
build=$root/build-fuzz
cores=$(nproc)

main() {
  parse "$@"
  configure
  cmake --build "$build" --target "${targets[@]/#/fuzz_}"
  out=$(mktemp -d -p "$(if [[ -w /dev/shm ]]; then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi)")
  trap 'rm -rf "$out"' EXIT
  local target
  for target in "${targets[@]}"; do start "$target"; done
  export -f fuzz
  export build out share=$((seconds * cores / ${#targets[@]} + 1))
  printf '%s\n' "${targets[@]}" | xargs -P "$cores" -I{} bash -c 'fuzz {}'
  print_table
}

parse() {
  case ${1:-} in
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" && exit ;;
    '' | *[!0-9]*) misuse "expected SECONDS [TARGET ...], got '$*'" ;;
  esac
  seconds=$1
  shift
  targets=("$@")
  if (($# == 0)); then  # those that CMake knows
    mapfile -t targets < <(sed -n '/^set(targets/,/)/p' "$root/tests/fuzz/CMakeLists.txt" |
      tr -s '() ' '\n' | sed '1,2d')
  fi
}

configure() {
  cmake -G Ninja -S "$root" -B "$build" -DCMAKE_CXX_COMPILER=clang++ -DMUONLAB_SANITIZE=FUZZ \
    -DMUONLAB_CUDA=OFF -DMUONLAB_ONEDNN=OFF -DMUONLAB_NATIVE=OFF -DMUONLAB_TESTS=OFF \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O1 -gline-tables-only' \
    >/dev/null
}

# Puts the seeds of target $1 into its corpus.
start() {
  mkdir -p "$build/corpus" "$build/crashes"
  "$build/tests/fuzz/fuzz_$1" start "$build/corpus/$1" "$out/$1.dict"
}

# Runs target $1 in an empty folder; what it prints is for print_table, and shown after a crash.
# Where memory came from is not recorded, which takes a quarter of the time.
fuzz() {
  local log=$out/$1.log folder=$out/$1
  mkdir "$folder"
  cd "$folder"
  if ! ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=16 TMPDIR=$folder \
    "$build/tests/fuzz/fuzz_$1" "$build/corpus/$1" -dict="$out/$1.dict" -max_total_time="$share" \
    -timeout=10 -rss_limit_mb=1024 -artifact_prefix="$build/crashes/$1-" -print_final_stats=1 \
    >"$log" 2>&1; then
    cat "$log"
    touch "$out/$1.crashed"
  fi
}

print_table() {
  local target row='%-14s | %12s | %6s | %8s | %7s\n' executions total=0 crashes all_crashes=0
  # shellcheck disable=SC2059
  printf "$row" target executions /s coverage crashes
  for target in "${targets[@]}"; do
    executions=$(figure 's/^stat::number_of_executed_units: *//p' "$target")
    crashes=0
    if [[ -e $out/$target.crashed ]]; then crashes=1; fi
    # shellcheck disable=SC2059
    printf "$row" "$target" "$executions" "$(figure 's/^stat::average_exec_per_sec: *//p' "$target")" \
      "$(figure 's/.* cov: \([0-9]*\) .*/\1/p' "$target")" "$crashes"
    total=$((total + executions))
    all_crashes=$((all_crashes + crashes))
  done
  # shellcheck disable=SC2059
  printf "$row" total "$total" '' '' "$all_crashes"
  if ((all_crashes > 0)); then exit 1; fi
}

# The last match of sed's command $1 in the log of target $2; 0 when there is none.
figure() {
  local found
  found=$(sed -n "$1" "$out/$2.log" | tail -1)
  echo "${found:-0}"
}

misuse() {
  echo "fuzz.sh: $*" >&2
  exit 2
}

main "$@"
