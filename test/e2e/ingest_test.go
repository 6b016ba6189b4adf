//go:build servers && linux

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// TestEventsOutliveTheStoreAndTheProcess: while another process has the
// database's write lock, events go to the spool; the server is killed; the next
// one stores them, once.
func TestEventsOutliveTheStoreAndTheProcess(t *testing.T) {
	t.Parallel()
	n := newNode(t, "")
	n.start()
	e := quarantined(t)
	if code, got := n.send(e); code != http.StatusAccepted || got.Spooled {
		t.Fatalf("with the store: %d %+v", code, got)
	}
	unlock := lockWriter(t, filepath.Join(n.data, "cordon.db-shm"))
	later := quarantined(t)
	for range 2 {
		if code, got := n.send(later); code != http.StatusAccepted || !got.Spooled {
			t.Fatalf("without the store: %d %+v", code, got)
		}
	}
	n.kill()
	unlock()
	n.start()
	eventually(t, time.Minute, "both entries", func() bool {
		items, _ := n.quarantine()
		return len(items) == 2
	})
	if code, got := n.send(later); code != http.StatusAccepted || got.Accepted != 1 {
		t.Fatalf("again: %d %+v", code, got)
	}
	if items, raw := n.quarantine(); len(items) != 2 {
		t.Errorf("entries %s", raw)
	}
	n.stop()
}

// lockWriter takes the lock that writers of an SQLite database in WAL mode take
// (byte 120 of the shared memory file).
func lockWriter(t *testing.T, path string) (unlock func()) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 120, Len: 1}
	eventually(t, time.Minute, "the write lock", func() bool { return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &lock) == nil })
	return func() { _ = f.Close() }
}

type taken struct {
	Accepted int
	Spooled  bool
}

// send posts one event.
func (n *node) send(e event.Event) (int, taken) {
	n.t.Helper()
	body, err := json.Marshal(map[string]any{"events": []event.Event{e}})
	if err != nil {
		n.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+n.addr+"/api/v1/events", bytes.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+n.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	var got taken
	if err := json.Unmarshal(text, &got); err != nil {
		n.t.Fatalf("%d %s", res.StatusCode, text)
	}
	return res.StatusCode, got
}

// quarantined is an event of the catalogue with ids of its own.
func quarantined(t *testing.T) event.Event {
	t.Helper()
	for _, entry := range event.Catalogue() {
		p, ok := entry.Example.(event.MessageQuarantined)
		if !ok {
			continue
		}
		e, err := event.New(event.Header{Time: time.Now(), Source: "gate-1/gossip", Severity: event.High}, p)
		if err != nil {
			t.Fatal(err)
		}
		p.QuarantineID, p.Index, p.CoreKey, p.MessageID = e.ID, nil, "", "message-"+e.ID
		if e.Data, err = json.Marshal(p); err != nil {
			t.Fatal(err)
		}
		return e
	}
	t.Fatal("the catalogue has no MessageQuarantined")
	return event.Event{}
}
