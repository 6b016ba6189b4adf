#!/usr/bin/env bash
# Runs go test and gives the few tests that fail a second hearing: alone, three
# times in a row, all of which must pass. A test that only fails beside a hundred
# others on a slow machine then does not hold up everybody's work; it is named at
# the end, and is to be mended. No second hearing for a data race, a panic, what
# does not build, or more than three tests.
#   gotest.sh FLAGS... -- PACKAGES...
set -euo pipefail
cd "$(dirname "$0")/../.."
flags=()
while [ "$1" != -- ]; do flags+=("$1"); shift; done
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT

go test "${flags[@]}" "$@" 2>&1 | tee "$log" && exit
grep -qE '^(WARNING: DATA RACE|panic: |fatal error: )|\[(build|setup) failed\]$' "$log" && exit 1
# A package's own line comes after those of its tests: "PACKAGE Test|Test".
failed=$(awk '
  /^--- FAIL: / { names = names (names ? "|" : "") $3; count++ }
  /^FAIL\t/     { if (!names) { count = 99; exit } print $2, names; names = "" }
  END           { if (names || count > 3) print "too many" }' "$log")
[ -n "$failed" ] && ! grep -q '^too many$' <<<"$failed" || exit 1
while read -r package names; do
  echo "again, alone: $package $names"
  go test "${flags[@]}" -count=3 -run "^($names)\$" "$package"
done <<<"$failed"
while read -r package names; do echo "UNSTEADY: $package $names failed once and passed three times; mend it"; done <<<"$failed"
