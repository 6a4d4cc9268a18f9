#!/usr/bin/env bash
# What the README promises, on a new Debian. To be run before a release, as root; half an hour each:
#
#   tests/new_debian.sh bookworm|trixie DIR [COMMAND ...]
#
# Makes a Debian 12 (bookworm) or 13 (trixie) in DIR by debootstrap, from the mirror that apt uses
# here, puts there what is committed, and runs the COMMANDs with an empty home and no data: the
# README's unless given. DIR.log keeps all that is printed. A compiler's warning is a failure, too. A
# Debian that is in DIR already is used as it is. The command "compilers" compiles everything, without
# optimizing, by GCC and Clang, on trixie by GCC 14, by GCC 13, which is Ubuntu 24.04's, and by Clang
# 19. With CUDA=DIR in the environment, the CUDA toolkit there is used, too.
# shellcheck disable=SC2016  # other shells, and apt, expand what stands in single quotes
set -euo pipefail
export CUDA=${CUDA:-}

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

fail() {
  echo "new_debian.sh: $*" >&2
  exit 1
}

main() {
  case ${1:-} in
    '' | -*) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" && exit 2 ;;
  esac
  release=$1
  mkdir -p "$2"
  dir=$(readlink -f "$2")
  shift 2
  (($# > 0)) || set -- './muonlab mnist_compare' './muonlab cifar_compare' './muonlab test'
  {
    if [[ ! -x $dir/usr/bin/apt-get ]]; then make_debian; fi
    check_out
    for command; do run "$command"; done
  } 2>&1 | tee "$dir.log"
}

make_debian() {
  local mirror
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
  rmdir "$dir" || fail "$dir holds something else"
  mkdir "$dir"
  debootstrap --variant=minbase "$release" "$dir" "$mirror" >"$dir.debootstrap.log"
  # The network is this machine's, with its names, its certificates and the ways that apt goes.
  cp /etc/hosts /etc/resolv.conf "$dir/etc/"
  apt-config dump | grep ^Acquire: >"$dir/etc/apt/apt.conf.d/99host"
  mkdir -p "$dir/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$dir/usr/local/share/ca-certificates/" 2>/dev/null || true
  touch "$dir/made-by-new-debian"
}

check_out() {
  [[ -e $dir/made-by-new-debian ]] || fail "$dir was not made by this script"
  find "$dir/root" -mindepth 1 -delete
  mkdir "$dir/root/muonlab"
  git -C "$root" archive HEAD | tar -x -C "$dir/root/muonlab"
}

# inside COMMAND ...: in the Debian, with mounts that end when it does.
inside() {
  unshare --mount bash -c 'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" &&
    if [[ $CUDA ]]; then mkdir -p "$1/usr/local/cuda" && mount --bind "$CUDA" "$1/usr/local/cuda"; fi &&
    exec chroot "$@"' inside "$dir" \
    env -i HOME=/root PATH=/usr/local/cuda/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

run() {
  local started=$SECONDS status=0
  printf '\n== %s\n' "$1"
  if [[ $1 == compilers ]]; then
    compilers || status=$?
  else
    inside bash -c "cd ~/muonlab && $1" </dev/null || status=$?
    if grep -s -F warning: "$dir/root/muonlab/build/build.log"; then status=1; fi
  fi
  echo "== $1: status $status after $((SECONDS - started)) s"
  return $status
}

# Everything, as far as compilers look for errors and for what they warn of.
compilers() {
  inside bash -c '
    set -e
    cd ~/muonlab
    ./muonlab setup
    compilers=(g++ clang++)
    if apt-cache show g++-14 >/dev/null 2>&1; then compilers=(g++ g++-13 clang++-19); fi
    apt-get install -qq --no-install-recommends "${compilers[@]/clang++/clang}" libpng-dev \
      libbenchmark-dev >/dev/null
    for compiler in "${compilers[@]}"; do
      cmake -G Ninja -B "build-$compiler" -DCMAKE_CXX_COMPILER=$compiler -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_COMPILE_WARNING_AS_ERROR=ON >/dev/null
      cmake --build "build-$compiler"
    done'
}

main "$@"
