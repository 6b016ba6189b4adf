#!/usr/bin/env bash
# Runs a command whose temporary files are kept in memory, where the machine has room
# for them: making and removing the thousands of files of a test's databases is most
# of what such a test costs on a disk. What a test proves is the same: processes are
# killed, machines are not. make nightly runs the same tests on the disk.
#   inmemory.sh COMMAND...
set -euo pipefail
needed=4 # GiB: a tenth of it is used at most times
[ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] || exec "$@"
# What is free in the folder, and in the memory that it would take.
room=$(stat -f -c '%a %S' /dev/shm | awk '{ print int($1 * $2 / 2^30) }')
memory=$(awk '/^MemAvailable/ { print int($2 / 2^20) }' /proc/meminfo)
[ -z "${TMPDIR:-}" ] && [ "$room" -ge "$needed" ] && [ "$memory" -ge $((2 * needed)) ] || exec "$@"

dir=$(mktemp -d /dev/shm/c.XXXX) # short, since the path of a socket must be
trap 'rm -rf "$dir"' EXIT
chmod 1777 "$dir" # servers run as another user
# Go builds where it did, since programs are large; t.TempDir is there, too.
GOTMPDIR=${GOTMPDIR:-/tmp} TMPDIR=$dir "$@"
