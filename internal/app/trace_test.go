package app

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/telemetry/otlptest"
)

// One message is one trace from its source to the webhook, under the
// correlation id that the quarantine entry and the log show; and nothing of
// the secret is in it.
func TestOneMessageIsOneTrace(t *testing.T) {
	r := otlptest.Start(t)
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(hook.Close)
	h := newHouse(t, `telemetry: {otlp_endpoint: "`+r.URL+`"}
leak: {sources: [{id: inbox, kind: dir, path: "DIR/inbox"}]}
notify: {webhooks: [{id: hook, url: "`+hook.URL+`", topics: [leak.message.quarantined], allow_private: true}]}
`)
	if err := os.Mkdir(filepath.Join(h.dir, "inbox"), 0o700); err != nil {
		t.Fatal(err)
	}
	secret := "AKIA" + "Q3EGUXT5ZLBM2WKH" // cordon:allow
	if err := os.WriteFile(filepath.Join(h.dir, "inbox", "note.txt"), []byte("key "+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	entry := h.caught(h.start(), 1)[0]
	traceID := strings.ReplaceAll(entry.CorrelationID, "-", "")
	steps := map[string]otlptest.Span{}
	h.until("the whole trace", func() bool {
		for _, s := range r.Spans() {
			if s.Trace == traceID {
				steps[s.Name] = s
			}
		}
		return len(steps) == 5
	})
	want := []string{"leak.scan", "message", "notify.deliver", "source.read", "store.commit"}
	if got := slices.Sorted(maps.Keys(steps)); !slices.Equal(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
	root := steps["message"]
	for _, name := range []string{"source.read", "leak.scan", "store.commit"} {
		if s := steps[name]; s.Parent != root.ID || s.From < root.From || s.To > root.To || s.Failed {
			t.Errorf("step %+v is not within %+v", s, root)
		}
	}
	if d := steps["notify.deliver"]; d.Parent != root.ID || d.From < root.From || d.Facts["subscription"] != "hook" || d.Facts["http.status"] != "200" {
		t.Errorf("delivery %+v", d)
	}
	if root.Facts["source.id"] != "inbox" {
		t.Errorf("root %+v", root)
	}
	if strings.Contains(r.Raw(), secret) || strings.Contains(r.Raw(), entry.RedactedContent) {
		t.Error("what the message says is in its trace")
	}
}
