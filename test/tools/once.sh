#!/usr/bin/env bash
# Runs every Go test of the main module once, with servers. Of the packages that share
# something (raced), those whose turn it is (turn.sh) run under the race detector, all
# but the tests that only grind through bytes; everything else runs without it.
#   RACE='-race ...' GRIND='Test|Test' once.sh TURNS FLAGS...
set -euo pipefail
cd "$(dirname "$0")/../.."
turns=$1
shift
module=$(go list -m)
flags=("$@" -tags servers)

# The longest first.
packages() { { printf '%s\n' test/e2e internal/sqlstore cmd/cordon detect internal/deception/service/ssh hypercore hypercore/peer; go list ./... | sed "s|^$module/||"; } | awk '!seen[$0]++'; }
# Those with a test that grinds, by its name or its parent's.
grinding() {
  local words
  words=$(sed 's|/[^|]*||g' <<<"$GRIND")
  while read -r folder; do
    if grep -qE "^func [A-Za-z0-9_]*($words)" "$folder"/*_test.go; then echo "$folder"; fi
  done
}
here() { sed 's|^|./|' <<<"$1"; }

raced=$(test/tools/turn.sh "$turns" <test/tools/raced)
plain=$(packages | grep -vxF "$raced")
# Nothing raced leaves an empty pattern, which would match every line.
[ -n "$raced" ] || plain=$(packages)
CGO_ENABLED=0 test/tools/gotest.sh "${flags[@]}" -- $(here "$plain")
[ -n "$raced" ] || exit 0
echo "under the race detector: $(wc -l <<<"$raced") of $(wc -l <test/tools/raced) packages that share something"
CGO_ENABLED=1 test/tools/gotest.sh "${flags[@]}" $RACE -skip "$GRIND" -- $(here "$raced")
rest=$(grinding <<<"$raced")
[ -z "$rest" ] || CGO_ENABLED=0 test/tools/gotest.sh "${flags[@]}" -run "$GRIND" -- $(here "$rest")
