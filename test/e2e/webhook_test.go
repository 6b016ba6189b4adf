//go:build servers

package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// watchAndTell is a node with a drop folder and webhooks, given as YAML lists.
func watchAndTell(t *testing.T, hooks ...string) *bad {
	t.Helper()
	b := newBad(t)
	var list strings.Builder
	for _, h := range hooks {
		list.WriteString("\n    - " + h)
	}
	b.configure("notify:\n  webhooks:" + list.String() + "\n")
	return b
}

func hookTo(id, url string) string {
	return fmt.Sprintf(`{id: %s, url: %q, secret: "env:E2E_SIGNING_SECRET", topics: [leak.message.quarantined], allow_private: true}`, id, url)
}

// signingVariable holds, for every node, what hookTo's webhooks are signed with.
const signingVariable = "E2E_SIGNING_SECRET"

func signingSecret() string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte("no secret, but long enough: 32 b"))
}

// An endpoint that accepts connections and never answers holds up nobody but
// itself, not even when the server is told to stop.
func TestWebhookThatHangs(t *testing.T) {
	t.Parallel()
	good := newReceiver(t, signingSecret())
	var asked atomic.Int32
	release := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(hang.Close)
	t.Cleanup(func() { close(release) })

	b := watchAndTell(t, hookTo("hangs", hang.URL), hookTo("works", good.URL))
	b.start()
	const secrets = 20
	for i := range secrets {
		b.file(fmt.Sprintf("s%d.txt", i), b.secret())
	}
	eventually(t, time.Minute, "the endpoint that hangs is asked", func() bool { return asked.Load() > 0 })
	eventually(t, time.Minute, "all alerts at the endpoint that works", func() bool { return good.distinct() >= secrets })
	b.waitHealth("no answer within")
	started := time.Now()
	b.stop() // must exit 0
	t.Logf("stopped in %v with a request under way", time.Since(started).Round(time.Millisecond))
}

// An endpoint that fails for a while gets everything afterwards, each under the
// one id it had from the start.
func TestWebhookThatFailsAndRecovers(t *testing.T) {
	t.Parallel()
	good := newReceiver(t, signingSecret())
	var failed atomic.Int32
	const failures = 3 // five in a row would switch it off
	ids := map[string]bool{}
	flaky := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if failed.Add(1) <= failures {
			good.mu.Lock()
			ids[r.Header.Get("webhook-id")] = true
			good.mu.Unlock()
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		good.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(flaky.Close)

	b := watchAndTell(t, hookTo("flaky", flaky.URL))
	b.start()
	const secrets = 20
	for i := range secrets {
		b.file(fmt.Sprintf("s%d.txt", i), b.secret())
	}
	eventually(t, 2*time.Minute, "all alerts", func() bool { return good.distinct() >= secrets })
	b.stop()
	good.mu.Lock()
	defer good.mu.Unlock()
	if len(good.ids) != secrets || len(good.bodies) != secrets || len(good.bad) > 0 {
		t.Errorf("%d ids in %d deliveries, want %d of each; bad signatures: %v", len(good.ids), len(good.bodies), secrets, good.bad)
	}
	for id := range ids {
		if good.ids[id] != 1 {
			t.Errorf("the alert that failed under id %s was delivered %d times under it, want once", id, good.ids[id])
		}
	}
}
