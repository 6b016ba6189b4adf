//go:build servers

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiver is a webhook endpoint that checks signatures and counts ids.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	ids    map[string]int
	bodies [][]byte
	bad    []string
}

func newReceiver(t *testing.T, secret string) *receiver {
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{ids: map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err := verifier.Verify(body, req.Header); err != nil {
			r.bad = append(r.bad, err.Error())
		}
		r.ids[req.Header.Get("webhook-id")]++
		r.bodies = append(r.bodies, body)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) distinct() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids)
}

// The sentinel's promise, whole: a Node process writes a log of 5,000 messages,
// 50 of them with a secret in one of six forms, while the server is killed five
// times. Afterwards every secret is one quarantine entry and one webhook, and
// no secret is anywhere. On every database.
func TestNothingIsLostAndNothingLeaksOverFiveKills(t *testing.T) {
	t.Parallel()
	for _, db := range databases() {
		t.Run(db.name, func(t *testing.T) { fiveKills(t, db) })
	}
}

func fiveKills(t *testing.T, db database) {
	t.Parallel()
	const messages, kills = 5000, 5
	r := rand.New(rand.NewPCG(1, 2))
	lines, secrets := story(r, messages, 100)
	signing := "whsec_" + base64.StdEncoding.EncodeToString([]byte(random(r, alnum, 24)))
	hook := newReceiver(t, signing)

	config, env, serverFiles := db.use(t)
	core := filepath.Join(t.TempDir(), "core")
	n := newNode(t, config+fmt.Sprintf(`
leak: {sources: [{id: agents, kind: hypercore, path: %q}]}
notify: {webhooks: [{id: soc, url: %q, secret: "env:E2E_SIGNING_SECRET", topics: [leak.message.quarantined], allow_private: true}]}
`, core, hook.URL), append(env, signingVariable+"="+signing)...)

	n.start()
	done := appendSlowly(t, core, lines)
	for range kills {
		time.Sleep(time.Duration(500+r.IntN(1500)) * time.Millisecond)
		n.kill()
		n.start()
	}
	if err := <-done; err != nil {
		t.Fatalf("writer: %v", err)
	}

	eventually(t, time.Minute, "all entries processed", func() bool {
		_, body := n.get("/api/v1/sources")
		return strings.Contains(string(body), fmt.Sprintf(`"position":%d`, messages-1))
	})
	items, raw := n.quarantine()
	if len(items) != len(secrets) {
		t.Errorf("%d quarantine entries, want %d: %s", len(items), len(secrets), forms)
	}
	checkPositions(t, items, len(secrets))
	eventually(t, time.Minute, fmt.Sprintf("%d webhooks", len(secrets)), func() bool { return hook.distinct() >= len(secrets) })
	if got := hook.distinct(); got != len(secrets) || len(hook.bad) > 0 {
		t.Errorf("%d distinct webhook ids, want %d; bad signatures: %v", got, len(secrets), hook.bad)
	}
	n.stop()

	places := tree(t, n.data)
	places["output of serve"] = []byte(n.output())
	places["API"] = raw
	places["webhooks"] = bytes.Join(hook.bodies, nil)
	maps.Copy(places, serverFiles())
	searchFor(t, places, secrets)
}

// checkPositions makes sure that each secret's own message was found, once.
func checkPositions(t *testing.T, items []map[string]any, secrets int) {
	t.Helper()
	seen := map[float64]bool{}
	for _, it := range items {
		pos, ok := it["hypercore_position"].(float64)
		if !ok || int(pos)%100 != 50 || seen[pos] {
			t.Errorf("entry at position %v (%v), which holds no secret or was found twice", it["hypercore_position"], it["rule"])
		}
		seen[pos] = true
	}
	if len(seen) != secrets {
		t.Errorf("entries at %d positions, want %d", len(seen), secrets)
	}
}

// searchFor looks for every form of every secret in every place.
func searchFor(t *testing.T, places map[string][]byte, secrets []planted) {
	t.Helper()
	if len(places) < 5 {
		t.Fatalf("only %d places to search: the search proves nothing", len(places))
	}
	for _, s := range secrets {
		for _, needle := range []string{
			s.plain, s.wire, escape(s.plain), strings.ToUpper(escape(s.plain)),
			hex.EncodeToString([]byte(s.plain)), base64.StdEncoding.EncodeToString([]byte(s.plain)),
			s.plain[4 : len(s.plain)-4],
		} {
			for name, b := range places {
				if bytes.Contains(b, []byte(needle)) {
					t.Errorf("%s holds a planted secret (%s)", name, s.form)
				}
			}
		}
	}
}

// appendSlowly runs Node, which appends the lines over about ten seconds.
func appendSlowly(t *testing.T, core string, lines []string) <-chan error {
	t.Helper()
	cmd := exec.Command("node", filepath.Join("..", "hypercore-node", "append.mjs"), core, "5")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for i, l := range lines {
			fmt.Fprintln(in, l)
			if i%25 == 24 {
				time.Sleep(50 * time.Millisecond)
			}
		}
		_ = in.Close()
		done <- cmd.Wait()
	}()
	return done
}
