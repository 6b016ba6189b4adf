#!/usr/bin/env bash
# Prints the path of a program, from PATH or, failing that, unpacked from its
# Debian package (with what it depends on) into .cache/debian, which needs no
# root once package lists are there.
#   test/tools/debian.sh PACKAGE PROGRAM
set -euo pipefail
package=$1 program=$2
root=$(cd "$(dirname "$0")/../.." && pwd)/.cache/debian/$package
if found=$(command -v "$program"); then echo "$found"; exit; fi
if [ -x "$root/run-$program" ]; then echo "$root/run-$program"; exit; fi

explain() {
  echo "no $program here and its Debian package $package cannot be fetched: $1." >&2
  echo "Install $program so that it is on PATH, then run this again." >&2
  exit 1
}
command -v apt-get >/dev/null || explain "this is not a Debian system"
if ! apt-cache show "$package" >/dev/null 2>&1; then
  [ "$(id -u)" = 0 ] || explain "package lists are empty; run 'apt-get update' as root"
  apt-get update -qq >&2 || explain "apt-get update did not work"
fi
mkdir -p "$root/debs"
list=$(apt-get -s --no-install-recommends install "$package" 2>/dev/null | awk '/^Inst/ {print $2}')
(cd "$root/debs" && apt-get download -qq $list >&2) || explain "apt-get download did not work"
for deb in "$root"/debs/*.deb; do dpkg -x "$deb" "$root"; done
rm -rf "$root/debs"
target=$(find "$root" -type f -name "$program" -perm -u+x -path '*lib*' | head -1)
[ -n "$target" ] || target=$(find "$root" -type f -name "$program" -perm -u+x | head -1)
[ -n "$target" ] || explain "the package has no $program"
libs=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
cat > "$root/run-$program" <<RUN
#!/bin/sh
export LD_LIBRARY_PATH="$libs\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
exec "$target" "\$@"
RUN
chmod +x "$root/run-$program"
echo "$root/run-$program"
