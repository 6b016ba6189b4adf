package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/hypercore/hypercoretest"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

// childMode makes the test binary a process of its own that tells how it is
// hardened.
const childMode = "CORDON_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childMode) == "limits" {
		os.Exit(limitsChild())
	}
	os.Exit(m.Run())
}

// output is a buffer for many writers.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// house is a node that runs in this process.
type house struct {
	t      *testing.T
	dir    string // of the test; the data lie in data
	data   string
	cfg    *config.Config
	out    output // what a person sees
	log    output
	load   func() (*config.Config, error) // reads the configuration again; nil: there is no file
	cancel context.CancelFunc
	ended  chan error
}

// shortDir is a folder of the test whose path leaves room for the control socket
// (see unix(7)), however long the test's name and wherever temporary files lie.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cordon")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func newHouse(t *testing.T, yaml string) *house {
	t.Helper()
	dir := shortDir(t)
	h := &house{t: t, dir: dir, data: filepath.Join(dir, "data"), ended: make(chan error, 1)}
	text := fmt.Sprintf("data: {dir: %q}\napi: {listen: \"127.0.0.1:0\"}\n", h.data) + strings.ReplaceAll(yaml, "DIR", dir)
	var err error
	if h.cfg, err = config.Parse([]byte(text), func(string) (string, bool) { return "", false }); err != nil {
		t.Fatal(err)
	}
	return h
}

// start runs the node and waits until it is ready.
func (h *house) start() *client.Client {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	h.cancel = cancel
	n := newNode(h.cfg, slog.New(slog.NewJSONHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug})), &h.out)
	n.fromCfg, n.reloader.load, n.reloader.file = true, h.load, "cordon.yaml"
	go func() { h.ended <- n.run(ctx) }()
	h.t.Cleanup(h.stop)
	h.until("the socket", func() bool { return answers(ctx, filepath.Join(h.data, socketName)) })
	c, done, err := local(ctx, h.cfg, false)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = done() })
	return c
}

func (h *house) stop() {
	if h.cancel == nil {
		return
	}
	h.cancel()
	h.cancel = nil
	if err := <-h.ended; err != nil {
		h.t.Errorf("the node ended with: %v", err)
	}
}

func (h *house) until(what string, ok func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("not within a minute: %s\n%s", what, h.log.String())
		}
	}
}

// caught waits for n entries in quarantine.
func (h *house) caught(c *client.Client, n int) (items []api.Quarantine) {
	h.t.Helper()
	h.until(fmt.Sprint(n, " entries"), func() bool {
		page, err := c.QuarantineList(h.t.Context(), client.QuarantineQuery{Limit: 50})
		if err != nil {
			h.t.Fatal(err)
		}
		items = page.Items
		return len(items) >= n
	})
	return items
}

