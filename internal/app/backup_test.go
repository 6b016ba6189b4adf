package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/cli"
	"go.cordon.dev/cordon/internal/redact"
)

// receiver counts the webhooks that arrive, by their id.
type receiver struct {
	mu  sync.Mutex
	ids []string
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, q.Header.Get("Webhook-Id"))
}

func (r *receiver) got() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids)
}

// The drill: a node is backed up, lost, and restored elsewhere. It goes on where
// it was: nothing is read, stored or sent a second time, and nothing is lost.
func TestARestoredNodeGoesOnWhereItWas(t *testing.T) {
	hooks := &receiver{}
	server := httptest.NewServer(hooks)
	t.Cleanup(server.Close)
	const passphrase = "a passphrase that is long"
	first := newHouse(t, `
leak: {sources: [{id: chat, kind: bzzz-log, path: DIR/chat.log}]}
notify: {webhooks: [{id: alerts, url: "`+server.URL+`", topics: [leak.message.quarantined], allow_private: true}]}
`)
	log := filepath.Join(first.dir, "chat.log")
	utter(t, log, 0)
	utter(t, log, 1)
	c := first.start()
	first.until("two entries and two webhooks", func() bool { return entries(t, c) == 2 && delivered(t, first) == 2 })
	file := fetchBackup(t, c, api.BackupRequest{WithKeys: true, Passphrase: passphrase})
	first.stop()

	second := newHouse(t, "")
	second.cfg.Leak, second.cfg.Notify = first.cfg.Leak, first.cfg.Notify
	sum, err := restore(t.Context(), second.cfg, bytes.NewReader(file), cli.RestoreOptions{Passphrase: redact.NewSecret(passphrase)})
	if err != nil || sum.Rows["quarantine"] != 2 || len(sum.Keys) != 2 {
		t.Fatalf("restored %+v, %v", sum, err)
	}
	utter(t, log, 2)
	c = second.start()
	second.until("the third entry and its webhook", func() bool { return entries(t, c) >= 3 && hooks.got() >= 3 })
	if n := entries(t, c); n != 3 || hooks.got() != 3 {
		t.Errorf("%d entries, %d webhooks, want 3 of each", n, hooks.got())
	}
	sources, err := c.Sources(t.Context())
	if err != nil || len(sources) != 1 {
		t.Fatalf("%+v, %v", sources, err)
	}
	second.until("the new message to be counted", func() bool { sources, err = c.Sources(t.Context()); return err == nil && sources[0].Messages > 0 })
	if sources[0].Messages != 1 {
		t.Errorf("the restored node read %+v, want the new message only", sources)
	}
	if r, err := c.AuditVerify(t.Context(), nil); err != nil || !r.OK {
		t.Errorf("audit log %+v, %v", r, err)
	}
}

// entries counts quarantine entries.
func entries(t *testing.T, c *client.Client) int {
	t.Helper()
	page, err := c.QuarantineList(t.Context(), client.QuarantineQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Items)
}

// delivered counts the deliveries that the node knows to have arrived: a backup
// made between the arrival and that would send them again.
func delivered(t *testing.T, h *house) (n int) {
	t.Helper()
	res, err := client.OverSocket(filepath.Join(h.data, socketName)).Get(client.LocalURL + "/api/v1/webhooks/alerts/deliveries")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var page api.DeliveryPage
	if err := json.NewDecoder(res.Body).Decode(&page); err != nil {
		t.Fatal(err)
	}
	for _, d := range page.Items {
		if d.State == "delivered" {
			n++
		}
	}
	return n
}

func fetchBackup(t *testing.T, c *client.Client, r api.BackupRequest) []byte {
	t.Helper()
	in, err := c.Backup(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// utter appends a message with a secret to a log.
func utter(t *testing.T, path string, n int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(f, `{"type":"chat","from":"a","timestamp":"2026-03-14T15:00:0%dZ","data":{"key":"%s"},"hop_count":0}`+"\n", n, fakeKey())
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}
