//go:build servers

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/bus/natsbus/natstest"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
	"go.cordon.dev/cordon/internal/testport"
)

// newPeer makes a node that shares what first works on: its store, with the API
// keys in it, and its environment.
func newPeer(t *testing.T, first *node, config string) *node {
	t.Helper()
	dir := t.TempDir()
	n := &node{t: t, data: filepath.Join(dir, "data"), config: filepath.Join(dir, "cordon.yaml"), addr: testport.Addr(t), key: first.key, env: first.env}
	text := fmt.Sprintf("data: {dir: %q}\napi: {listen: %q}\n%s", n.data, n.addr, config)
	if err := os.WriteFile(n.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "output.log"))
	if err != nil {
		t.Fatal(err)
	}
	n.log = log
	t.Cleanup(func() { _ = log.Close() })
	return n
}

// sourceState is how the one source fares on this node; empty when it does not
// answer.
func (n *node) sourceState() (state, detail string) {
	var list struct {
		Items []struct{ State, Detail string }
	}
	if status, body := n.get("/api/v1/sources"); status != http.StatusOK || json.Unmarshal(body, &list) != nil || len(list.Items) != 1 {
		return "", ""
	}
	return list.Items[0].State, list.Items[0].Detail
}

// watches waits until this node, and not only another, reads the source.
func (n *node) watches(what string) {
	n.t.Helper()
	began := time.Now()
	eventually(n.t, time.Minute, what, func() bool {
		state, _ := n.sourceState()
		return state == "live" || state == "catching_up"
	})
	n.t.Logf("%s: %v", what, time.Since(began).Round(10*time.Millisecond))
}

func (n *node) standsBy(holder string) {
	n.t.Helper()
	eventually(n.t, time.Minute, "standby", func() bool {
		state, detail := n.sourceState()
		return state == "standby" && detail == "node "+holder+" watches it"
	})
}

// knows waits until the other node's workers are in this node's list, which it
// has from the bus.
func (n *node) knows(other string) {
	n.t.Helper()
	eventually(n.t, time.Minute, "the workers of node "+other, func() bool {
		_, body := n.get("/api/v1/workers")
		return bytes.Contains(body, []byte(`"name":"leak-agents","node":"`+other+`"`))
	})
}

// wait waits for the writer.
func wait(t *testing.T, done <-chan error) {
	t.Helper()
	if err := <-done; err != nil {
		t.Fatalf("writer: %v", err)
	}
}

func (n *node) post(path, body string) (int, string) {
	n.t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+n.addr+path, strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+n.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// scanned is how many messages the nodes together have scanned, as the store
// counts them.
func (n *node) scanned() (sum int) {
	n.t.Helper()
	var days struct {
		Items []struct {
			Scanned int `json:"total_messages_scanned"`
		}
	}
	status, body := n.get("/api/v1/metrics/detection")
	if err := json.Unmarshal(body, &days); err != nil || status != http.StatusOK {
		n.t.Fatalf("metrics: %d %s", status, body)
	}
	for _, d := range days.Items {
		sum += d.Scanned
	}
	return sum
}

// Two nodes share one PostgreSQL and one NATS. The source runs on one of them;
// when that is killed, or its worker is stopped from the other node, the other
// takes over. Every message is scanned once, every secret is one quarantine
// entry and one webhook.
func TestTwoNodesShareOneSource(t *testing.T) {
	t.Parallel()
	const messages = 2000
	r := rand.New(rand.NewPCG(5, 6))
	lines, secrets := story(r, messages, 100)
	hook, srv, nats := newReceiver(t, signingSecret()), dbserver.Postgres(t), natstest.Start(t, "", "", "")
	core := filepath.Join(t.TempDir(), "core")
	config := func(name string) string {
		return fmt.Sprintf("node: {name: %s}\nfingerprint: {key: \"env:E2E_KEY\", sealing_key: \"env:E2E_KEY\"}\nbus: {url: \"nats://%s\"}\n%sleak: {sources: [{id: agents, kind: hypercore, path: %q}]}\nnotify: {webhooks: [%s]}\n",
			name, nats.Addr(), storeFromEnv, core, hookTo("soc", hook.URL))
	}
	one := newNode(t, config("one"), "E2E_STORE_URL="+srv.URL(t), "E2E_KEY="+strings.Repeat("1f", 32))
	two := newPeer(t, one, config("two"))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("output of one:\n%s\noutput of two:\n%s", one.output(), two.output())
		}
	})
	one.start()
	done := appendSlowly(t, core, lines[:messages/2])
	one.watches("the first node to begin")
	two.start()
	two.standsBy("one")

	two.knows("one")
	one.kill()
	wait(t, done)
	done = appendSlowly(t, core, lines[messages/2:])
	two.watches("failover after kill -9")
	one.start()
	one.standsBy("two")
	one.knows("two")
	if status, body := one.post("/api/v1/workers/leak-agents/stop", `{"reason":"a test","node":"two"}`); status != http.StatusOK || !strings.Contains(body, `"state":"stopped"`) {
		t.Errorf("stopping the other node's worker: %d %s", status, body)
	}
	one.watches("failover after a stop")

	wait(t, done)
	eventually(t, time.Minute, "all messages", func() bool {
		_, body := one.get("/api/v1/sources")
		return strings.Contains(string(body), fmt.Sprintf(`"position":%d`, messages-1))
	})
	items, _ := two.quarantine()
	if len(items) != len(secrets) {
		t.Errorf("%d quarantine entries, want %d", len(items), len(secrets))
	}
	checkPositions(t, items, len(secrets))
	if got := one.scanned(); got != messages {
		t.Errorf("%d messages were scanned, want each of %d once", got, messages)
	}
	eventually(t, time.Minute, "all webhooks", func() bool { return hook.distinct() >= len(secrets) })
	if got := hook.distinct(); got != len(secrets) || len(hook.bad) > 0 {
		t.Errorf("%d distinct webhook ids, want %d; bad signatures: %v", got, len(secrets), hook.bad)
	}
	one.stop()
	two.stop()
}
