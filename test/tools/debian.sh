#!/usr/bin/env bash
# Prints the paths of programs, a line each: installed ones or, failing that,
# unpacked from their Debian package (with what it depends on) into
# .cache/debian, which needs no root once package lists are there.
#   test/tools/debian.sh PACKAGE PROGRAM...
# With --python it prints one interpreter, Debian's, that has those modules:
#   test/tools/debian.sh --python PACKAGE...
set -euo pipefail
if [ "$1" = --python ]; then
  shift
  packages=$*
  package=python-$(cksum <<<"$packages" | cut -d' ' -f1)
  set -- --python
else
  packages=$1
  package=$1
  shift
fi
cache=$(cd "$(dirname "$0")/../.." && pwd)/.cache/debian
mkdir -p "$(dirname "$cache")"

# Tests of several packages ask at the same time: one fetches, the others wait.
if command -v flock >/dev/null; then
  exec 9>"$cache.lock"
  flock 9
fi

# Servers run as an ordinary user also when root runs the tests. Where such a
# user cannot enter the checkout, packages lie elsewhere and a link leads there.
reachable() {
  [ "$(id -u)" != 0 ] || setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$(dirname "$cache")"
}
if ! reachable && [ ! -L "$cache" ]; then
  elsewhere=/var/tmp/cordon-debian
  mkdir -p "$elsewhere"
  [ -O "$elsewhere" ] || { echo "$elsewhere belongs to somebody else; remove it, then run this again." >&2; exit 1; }
  rm -rf "$cache" && ln -s "$elsewhere" "$cache"
fi
mkdir -p "$cache"
root=$(readlink -f "$cache")/$package

explain() {
  echo "no $* here and its Debian package $package cannot be fetched: $why." >&2
  echo "Install it so that it is on PATH, then run this again." >&2
  exit 1
}

# PostgreSQL's own programs are not on Debian's PATH.
installed() {
  command -v "$1" && return
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | sort -V | tail -1)
  [ -n "$found" ] && echo "$found"
}

unpack() {
  [ -e "$root/unpacked" ] && return
  why="this is not a Debian system"
  command -v apt-get >/dev/null || explain "$@"
  if ! apt-cache show $packages >/dev/null 2>&1; then
    why="package lists are empty; run 'apt-get update' as root"
    [ "$(id -u)" = 0 ] || explain "$@"
    why="apt-get update did not work"
    apt-get update -qq >&2 || explain "$@"
  fi
  rm -rf "$root" && mkdir -p "$root/debs"
  local list
  list=$(apt-get -s --no-install-recommends install $packages 2>/dev/null | awk '/^Inst/ {print $2}')
  why="apt-get download did not work"
  (cd "$root/debs" && apt-get download -qq $list >&2) || explain "$@"
  for deb in "$root"/debs/*.deb; do dpkg -x "$deb" "$root"; done
  rm -rf "$root/debs"
  touch "$root/unpacked"
}

# fonts names the unpacked fonts: a browser without any crashes.
fonts() {
  cat > "$root/fonts.conf" <<FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>$root/usr/share/fonts</dir><cachedir>$root/fonts.cache</cachedir></fontconfig>
FONTS
}

# wrap makes a program of the unpacked tree find its libraries. It runs under
# its own path: from that it finds its other files.
wrap() {
  local target libs
  target=$(find "$root" -type f -name "$1" -perm -u+x -path '*/lib*/*' | head -1)
  [ -n "$target" ] || target=$(find "$root" -path '*bin/*' -name "$1" -perm -u+x ! -type d | head -1) # not its init script
  [ -n "$target" ] || target=$(find "$root" -name "$1" -perm -u+x ! -type d | head -1)
  why="the package does not have it"
  [ -n "$target" ] || explain "$1"
  libs=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
  fonts
  cat > "$root/run-$1" <<RUN
#!/bin/sh
export LD_LIBRARY_PATH="$libs\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$root/fonts.conf"
exec "$target" "\$@"
RUN
  chmod +x "$root/run-$1"
}

# python makes an interpreter that finds the modules. Their compiled parts are
# for Debian's own, which is in the tree unless it is installed.
python() {
  unpack "$@"
  local interpreter=/usr/bin/python3
  [ -x "$interpreter" ] || interpreter=$(find "$root/usr/bin" -name 'python3.*' -perm -u+x | head -1)
  why="they bring no interpreter"
  [ -n "$interpreter" ] || explain "$@"
  cat > "$root/run-python" <<RUN
#!/bin/sh
export LD_LIBRARY_PATH="$(find "$root" -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:)\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
export PYTHONPATH="$root/usr/lib/python3/dist-packages" PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1
exec "$interpreter" "\$@"
RUN
  chmod +x "$root/run-python"
  echo "$root/run-python"
}

for program in "$@"; do
  if [ "$program" = --python ]; then python $packages; continue; fi
  if installed "$program"; then continue; fi
  if [ ! -x "$root/run-$program" ]; then
    unpack "$program"
    wrap "$program"
  fi
  echo "$root/run-$program"
done
