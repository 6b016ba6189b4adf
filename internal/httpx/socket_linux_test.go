package httpx

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func listenSocket(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := ListenSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// whoami answers with the peer.
func whoami(w http.ResponseWriter, r *http.Request) {
	p, ok := PeerOf(r.Context())
	_, _ = fmt.Fprintf(w, "%t %d %d", ok, p.UID, p.PID)
}

func TestSocketKnowsItsPeer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.sock")
	stop := serve(t, ServerOptions{Handler: Wrap(http.HandlerFunc(whoami), WrapOptions{})}, listenSocket(t, path))
	_, body, err := fetch("unix", path)
	if want := fmt.Sprintf("true %d %d", os.Getuid(), os.Getpid()); err != nil || body != want {
		t.Errorf("peer %q, %v; want %q", body, err, want)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket's file is left: %v", err)
	}
}

func TestTCPHasNoPeer(t *testing.T) {
	l := loopback(t)
	stop := serve(t, ServerOptions{Handler: http.HandlerFunc(whoami)}, l)
	if _, body, err := fetch("tcp", l.Addr().String()); err != nil || body != "false 0 0" {
		t.Errorf("peer %q, %v; want none", body, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// Whatever the umask, nobody else may open the socket, and nothing is left
// beside it.
func TestSocketIsPrivate(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := t.TempDir()
	path := filepath.Join(dir, "cordon.sock")
	l := listenSocket(t, path)
	defer l.Close()
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("mode %v, %v; want a socket with 0600", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v beside the socket, %v", entries, err)
	}
	if got := l.Addr().String(); got != path {
		t.Errorf("address %s, want %s", got, path)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	stop := serve(t, ServerOptions{Handler: http.HandlerFunc(whoami)}, listenSocket(t, path))
	if _, body, err := fetch("unix", path); err != nil || !strings.HasPrefix(body, "true") {
		t.Errorf("answer %q, %v", body, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestLiveSocketIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.sock")
	stop := serve(t, ServerOptions{Handler: http.HandlerFunc(whoami)}, listenSocket(t, path))
	if _, err := ListenSocket(path); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("error %v, want one that says another server answers", err)
	}
	if _, _, err := fetch("unix", path); err != nil {
		t.Errorf("the first server is gone: %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestOtherFilesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link, dir} {
		if l, err := ListenSocket(path); err == nil {
			_ = l.Close()
			t.Errorf("%s was replaced by a socket", path)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "precious" {
		t.Errorf("the file holds %q, %v", b, err)
	}
	if _, err := ListenSocket(filepath.Join(dir, "no", "such", "folder", "s")); err == nil {
		t.Error("listens in a folder that is not there")
	}
	long := filepath.Join(dir, strings.Repeat("x", 200))
	if _, err := ListenSocket(long); err == nil || !strings.Contains(err.Error(), "shorter data directory") {
		t.Errorf("path longer than the kernel takes: error %v does not say what to do", err)
	}
}

func TestLogCallsThePeerLocal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.sock")
	var client string
	stop := serve(t, ServerOptions{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client = clientHost(r)
		_, _ = io.WriteString(w, ClientKey(r))
	})}, listenSocket(t, path))
	if _, key, err := fetch("unix", path); err != nil || key != "local" || client != "local" {
		t.Errorf("client %q, key %q, %v; want local", client, key, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
