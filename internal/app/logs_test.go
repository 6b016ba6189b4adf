package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/ingest/parse"
)

// A configuration that is accepted can be started.
func TestConfigurationKnowsTheParsers(t *testing.T) {
	var names []string
	for _, p := range parsers() {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	if d := cmp.Diff(config.Parsers(), names); d != "" {
		t.Errorf("parsers (-config +app):\n%s", d)
	}
	if got := parsersOf([]string{"sshd"}); len(got) != 1 || got[0].Name != "sshd" {
		t.Errorf("parsers %v", got)
	}
}

// recordBook is a Recorder that keeps users.
type recordBook struct {
	mu    sync.Mutex
	users []string
}

func (b *recordBook) Record(_ context.Context, batch []parse.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range batch {
		b.users = append(b.users, r.User)
	}
	return nil
}

func (b *recordBook) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(slices.Values(b.users))
}

// Lines of a file and of syslog become records, and a node that starts again goes
// on where it was.
func TestLogsBecomeRecords(t *testing.T) {
	dir, book := t.TempDir(), &recordBook{}
	path := filepath.Join(dir, "auth.log")
	yaml := fmt.Sprintf("data: {dir: %q}\ningest: {syslog: {tcp: '127.0.0.1:0'}, files: [{id: auth, path: %q}]}\n", dir, path)
	run := func(lines ...string) {
		n, _ := configured(t, yaml)
		var out strings.Builder
		n.records, n.out = book, &out
		for _, start := range []func(context.Context) (stopFunc, error){n.startKeys, n.startMetrics, n.startBus, n.startLogs} {
			stop, err := start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if stop != nil {
				defer func() { _ = stop(context.Background()) }()
			}
		}
		if err := n.workers.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = n.workers.Stop(context.Background()) }()
		n.announceLogs()
		_, tcp, _ := n.syslog()
		if !strings.Contains(out.String(), path) || !strings.Contains(out.String(), tcp) {
			t.Errorf("it is announced as\n%s", &out)
		}
		want := append(book.all(), lines...)
		addLine(t, path, lines[0])
		sendLine(t, tcp, lines[1])
		slices.Sort(want)
		for end := time.Now().Add(2 * time.Minute); len(book.all()) < len(want) && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		if got := book.all(); !slices.Equal(got, want) {
			t.Errorf("records of %q, want %q", got, want)
		}
	}
	run("ana", "bob")
	run("carl", "dora")
}

func failedLogin(name string) string {
	return "Nov 22 07:50:09 web-1 sshd[9]: Failed password for " + name + " from 198.51.100.7 port 4000 ssh2\n"
}

func addLine(t *testing.T, path, name string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteString(failedLogin(name)); err != nil {
		t.Fatal(err)
	}
}

func sendLine(t *testing.T, address, name string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "<38>"+failedLogin(name)); err != nil {
		t.Fatal(err)
	}
}

func TestATLSAddressSaysWhatIsWrong(t *testing.T) {
	for _, c := range []config.SyslogTLS{{Listen: "127.0.0.1:0", Cert: "/no/such", Key: "/no/such"}} {
		if _, err := syslogTLS(c, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "ingest.syslog.tls: ") {
			t.Errorf("error %v", err)
		}
	}
}
