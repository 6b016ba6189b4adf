#!/usr/bin/env bash
# Runs every fuzz target of the modules for the given time or number of inputs each
# (5s, 2000x; default 5s), one target per core, or those that match a pattern ("FOLDER
# NAME"). A package is built once for all its targets. With TURNS=N only the packages
# whose turn it is (turn.sh): what a commit changed and an Nth of the others.
#   fuzz.sh AMOUNT PATTERN
set -euo pipefail
cd "$(dirname "$0")/../.."
export FUZZTIME=${1:-5s} CGO_ENABLED=0
pattern=${2:-.}
work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT
cache=$(go env GOCACHE)/fuzz
export cache

packages() { git ls-files '*_test.go' | xargs grep -l '^func Fuzz' | xargs -n 1 dirname | sort -u | its_turn; }
its_turn() { if [ -n "${TURNS:-}" ]; then test/tools/turn.sh "$TURNS"; else cat; fi; }
program() { echo "$work/${1//\//-}.test"; }
# Each in its folder: some are of nested modules. Without symbols a program links in half
# the time.
build() { (cd "$1" && go test . -c -vet=off -ldflags='-s -w' -fuzz . -o "$(program "$1")"); }
# The targets of a package.
targets() { sed -n "s|^func \(Fuzz[A-Za-z0-9_]*\)(f \*testing\.F).*|$1 \1|p" "$1"/*_test.go | grep -E "$pattern" || true; }
# Says of each target that its program is there. One package at a time: two builds at
# once would both compile what both need. Meanwhile the targets of those before it run.
built() {
  local package found
  for package in $(packages); do
    found=$(targets "$package")
    [ -n "$found" ] || continue
    build "$package" || return
    tee -a "$work/targets" <<<"$found"
  done
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
export -f program one out_of_time
touch "$work/targets"
built | xargs -r -P "$(nproc)" -L 1 bash -c 'one "$0" "$1"'
count=$(wc -l <"$work/targets")
[ "$count" -gt 0 ] || [ -n "${TURNS:-}" ] || { echo "no fuzz target matches $pattern"; exit 1; } # at times it is nobody's turn
echo "$count fuzz targets, $FUZZTIME each: nothing found"
