//go:build servers

package e2e

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asks sends one request through the gateway and returns what came of it.
func (g *gateway) asks(to string) (status int, body string) {
	g.t.Helper()
	tr := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: g.proxy})}
	defer tr.CloseIdleConnections()
	got, err := (&http.Client{Transport: tr, Timeout: time.Minute}).Get(to)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = got.Body.Close() }()
	b, err := io.ReadAll(got.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return got.StatusCode, string(b)
}

// fullDisks are ways for the record's disk to have no room, and to have room
// again. A file system of its own takes a user who may mount one; a limit to the
// size of files (setrlimit(2), RLIMIT_FSIZE) anybody may set.
func fullDisks(t *testing.T) map[string]func(g *gateway) (fill, free func()) {
	all := map[string]func(g *gateway) (fill, free func()){"files may not grow": limited}
	dir := t.TempDir()
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m")
	switch {
	case err == nil:
		mustDo(t, unix.Unmount(dir, 0))
		all["a disk of its own is full"] = mounted
	case !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES):
		t.Fatal(err)
	}
	return all
}

func limited(g *gateway) (fill, free func()) {
	return func() { g.limitFiles(largest(g.t, g.logs)) }, func() { g.limitFiles(unix.RLIM_INFINITY) }
}

func mounted(g *gateway) (fill, free func()) {
	filler := filepath.Join(g.logs, "filler")
	return func() {
		f, err := os.Create(filler)
		mustDo(g.t, err)
		_, err = io.Copy(f, zeros{})
		if !errors.Is(err, syscall.ENOSPC) {
			g.t.Fatalf("the disk is not full: %v", err)
		}
		mustDo(g.t, f.Close())
	}, func() { mustDo(g.t, os.Remove(filler)) }
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Where a decision cannot be recorded nothing leaves, and whoever asks is told
// why; once there is room again everything goes on, without a restart and
// without a gap in the record.
func TestNothingLeavesWhileTheRecordsDiskIsFull(t *testing.T) {
	t.Parallel()
	for what, disk := range fullDisks(t) {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			heard := make(chan string, 100)
			origin := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard <- r.URL.Path }))
			defer origin.Close()
			g := newGateway(t, "")
			if what != "files may not grow" {
				mustDo(t, os.MkdirAll(g.logs, 0o700))
				mustDo(t, unix.Mount("tmpfs", g.logs, "tmpfs", 0, "size=1m"))
				t.Cleanup(func() { mustDo(t, unix.Unmount(g.logs, 0)) })
			}
			g.start()
			g.wantPassed(origin.URL+"/before", heard)
			fill, free := disk(g)
			fill()
			for range 50 { // until a block that the file had left is used up
				if status, _ := g.asks(origin.URL + "/room-left"); status == http.StatusForbidden {
					break
				}
				<-heard
			}
			status, body := g.asks(origin.URL + "/full")
			if status != http.StatusForbidden || !strings.Contains(body, `"reason":"audit_unavailable"`) || !strings.Contains(body, "nothing leaves unrecorded") {
				t.Errorf("%d %s", status, body)
			}
			g.says("egress", "status", "the egress audit log")
			free()
			g.wantPassed(origin.URL+"/after", heard)
			g.verified()
			g.stop()
			if recorded := g.allowed(); !recorded["/before"] || !recorded["/after"] || recorded["/full"] {
				t.Errorf("recorded as allowed: %v", recorded)
			}
		})
	}
}

// wantPassed wants a request to reach the origin, and be the only one that has.
func (g *gateway) wantPassed(to string, heard <-chan string) {
	g.t.Helper()
	status, body := g.asks(to)
	if status != http.StatusOK {
		g.t.Fatalf("%s: %d %s\n%s", to, status, body, g.output())
	}
	if path := <-heard; !strings.HasSuffix(to, path) {
		g.t.Errorf("the origin heard %s before %s", path, to)
	}
}

// says runs a command and wants a text in what it prints.
func (g *gateway) says(args ...string) {
	g.t.Helper()
	want := args[len(args)-1]
	if out := g.cli(args[:len(args)-1]...); !strings.Contains(out, want) {
		g.t.Errorf("%s does not say %q:\n%s", strings.Join(args[:len(args)-1], " "), want, out)
	}
}
