#!/usr/bin/env bash
# The dashboard in Chromium: its stories against the mock server, then a walk
# through a real server that has just caught something. Screenshots go to
# test/artifacts. SHOTS=1 also takes every page in every scenario.
set -euo pipefail
cd "$(dirname "$0")/../.."
CHROMIUM=${CHROMIUM:-$(test/tools/debian.sh chromium chromium)}
ARTIFACTS=${ARTIFACTS:-$PWD/test/artifacts}
export CHROMIUM ARTIFACTS
mkdir -p "$ARTIFACTS"

echo "dashboard: stories against the mock server"
if [ "${SHOTS:-}" = 1 ]; then (cd web && npm run --silent e2e); else (cd web && npm run --silent e2e -- stories); fi

echo "dashboard: a walk through a real server"
state=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf "$state"
}
trap finish EXIT
addr=127.0.0.1:$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
./bin/cordon serve --data "$state/data" --listen "$addr" >"$ARTIFACTS/server.log" 2>&1 &
server=$!
for _ in $(seq 200); do
  if node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "http://$addr/readyz"; then break; fi
  sleep 0.1
done
./bin/cordon demo --data "$state/data" >/dev/null
(cd web && BASE_URL="http://$addr" SETUP_LINK="$(cat "$state/data/setup-link")" \
  CORDON_USER=ada CORDON_PASSWORD='a-long-enough-phrase-for-e2e' npm run --silent e2e) # cordon:allow