// opened is the node's database, once it has stopped.
func (h *house) opened() *store.Store {
	h.t.Helper()
	s, err := store.Open(h.t.Context(), store.Options{URL: h.cfg.Store.URL})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (h *house) audited() []audit.Record {
	h.t.Helper()
	rs, err := sqlstore.NewAudit(h.opened()).AuditRecords(h.t.Context(), 0, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	return rs
}

func fakeKey() string { return "AKIA" + "Q3EGUXT5ZLBM2WKH" } // cordon:allow

const threeSources = `leak: {sources: [
  {id: box, kind: dir, path: "DIR/box"},
  {id: log, kind: bzzz-log, path: "DIR/log.jsonl"},
  {id: core, kind: hypercore, path: "DIR/core"}]}
`

// fillSources puts one secret into each of threeSources.
func (h *house) fillSources() {
	h.t.Helper()
	message := `{"type":"chat","from":"a","timestamp":"2026-03-14T15:00:00Z","data":{"key":"` + fakeKey() + `"},"hop_count":0}`
	w := hypercoretest.NewWriter(h.t, filepath.Join(h.dir, "core"), 1)
	w.AppendStrings(message)
	w.Flush()
	for name, text := range map[string]string{"box/note.txt": message, "log.jsonl": message + "\n"} {
		path := filepath.Join(h.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			h.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
}

// watched describes every file that is watched: mode, time and content.
func (h *house) watched() map[string]string {
	h.t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(h.dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == h.data {
			return cmp.Or(err, filepath.SkipDir)
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		b, err := os.ReadFile(p)
		files[p] = fmt.Sprint(info.Mode(), info.ModTime(), " ", string(b))
		return err
	})
	if err != nil || len(files) < 3 {
		h.t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// A log is never modified: not by reading it, and not by finding a secret in it.
func TestWhatIsWatchedIsNeverModified(t *testing.T) {
	h := newHouse(t, threeSources)
	h.fillSources()
	before := h.watched()
	for _, q := range h.caught(h.start(), 3) {
		if q.Disposition != "observed" {
			t.Errorf("entry of %s is %s, want observed: nothing was withheld", q.Source, q.Disposition)
		}
	}
	h.stop()
	if diff := gocmp.Diff(before, h.watched()); diff != "" {
		t.Errorf("what was watched changed (-before +after):\n%s", diff)
	}
}

// Every event of the log says which node and service it comes from, in lower
// case how grave it is, and carries what joins it with others.
func TestStoredEventsCarryWhatJoins(t *testing.T) {
	h := newHouse(t, threeSources)
	h.fillSources()
	h.caught(h.start(), 3)
	h.stop()
	records, err := h.opened().Events(t.Context(), event.Cursor{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range records {
		checkEnvelope(t, r.Event)
		if r.Event.Topic != event.TopicFindingDetected && r.Event.Topic != event.TopicMessageQuarantined {
			continue
		}
		seen[r.Event.Topic] = true
		for _, field := range []string{"fingerprint", "rule", "redacted", "occurred_at", "source_id"} {
			if !strings.Contains(string(r.Event.Data), `"`+field+`":"`) {
				t.Errorf("%s lacks %s: %s", r.Event.Topic, field, r.Event.Data)
			}
		}
	}
	if len(seen) != 2 {
		t.Errorf("events %v, want findings and quarantine entries", seen)
	}
}

func checkEnvelope(t *testing.T, e event.Event) {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[^/ ]+/[a-z]+$`).MatchString(e.Source) {
		t.Errorf("%s: source %q is not node/service", e.Topic, e.Source)
	}
	if !regexp.MustCompile(`"severity":"(info|low|medium|high|critical)"`).Match(text) {
		t.Errorf("%s: severity is not lower case: %s", e.Topic, text)
	}
}

// In labels of cordon_ and in answers severity is lower case, in those of
// shhh_, whose names are older, upper case.
func TestSeverityIsUpperCaseInOldLabelsOnly(t *testing.T) {
	h := newHouse(t, threeSources)
	h.fillSources()
	c := h.start()
	for _, q := range h.caught(c, 3) {
		if q.Severity != "high" {
			t.Errorf("severity %q in an answer", q.Severity)
		}
	}
	const three = `shhh_secrets_detected_total{secret_type="AWS_ACCESS_KEY",severity="HIGH"} 3`
	page := ""
	h.until("the metrics count what is stored", func() bool { page = h.scrape(); return strings.Contains(page, three) })
	for _, m := range regexp.MustCompile(`(?m)^cordon_.*severity="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if m[1] != strings.ToLower(m[1]) {
			t.Errorf("label %s", m[0])
		}
	}
}

// listens is the address that the node printed.
func (h *house) listens() string {
	h.t.Helper()
	h.until("the address is printed", func() bool { return strings.Contains(h.out.String(), "dashboard") })
	_, addr, _ := strings.Cut(h.out.String(), "http://")
	addr, _, _ = strings.Cut(addr, "\n")
	return addr
}

// What a command does over the control socket, or by itself when no server
// runs, is audited as the local administrator, by the user's name.
func TestTheAuditLogNamesTheUserOfACommand(t *testing.T) {
	h := newHouse(t, "leak: {sources: []}\n")
	add := func(c *client.Client, name string) {
		t.Helper()
		if _, err := c.UserCreate(t.Context(), api.UserRequest{Name: name, Role: "viewer", Password: "correct horse battery"}); err != nil {
			t.Fatal(err)
		}
	}
	alone, done, err := local(t.Context(), h.cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	add(alone, "ada")
	if err := done(); err != nil {
		t.Fatal(err)
	}
	add(h.start(), "bob")
	h.stop()

	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	want := audit.Actor{Kind: "local", Name: me.Username, Role: "admin"}
	records := h.audited()
	if len(records) != 2 {
		t.Fatalf("%d audit records, want 2: %+v", len(records), records)
	}
	for i, r := range records {
		if diff := gocmp.Diff(want, r.Actor); diff != "" || r.Target != []string{"ada", "bob"}[i] {
			t.Errorf("record of %s (-want +got):\n%s", r.Target, diff)
		}
	}
}

// A node is not ready while a source was not tried; one that was tried and
// waits for its path is.
func TestReadinessWaitsForEverySourceToBeTriedOnce(t *testing.T) {
	h := newHouse(t, `leak: {sources: [{id: later, kind: hypercore, path: "DIR/later"}]}`+"\n")
	n := newNode(h.cfg, slog.New(slog.DiscardHandler), io.Discard)
	l := &life{log: n.log}
	all := n.parts()
	untried := all[:indexOf(t, all, "workers")]
	if err := l.start(t.Context(), untried); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]string{"the node is starting"}, n.notReady()); diff != "" {
		t.Errorf("while parts start (-want +got):\n%s", diff)
	}
	n.started.Store(true)
	if diff := gocmp.Diff([]string{"source later was not tried yet"}, n.notReady()); diff != "" {
		t.Errorf("before the workers start (-want +got):\n%s", diff)
	}
	if err := l.stop(time.Minute); err != nil {
		t.Fatal(err)
	}
	c := h.start()
	h.until("readyz", func() bool {
		r, err := http.Get("http://" + h.listens() + "/readyz")
		if err != nil {
			return false
		}
		defer func() { _ = r.Body.Close() }()
		return r.StatusCode == http.StatusOK
	})
	h.until("a source that waits", func() bool { // it was tried as soon as it began to look
		sources, err := c.Sources(t.Context())
		return err == nil && len(sources) == 1 && sources[0].State == "waiting"
	})
}

func indexOf(t *testing.T, parts []part, name string) int {
	t.Helper()
	for i, p := range parts {
		if p.name == name {
			return i
		}
	}
	t.Fatalf("there is no part %q", name)
	return 0
}
