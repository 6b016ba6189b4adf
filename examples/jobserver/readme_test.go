//go:build servers

package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/guard/egress"
)

// shell are the README's commands, and what it says they print.
var shell = regexp.MustCompile("(?s)```sh\n(.*?)```(?:\n\n```\n(.*?)```)?")

// The README's commands print what it says, and the log has its alerts.
func TestREADMEWorksAsCopied(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	log := &record{}
	monitor, err := anomaly.New(anomaly.Options{Handler: anomaly.LogTo(slog.New(slog.NewTextHandler(log, nil)))})
	if err != nil {
		t.Fatal(err)
	}
	guard, err := egress.New([]byte(outbound), egress.Options{Dial: nobody})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(monitor.Middleware(anomaly.HTTPOptions{})(newServer("demo", monitor, &http.Client{Transport: guard.Transport(nil)})))
	defer server.Close()
	commands := shell.FindAllStringSubmatch(string(text), -1)
	script := strings.NewReplacer("http://127.0.0.1:8088", server.URL, "curl -s ", curl(t)+" -s ")
	for _, c := range commands[1:] { // the first starts the server
		cmd := exec.Command("sh", "-c", script.Replace(c[1]))
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != c[2] {
			t.Errorf("%s prints\n%s(%v), want\n%s", c[1], out, err, c[2])
		}
	}
	monitor.Close()
	for _, kind := range []string{"brute_force", "privilege_escalation", "path_traversal", "command_injection"} {
		if n := strings.Count(log.String(), "type="+kind); n != 1 {
			t.Errorf("%d alerts of %s, want 1:\n%s", n, kind, log)
		}
	}
	if len(commands) != 6 {
		t.Errorf("the README has %d commands", len(commands))
	}
}

// nobody is dialed: whatever the policy lets through by mistake shows as this error.
func nobody(context.Context, string, string) (net.Conn, error) { return nil, context.Canceled }

// curl is the installed one, or Debian's.
func curl(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("../../test/tools/debian.sh", "curl", "curl").Output()
	if err != nil {
		t.Fatalf("fetching curl: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// record is a log that several goroutines write.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(b)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}
