# What the shell knows before a page of the documentation begins: a reader has another
# terminal for a server, types passwords, and ends one server before he starts the next.
set -eE
shopt -s inherit_errexit
mkdir -p home/src/project inbox var/lib root backups etc/cordon run logs src
cd home
server=
stop() { [ -z "$server" ] || { kill -INT "$server"; wait "$server" || true; server=; }; }
trap stop EXIT
trap 'echo "failed: $BASH_COMMAND"' ERR
serve() {
  stop
  command cordon serve "$@" >"$MACHINE/server.log" 2>&1 </dev/null &
  server=$!
  until curl -fsS "http://$CORDON_API_LISTEN/readyz" >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { cat "$MACHINE/server.log"; return 1; }
    sleep 0.05
  done
}
cordon() {
  case "$1 $2" in
  serve*) shift; serve "$@" ;;
  'user add' | 'user passwd') echo 'correct horse battery' | command cordon "$@" --password-stdin ;;
  *) command cordon "$@" </dev/null ;;
  esac
}
make() { if [ "$1" = run ]; then serve; else command make -C "$REPOSITORY" -n "$@" >/dev/null; fi; }
ssh() { cat </dev/null >"/dev/tcp/127.0.0.1/$2" || true; }
redis-cli() { # -p PORT COMMAND..., as one line
  until { exec 3<>"/dev/tcp/127.0.0.1/$2"; } 2>/dev/null; do sleep 0.05; done
  shift 2
  echo "$*" >&3; head -1 <&3; exec 3>&-
}
# said prints what a command does, once it prints something: what happened a moment ago
# may not be recorded yet.
said() {
  local n=0 out
  until out=$("$@") && [ -n "$out" ]; do
    [ $((n += 1)) -lt 200 ] || { echo "never said: $(declare -f "$1")" >&2; return 1; }
    sleep 0.05
  done
  echo "$out"
}
id() { grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | sed -n "${1:-1}p"; }
