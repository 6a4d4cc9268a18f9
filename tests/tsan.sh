#!/usr/bin/env bash
# Looks for races with ThreadSanitizer where threads meet: in the pool of memory, batches made ahead,
# sections that are measured, kernels, and a comparison that is observed and kept:
#
#   tests/tsan.sh
#
# Builds in build-tsan, some minutes the first time. tests/tsan/ stands in for TBB, without oneDNN,
# so that all code that runs is compiled for ThreadSanitizer, and nothing is suppressed. Ends with
# status 1 when there is a race.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
build=$root/build-tsan
cases='*/memory_test.cpp,*/prefetch_test.cpp,*/batches_test.cpp,*/profile_test.cpp,*/muon_test.cpp'
failed=false

main() {
  cmake -G Ninja -S "$root" -B "$build" -DMUONLAB_SANITIZE=THREAD -DMUONLAB_CUDA=OFF \
    -DMUONLAB_ONEDNN=OFF -DMUONLAB_NATIVE=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O1 -g' >/dev/null
  cmake --build "$build" --target unit_tests mnist_compare
  local file
  for file in ${cases//[*,\/]/ }; do ls "$root/tests/$file" >/dev/null; done  # doctest does not mind
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
  check "$build/tests/unit_tests" "-sf=$cases"
  check "$build/apps/mnist_compare" --data "$root/data/mini" --optimizers muon --epochs 1 \
    --batch-size 1000 --threads 4 --profile --telemetry 4 --out "$out/out" \
    --checkpoint "$out/kept" --every 3
  if $failed; then exit 1; fi
  echo "no race"
}

check() {
  if ! TSAN_OPTIONS=halt_on_error=0 "$@"; then failed=true; fi
}

main "$@"
