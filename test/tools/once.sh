#!/usr/bin/env bash
# Runs every Go test of the main module once. Of the packages that share something
# (raced), those whose turn it is (turn.sh) run under the race detector; of them, what
# needs servers or other real peers, which have no patience with a slow test, what only
# grinds through bytes, and what the detector sees a part of (-short) runs without it, as
# all other packages do.
#   RACE='-race ...' GRIND='Test|Test' CUT='Test|Test' once.sh TURNS FLAGS...
set -euo pipefail
cd "$(dirname "$0")/../.."
turns=$1
shift
flags=("$@")
module=$(go list -m)

# The longest first.
packages() { { printf '%s\n' test/e2e internal/sqlstore cmd/cordon detect internal/deception/service/ssh hypercore hypercore/peer; go list -tags servers ./... | sed "s|^$module/||"; } | awk '!seen[$0]++'; }
# The tests of a folder that have the build tag.
with_peers() { awk 'FNR == 1 { tagged = /^\/\/go:build .*servers/ } tagged && match($0, /^func Test[A-Za-z0-9_]*/) { print substr($0, 6, RLENGTH - 5) }' "$1"/*_test.go; }
grinds() { grep -qE "^func [A-Za-z0-9_]*($(sed 's|/[^|]*||g' <<<"$GRIND|$CUT"))" "$1"/*_test.go; }
plainly() { CGO_ENABLED=0 test/tools/gotest.sh "${flags[@]}" -tags servers "$@"; }

raced=$(test/tools/turn.sh "$turns" <test/tools/raced)
plainly -- $(packages | grep -vxF "${raced:-none}" | sed 's|^|./|')
echo "under the race detector: $(wc -w <<<"$raced") of $(wc -l <test/tools/raced) packages that share something"
[ -n "$raced" ] || exit 0
CGO_ENABLED=1 test/tools/gotest.sh "${flags[@]}" $RACE -short -skip "$GRIND" -- $(sed 's|^|./|' <<<"$raced")

rest='' names="$GRIND|$CUT"
for folder in $raced; do
  peers=$(with_peers "$folder" | paste -sd'|')
  if [ -n "$peers" ]; then names+="|^($peers)\$"; elif ! grinds "$folder"; then continue; fi
  rest+=" ./$folder"
done
[ -z "$rest" ] || plainly -run "$names" -- $rest
