//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/bus/natsbus/natstest"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
)

// trio is three nodes with one PostgreSQL and one NATS, and a program whose failed
// logins go to one node after the other, as a load balancer would have it.
type trio struct {
	t     *testing.T
	nodes [3]*node
	db    *dbserver.Server
	hook  *receiver
	from  string

	mu   sync.Mutex
	sent int // records that some node has taken
}

func newTrio(t *testing.T) *trio {
	c := &trio{t: t, db: dbserver.Postgres(t).Private(t), hook: newReceiver(t, signingSecret()), from: "203.0.113.77"}
	nats := natstest.Start(t, "", "", "")
	env := []string{"E2E_STORE_URL=" + c.db.URL(t), "E2E_KEY=" + strings.Repeat("2e", 32)}
	for i, name := range []string{"one", "two", "three"} {
		config := fmt.Sprintf("node: {name: %s}\nfingerprint: {key: \"env:E2E_KEY\", sealing_key: \"env:E2E_KEY\"}\nbus: {url: \"nats://%s\"}\n%s"+
			"notify: {webhooks: [{id: soc, url: %q, secret: \"env:E2E_SIGNING_SECRET\", topics: [\"anomaly.>\"], allow_private: true}]}\n", name, nats.Addr(), storeFromEnv, c.hook.URL)
		if i == 0 {
			c.nodes[i] = newNode(t, config, env...)
		} else {
			c.nodes[i] = newPeer(t, c.nodes[0], config)
		}
		c.nodes[i].start()
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, n := range c.nodes {
				t.Logf("output of a node:\n%s", n.output())
			}
		}
	})
	return c
}

// fail reports failed logins until the given number has been taken. What a node
// does not take is sent to the next one, under the same ids.
func (c *trio) fail(upTo int) {
	const batch = 4
	for at := 0; c.taken() < upTo; at++ {
		n := c.nodes[at%len(c.nodes)]
		if c.report(n, c.taken(), batch) {
			c.mu.Lock()
			c.sent += batch
			c.mu.Unlock()
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (c *trio) taken() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

// report sends records from the given number on to a node, and says whether that has
// taken them.
func (c *trio) report(n *node, from, count int) bool {
	var records []map[string]any
	for i := from; i < from+count; i++ {
		records = append(records, map[string]any{"id": fmt.Sprint("login ", i), "kind": "auth_failed", "time": time.Now().UTC(), "source_ip": c.from, "user": "root"})
	}
	body, err := json.Marshal(records)
	mustDo(c.t, err)
	req, err := http.NewRequest(http.MethodPost, "http://"+n.addr+"/api/v1/events", strings.NewReader(string(body)))
	mustDo(c.t, err)
	req.Header.Set("Authorization", "Bearer "+n.key)
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 30 * time.Second}
	r, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusAccepted
}

// told counts what the webhook said of episodes, by their state.
func (c *trio) told() map[string]int {
	c.hook.mu.Lock()
	defer c.hook.mu.Unlock()
	states, seen := map[string]int{}, map[string]bool{}
	for _, b := range c.hook.bodies {
		var e struct {
			ID   string
			Data struct{ State string }
		}
		mustDo(c.t, json.Unmarshal(b, &e))
		if !seen[e.ID] { // delivered at least once
			states[e.Data.State]++
		}
		seen[e.ID] = true
	}
	return states
}

// Three nodes count together: what is split among them is one episode, told once.
// Nodes that are killed and a database that is away for half a minute lose nothing.
func TestThreeNodesCountTogether(t *testing.T) {
	t.Parallel()
	c := newTrio(t)
	since := time.Now()
	c.fail(12) // ten are too many; no node sees more than four
	eventually(t, time.Minute, "the alert", func() bool { return c.told()["opened"] > 0 })
	t.Logf("told %v after the first of twelve failures", time.Since(since).Round(time.Millisecond))

	for i, n := range c.nodes { // one after the other, whichever counts
		done := make(chan struct{})
		go func() { defer close(done); c.fail(200 * (i + 1)) }()
		eventually(t, time.Minute, "half of it", func() bool { return c.taken() >= 200*i+100 })
		n.kill()
		<-done
		n.start()
	}

	c.db.Stop(t)
	away, before := time.Now(), c.taken()
	c.fail(700)
	c.nodes[2].kill() // with what waits on its disk
	c.fail(800)
	t.Logf("%d records were taken without a database", c.taken()-before)
	time.Sleep(30*time.Second - time.Since(away))
	c.db.Start(t)
	c.nodes[2].start()
	c.fail(1000)

	all := func() []episode { return c.nodes[0].anomalies() }
	eventually(t, 2*time.Minute, "every failure", func() bool { e := all(); return len(e) > 0 && e[0].Count >= c.taken() })
	if e := all(); len(e) != 1 || e[0].Count != c.taken() || e[0].Key != c.from || e[0].ClosedAt != nil {
		t.Errorf("episodes %+v, want one of %d", e, c.taken())
	}
	if told := c.told(); told["opened"] != 1 || told["closed"] != 0 || len(c.hook.bad) > 0 {
		t.Errorf("told %v; bad signatures: %v", told, c.hook.bad)
	}
	for _, n := range c.nodes {
		n.stop()
	}
}
