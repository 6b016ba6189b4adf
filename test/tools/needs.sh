#!/usr/bin/env bash
# Says what is missing to build Cordon, in place of what a compiler or a bundler says that
# is missing itself, or too old to read what it is given.
#   test/tools/needs.sh go|node
set -euo pipefail

# older says whether the version $1 comes before $2.
older() { [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]; }
die() { printf '%s\n' "$@" >&2; exit 1; }

case $1 in
go)
  hint='A distribution may have an older one; https://go.dev/dl/ has it.'
  command -v go >/dev/null || die 'Cordon is built with Go 1.26 or newer, and there is no go on PATH.' "$hint"
  have=$(cd / && GOTOOLCHAIN=local go version | sed -n 's/^go version go\([0-9.]*\).*/\1/p')
  # From 1.21 on go fetches the one that go.mod asks for, or says so itself.
  if [ -n "$have" ] && older "$have" 1.21; then die "Cordon is built with Go 1.26 or newer; this is $have." "$hint"; fi
  ;;
node)
  hint='https://nodejs.org has it. Without a dashboard: go build -o bin/cordon ./cmd/cordon && bin/cordon serve'
  wants='The dashboard is built with Node 20 (20.19 or newer) or one from 22.12 on'
  for program in node npm; do
    command -v "$program" >/dev/null || die "$wants, and there is no $program on PATH." "$hint"
  done
  have=$(node --version) have=${have#v}
  if older "$have" 20.19.0 || { [ "${have%%.*}" = 21 ]; } || { [ "${have%%.*}" = 22 ] && older "$have" 22.12.0; }; then
    die "$wants; this is $have." "$hint"
  fi
  ;;
esac
