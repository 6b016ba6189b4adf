#!/usr/bin/env bash
# Prints the folders that have files which a commit changed, a line each: a branch is
# compared with where it left the main one, the main one with its commit before, and
# what is not committed counts. CORDON_SINCE names another commit to compare with.
# It prints "everything" where it cannot know (a shallow clone, a first commit) and
# where the change concerns all: other dependencies, another Go.
set -euo pipefail
cd "$(dirname "$0")/../.."

base() {
  [ -z "${CORDON_SINCE:-}" ] || { git rev-parse -q --verify "$CORDON_SINCE^{commit}"; return; }
  [ "$(git rev-parse --is-shallow-repository)" = false ] || return 1
  local trunk at
  for trunk in origin/HEAD origin/main main; do
    at=$(git merge-base HEAD "$trunk" 2>/dev/null) || continue
    [ "$at" = "$(git rev-parse HEAD)" ] || { echo "$at"; return; }
  done
  git rev-parse -q --verify HEAD^1
}
of_all='^(bzzz/([a-z]+/)?)?go\.(mod|sum)$'

since=$(base) || { echo everything; exit; }
files=$(git diff --name-only --no-renames "$since"; git ls-files --others --exclude-standard)
if grep -qE "$of_all" <<<"$files"; then echo everything; exit; fi
sed -n 's|/[^/]*$||p' <<<"$files" | sort -u
