#!/usr/bin/env bash
# Everything there is to check and to measure on a machine with an NVIDIA GPU, in some minutes:
#
#   tests/gpu.sh [--data-mnist DIR] [--data-cifar DIR] [--quick]
#
# Builds in build-gpu, compares the GPU with the CPU, looks for races and stray accesses, trains
# with both apps, and takes turns with PyTorch: ours with graphs, PyTorch eagerly, as most run it.
# Ends with a table, and with status 1 when a check failed or nothing could be built, 77 when there
# is no GPU: but everything is built first, which needs CUDA and no GPU. --quick leaves out
# compute-sanitizer and the turns in bfloat16, and takes one turn with PyTorch instead of two.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
build=$root/build-gpu
mnist=$root/data/cache/mnist
cifar=$root/data/cache/cifar10
quick=false
sanitizer_seconds=150
# A case for each kernel, on arrays so small that compute-sanitizer is done with them in time.
sanitizer_cases='every op: output*float32,products of matrices*,rows of every length*,argmax*'
sanitizer_cases+=',layer_norm of many*,norm*,dropout*,random integers*,every augmentation*'
sanitizer_cases+=',sums of scattered*,an index outside*,an image moved*,max pooling*'
sanitizer_cases+=',mean pooling*,*several launches*'
figures=() measured=() wanted=()
failed=false

main() {
  parse "$@"
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
  step "build"
  compile
  step "the GPU against the CPU"
  check_parity
  if ! $quick; then
    check_memory memcheck
    check_memory racecheck
  fi
  check_training mnist
  check_training cifar
  compare_devices
  compare_torch mnist float32
  compare_torch cifar float32
  if ! $quick; then compare_torch cifar bfloat16; fi
  measure
  step "all of it"
  print_table
  if $failed; then exit 1; fi
}

parse() {
  while (($# > 0)); do
    case $1 in
      --data-mnist | --data-cifar)
        if [[ ! -d ${2:-} ]]; then misuse "$1 needs a folder, got '${2:-}'"; fi
        declare -g "${1#--data-}=$(readlink -f "$2")"
        shift
        ;;
      --quick) quick=true ;;
      -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" && exit ;;
      *) misuse "unknown argument '$1', expected --data-mnist DIR, --data-cifar DIR or --quick" ;;
    esac
    shift
  done
  if [[ ! -d $mnist ]]; then mnist=$root/data/mini; fi  # few images, but always there
}

compile() {
  if ! cmake -G Ninja -S "$root" -B "$build" -DMUONLAB_CUDA=ON -DCMAKE_BUILD_TYPE=Release \
    >/dev/null; then
    echo "gpu.sh: nothing can be built for a GPU here, CMake says above why; nvcc is needed" >&2
    exit 1
  fi
  cmake --build "$build" --target gpu_tests mnist_compare cifar_compare gpu
}

