#!/usr/bin/env bash
# Runs every fuzz target of the modules for the given time each (default 5s),
# one target per core, or those that match a pattern ("FOLDER NAME"). A package is
# built once for all its targets.
#   fuzz.sh TIME PATTERN
set -euo pipefail
cd "$(dirname "$0")/../.."
export FUZZTIME=${1:-5s} CGO_ENABLED=0
pattern=${2:-.}
work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT
cache=$(go env GOCACHE)/fuzz
export cache

packages() { git ls-files '*_test.go' | xargs grep -l '^func Fuzz' | xargs -n 1 dirname | sort -u; }
program() { echo "$work/${1//\//-}.test"; }
# Each in its folder: some are of nested modules. Without symbols a program links in half
# the time.
build() { (cd "$1" && go test . -c -vet=off -ldflags='-s -w' -fuzz . -o "$(program "$1")"); }
targets() {
  for p in $(packages); do
    sed -n "s|^func \(Fuzz[A-Za-z0-9_]*\)(f \*testing\.F).*|$p \1|p" "$p"/*_test.go
  done | grep -E "$pattern"
}
one() {
  local out
  echo "fuzz $1 $2"
  out=$(cd "$1" && "$(program "$1")" -test.run '^$' -test.fuzz "^$2\$" -test.fuzztime "$FUZZTIME" -test.fuzzminimizetime 100x \
    -test.fuzzcachedir "$cache/go.cordon.dev/cordon/$1" -test.parallel 1 2>&1) && return
  out_of_time "$out" && return
  echo "$out"; echo "fuzz $1 $2: failed, or was ended from outside"
  return 1 # the others go on
}
# Before Go 1.27 the fuzzer's own end of time can come out as a failure
# (golang/go#75804). A real finding always writes the input that failed.
out_of_time() {
  grep -q '^ *context deadline exceeded$' <<<"$1" && ! grep -qE 'Failing input|panic|DATA RACE|fuzzing process' <<<"$1"
}
export -f program build one out_of_time
targets | cut -d ' ' -f 1 | sort -u | xargs -P "$(nproc)" -I PACKAGE bash -c 'build PACKAGE'
targets | xargs -P "$(nproc)" -L 1 bash -c 'one "$0" "$1"'
echo "$(targets | wc -l) fuzz targets, $FUZZTIME each: nothing found"
