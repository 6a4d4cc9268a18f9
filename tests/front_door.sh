#!/usr/bin/env bash
# What the script muonlab says and does around building and fetching, on a machine where functions
# play CMake and the rest:
#
#   tests/front_door.sh
# shellcheck disable=SC2317  # muonlab calls the functions that are exported
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export work

main() {
  make_machine
  a_first_build_says_what_it_makes_and_how_far_it_is
  a_later_build_is_silent
  a_build_that_fails_shows_all_of_it
  npm_and_libpng_come_when_the_mirrors_are_out_of_reach
  printf '\nthe front door is as expected\n'
}

# Has muonlab, two apps, and all commands but npm; apt-get does nothing.
make_machine() {
  local folder
  mkdir "$work"/{apps,data,commands}
  cp "$root/muonlab" "$work"
  echo 'int main() {}' | tee "$work/apps/saddle.cpp" >"$work/apps/cifar_compare.cpp"
  for folder in ${PATH//:/ }; do ln -s "$folder"/* "$work/commands" 2>/dev/null || true; done
  rm -f "$work/commands"/{npm,apt-get,sudo}
  printf '#!/bin/sh\n' >"$work/commands/apt-get"
  printf '#!/bin/sh\nexec "$@"\n' >"$work/commands/sudo"
  chmod +x "$work/commands"/{apt-get,sudo}
}

# The build takes "$seconds", and ends with "$status".
cmake() {
  if [[ $1 == -S ]]; then
    mkdir -p "$work/build/apps"
    printf -- '-- %s\n' 'Found something' 'Products and convolutions: Eigen 3.4.0' 'GPU: CUDA 13.0'
    return
  fi
  echo '[1/3] Building CXX object core/error.cpp.o'
  sleep "$seconds"
  echo '[2/3] Building CUDA object core/cuda/norm.cu.o'
  echo '[3/3] Linking CXX executable apps/saddle'
  printf '#!/bin/sh\necho trained\n' | tee "$work/build/apps/saddle" >"$work/build/apps/cifar_compare"
  chmod +x "$work/build/apps"/*
  return "$status"
}
export -f cmake

# expect STATUS WORD ...: `./muonlab WORD ...` ends so, and says what is in the standard input.
expect() {
  local ended=0
  printf '\n== %s\n' "${FUNCNAME[1]}"
  PATH=$work/commands "$work/muonlab" "${@:2}" >"$work/said" 2>&1 || ended=$?
  sed -i "s#$work/##" "$work/said"
  diff - "$work/said"
  ((ended == $1))
}

a_first_build_says_what_it_makes_and_how_far_it_is() {
  export seconds=11 status=0  # a line is shown after ten
  expect 0 saddle <<'END'
muonlab: building, for some minutes, most of them for CUDA's kernels; 'cmake -DMUONLAB_CUDA=OFF build' leaves them out
muonlab:   Products and convolutions: Eigen 3.4.0
muonlab:   GPU: CUDA 13.0
muonlab: [2/3] Building CUDA object core/cuda/norm.cu.o
trained
END
}

a_later_build_is_silent() {
  touch "$work/build/libmuonlab.a"
  export seconds=0 status=0
  expect 0 saddle <<<trained
}

a_build_that_fails_shows_all_of_it() {
  export seconds=0 status=1
  expect 1 saddle <<'END'
[1/3] Building CXX object core/error.cpp.o
[2/3] Building CUDA object core/cuda/norm.cu.o
[3/3] Linking CXX executable apps/saddle
END
}

npm_and_libpng_come_when_the_mirrors_are_out_of_reach() {
  cat >"$work/data/fetch.sh" <<'END'
#!/bin/sh
echo "fetching $1"
test -e "$0.again" || { touch "$0.again"; exit 1; }
END
  chmod +x "$work/data/fetch.sh"
  dpkg-query() { false; }
  export -f dpkg-query
  export seconds=0 status=0
  expect 0 cifar_compare <<'END'
fetching cifar10
muonlab: installing npm libpng-dev
fetching cifar10
trained
END
}

main "$@"