# Equal bits from run to run are among these tests.
check_parity() {
  local status=0
  "$build/tests/gpu_tests" | tee "$out/parity" || status=$?
  if ((status == 77)); then  # it said: skipped: no CUDA device
    echo "gpu.sh: all is built, but there is no GPU to run it on" >&2
    exit 77
  fi
  local counts='s/.*test cases: *\([0-9]*\) .* \([0-9]* failed\).*/\1, \2/p'
  check "tests of the GPU" "$(sed -n "$counts" "$out/parity")" "0 failed" "$status"
  local name difference
  while IFS=$'\t' read -r name difference; do
    row "largest difference, ${name%%:*}, ${name##*, }" "$difference" "-"
  done < <(awk '/^TEST CASE:/ { sub(/^TEST CASE: */, ""); name = $0 }
                / largest relative difference: / { print name "\t" $NF }' "$out/parity")
}

# compute-sanitizer with tool $1 over small cases. It may run out of time, but not after an error.
check_memory() {
  step "compute-sanitizer, $1"
  local figure="compute-sanitizer, $1" log=$build/$1.log status=0
  local sanitizer summary='s/^=* \(ERROR\|RACECHECK\) SUMMARY: //p'
  local error='^=+ +(Invalid|Misaligned|Out-of-range|Program hit|(Error|Warning): .*(Race|hazard))'
  if ! sanitizer=$(PATH=$PATH:/usr/local/cuda/bin command -v compute-sanitizer); then
    row "$figure" "not installed" "0 errors"
    return
  fi
  timeout "$sanitizer_seconds" "$sanitizer" --tool "$1" --error-exitcode 1 \
    "$build/tests/gpu_tests" -tc="$sanitizer_cases" >"$log" 2>&1 || status=$?
  if ((status != 0)); then
    grep -aE -m 3 -A 15 "$error" "$log" || true
    echo "all of it: $log"
  fi
  tail -n 3 "$log"
  if ((status != 124)); then
    check "$figure" "$(sed -n "$summary" "$log")" "0 errors" "$status"
  elif grep -aqE "$error" "$log"; then
    check "$figure" "errors, and not done in $sanitizer_seconds s" "0 errors" 1
  else
    row "$figure" "no error, but not done in $sanitizer_seconds s" "0 errors"
  fi
}

# train FOLDER mnist|cifar ARGUMENT ...
train() {
  local data=$mnist
  if [[ $2 == cifar ]]; then data=$cifar; fi
  "$build/apps/$2_compare" --optimizers muon,adamw,sgd --data "$data" --quiet --out "$out/$1" "${@:3}"
}

# Without graphs, with them and with them again: that makes no difference but for the seconds.
check_training() {
  step "$1_compare on the GPU"
  if [[ $1 == cifar && ! -d $cifar ]]; then
    row "cifar_compare" "no data in $cifar" "-"
    return
  fi
  local run optimizer
  if ! train "$1-off" "$1" --device cuda --graph off ||
    ! train "$1-on" "$1" --device cuda --graph on ||
    ! train "$1-again" "$1" --device cuda --graph on; then
    check "$1_compare" "" "trains" 1
    return
  fi
  check_same "$1, replays of a graph" "$1-off" "$1-on"
  check_same "$1, another run" "$1-on" "$1-again"
  for optimizer in muon adamw sgd; do
    for run in off on; do
      row "$1, $optimizer, graph $run: seconds an epoch" "$(last "$1-$run" "$optimizer" 7)" "-"
    done
    check_loss "$1" "$optimizer" "$(last "$1-on" "$optimizer" 4)"
    row "$1, $optimizer: test accuracy" "$(last "$1-on" "$optimizer" 6)" "-"
  done
}

# The last epoch's loss $3 of optimizer $2: where that of any seed is on the full MNIST, and for cifar near
# what the tutorial printed.
check_loss() {
  local figure="$1, $2: last-epoch loss"
  if [[ $1 == mnist && $mnist == "$root/data/mini" ]]; then
    row "$figure" "$3" "-"
    return
  fi
  case $1-$2 in
    mnist-muon) check_within "$figure" "$3" 0.043 0.054 ;;
    mnist-adamw) check_within "$figure" "$3" 0.067 0.079 ;;
    mnist-sgd) check_within "$figure" "$3" 0.37 0.42 ;;
    cifar-muon) row "$figure" "$3" "about 0.63" ;;
    cifar-adamw) row "$figure" "$3" "about 0.88" ;;
    cifar-sgd) row "$figure" "$3" "about 1.09" ;;
  esac
}

# Column $3 of the last epoch of optimizer $2 in folder $1.
last() {
  awk -F, -v name="$2" -v column="$3" '$1 == name { value = $column } END { printf "%.6g\n", value }' \
    "$out/$1/metrics.csv"
}

# What runs $2 and $3 reached, with all digits.
check_same() {
  local status=0
  diff <(cut -d, -f1-6 "$out/$2/metrics.csv") <(cut -d, -f1-6 "$out/$3/metrics.csv") || status=$?
  check "$1" "$(if ((status == 0)); then echo "the same bits"; else echo "other bits"; fi)" \
    "the same bits" "$status"
}

