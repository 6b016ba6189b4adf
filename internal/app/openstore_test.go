package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/store"
)

// A server whose database does not answer waits, says so to whoever asks, and
// stops in order when it is told to. The password is nowhere.
func TestADatabaseThatIsAwayIsWaitedFor(t *testing.T) {
	h := newHouse(t, `store: {url: "postgres://cordon:hunter2@127.0.0.1:1/cordon"}`)
	ctx, cancel := context.WithCancel(t.Context())
	n := newNode(h.cfg, slog.New(slog.NewJSONHandler(&h.log, nil)), &h.out)
	ended := make(chan error, 1)
	go func() { ended <- n.run(ctx) }()
	at := regexp.MustCompile(`http://\S+/readyz`)
	h.until("the waiting room", func() bool { return at.MatchString(h.out.String()) })
	ready := at.FindString(h.out.String())
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": store.ErrUnreachable.Error(), "/api/v1/quarantine": "waits for its database"} {
		status, body := fetch(t, strings.TrimSuffix(ready, "/readyz")+path)
		if ok := status == http.StatusOK; ok != (path == "/healthz") || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	h.until("the log says it twice", func() bool { return strings.Count(h.log.String(), "waiting for the database") > 1 })
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the node ended with: %v", err)
	}
	if all := h.log.String() + h.out.String(); strings.Contains(all, "hunter2") {
		t.Errorf("the password is shown:\n%s", all)
	}
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// A command does not wait: it says at once what is wrong.
func TestACommandDoesNotWaitForTheDatabase(t *testing.T) {
	h := newHouse(t, `store: {url: "mysql://cordon:hunter2@127.0.0.1:1/cordon"}`)
	_, _, err := local(t.Context(), h.cfg, true)
	if err == nil || !strings.Contains(err.Error(), store.ErrUnreachable.Error()) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error = %v", err)
	}
}

// A database that cannot be used is not waited for: nothing would change.
func TestADatabaseThatIsRefusedEndsTheNode(t *testing.T) {
	h := newHouse(t, `store: {url: "sqlite:DIR"}`)
	n := newNode(h.cfg, slog.New(slog.DiscardHandler), io.Discard)
	if err := n.run(t.Context()); err == nil || !strings.Contains(err.Error(), "check that it is a file") {
		t.Errorf("the node ended with: %v", err)
	}
}
