#!/usr/bin/env bash
# Of the package folders on its input, prints those whose turn it is with this commit:
# those that the commit changed (changed.sh), and one in TURNS of the others. Which,
# the commit's own hash says, so that a run can be repeated and none is left out for
# long.
#   turn.sh TURNS
set -euo pipefail
cd "$(dirname "$0")/../.."
turns=$1
changed=$(test/tools/changed.sh)
commit=$(git rev-parse HEAD)

# Test data, rules and the like belong to the package above them.
package() {
  local folder=$1
  until [ "$folder" = . ] || compgen -G "$folder/*.go" >/dev/null; do folder=$(dirname "$folder"); done
  echo "$folder"
}
touched=$(for folder in $changed; do package "$folder"; done | sort -u)
while read -r folder; do
  if [ "$changed" = everything ] || grep -qxF "$folder" <<<"$touched"; then echo "$folder"; continue; fi
  read -r number _ < <(cksum <<<"$commit $folder")
  if [ $((number % turns)) = 0 ]; then echo "$folder"; fi
done
