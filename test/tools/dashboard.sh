#!/usr/bin/env bash
# The dashboard in Chromium: its stories against the mock server, then a walk
# through a real server that has just caught something. Screenshots go to
# test/artifacts. SHOTS=1 also takes every page in every scenario. PICTURES=1 takes
# the pictures of the docs instead, and does nothing else.
set -euo pipefail
cd "$(dirname "$0")/../.."
# The browser without its windows paints and starts at two thirds of the cost.
CHROMIUM=${CHROMIUM:-$(test/tools/debian.sh chromium-headless-shell chromium-headless-shell || test/tools/debian.sh chromium chromium)}
ARTIFACTS=${ARTIFACTS:-$PWD/test/artifacts}
export CHROMIUM ARTIFACTS
mkdir -p "$ARTIFACTS"

walk=
if [ "${PICTURES:-}" = 1 ]; then
  walk=pictures
else
  echo "dashboard: stories against the mock server"
  if [ "${SHOTS:-}" = 1 ]; then (cd web && npm run --silent e2e); else (cd web && npm run --silent e2e -- stories); fi
fi

echo "dashboard: a walk through a real server"
state=$(mktemp -d /tmp/demo.XXXX)
cp bin/cordon "$state/" # which the demo's incident names: not where we happen to be
cordon=$state/cordon
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf "$state"
}
trap finish EXIT
"$cordon" serve --data "$state/data" --listen 127.0.0.1:0 >"$ARTIFACTS/server.log" 2>&1 &
server=$!
# The port that it got stands in what it says.
ready() {
  url=$(sed -n 's|.*dashboard *\(http://[^ ]*\).*|\1|p' "$ARTIFACTS/server.log")
  [ -n "$url" ] && node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "$url/readyz"
}
for _ in $(seq 300); do
  if ready; then break; fi
  kill -0 "$server" || break
  sleep 0.1
done
ready || { echo "the server is not ready:"; cat "$ARTIFACTS/server.log"; exit 1; }
"$cordon" demo --data "$state/data" >/dev/null
(cd web && BASE_URL="$url" SETUP_LINK="$(cat "$state/data/setup-link")" \
  CORDON_USER=ada CORDON_PASSWORD='a-long-enough-phrase-for-e2e' npm run --silent e2e -- $walk) # cordon:allow