# An epoch on both devices, in float32 throughout: the same weights, order and masks.
compare_devices() {
  step "the GPU's training against the CPU's"
  local device optimizer
  for device in cpu cuda; do
    if ! train "mnist-$device" mnist --device "$device" --epochs 1 --muon-precision float32; then
      check "mnist_compare, $device" "" "trains" 1
      return
    fi
  done
  for optimizer in muon adamw; do
    check_within "mnist, $optimizer: loss of an epoch, GPU / CPU" \
      "$(awk -v a="$(last mnist-cuda "$optimizer" 4)" -v b="$(last mnist-cpu "$optimizer" 4)" \
        'BEGIN { if (b > 0) printf "%.4f", a / b }')" 0.99 1.01
  done
}

# compare_torch mnist|cifar PRECISION
compare_torch() {
  step "$1 in turns with PyTorch, $2"
  local data=$mnist rounds=2 status=0 figure="$1, $2: eager PyTorch's seconds / ours with graphs"
  if [[ $1 == cifar ]]; then data=$cifar; fi
  if [[ ! -d $data ]]; then
    row "$figure" "no data in $data" "2 or more"
    return
  fi
  if ! command -v python3 >/dev/null; then
    row "$figure" "no python3" "2 or more"
    return
  fi
  if $quick; then rounds=1; fi
  python3 "$root/tests/bench/against_torch.py" "$1" --device cuda --graph on --precision "$2" \
    --rounds "$rounds" --data "$data" --apps "$build/apps" --skip-without-torch |
    tee "$out/torch" || status=$?
  if ((status == 77)); then
    row "$figure" "no PyTorch for CUDA" "2 or more"
    return
  fi
  if ((status != 0)); then check "$1, $2: in turns with PyTorch" "status $status" "status 0" 1; fi
  local optimizer ours torch ratio
  while read -r optimizer ours torch ratio; do
    row "${figure/,/, $optimizer,}" "$torch / $ours = $ratio" "2 or more"
  done < <(grep -E '^(muon|adamw) ' "$out/torch" || true)
}

# Newton-Schulz, and the products it is made of.
measure() {
  step "products, copies, Newton-Schulz"
  local status=0
  "$build/tests/bench/gpu" | tee "$out/bench" || status=$?
  if ((status != 0)); then check "bench gpu" "status $status" "status 0" 1; fi
  local name share
  while IFS=$'\t' read -r name share; do
    row "$name, bfloat16: % of the product's rate" "$share" "60 or more"
  done < <(sed -n 's/^\(Newton-Schulz.*[0-9]\) *bfloat16 .* \([0-9.]*\)$/\1\t\2/p' "$out/bench")
}

step() { printf '\n== %s\n' "$*"; }

row() {
  figures+=("$1") measured+=("$2") wanted+=("$3")
}

# A row that must be as wanted: $4 is 0 when it is.
check() {
  if (($4 == 0)); then
    row "$1" "$2" "$3"
  else
    row "$1" "${2:-error} (FAILED)" "$3"
    failed=true
  fi
}

# A number that must lie from $3 to $4.
check_within() {
  local outside
  outside=$(awk -v x="$2" -v low="$3" -v high="$4" \
    'BEGIN { print !(x ~ /^[0-9.e+-]+$/ && low + 0 <= x + 0 && x + 0 <= high + 0) }')
  check "$1" "$2" "$3 to $4" "$outside"
}

print_table() {
  local i width=0 middle=0
  for i in "${!figures[@]}"; do
    if ((${#figures[i]} > width)); then width=${#figures[i]}; fi
    if ((${#measured[i]} > middle)); then middle=${#measured[i]}; fi
  done
  printf '%-*s | %-*s | %s\n' "$width" figure "$middle" measured wanted
  for i in "${!figures[@]}"; do
    printf '%-*s | %-*s | %s\n' "$width" "${figures[i]}" "$middle" "${measured[i]}" "${wanted[i]}"
  done
}

misuse() {
  echo "gpu.sh: $*" >&2
  exit 2
}

main "$@"
