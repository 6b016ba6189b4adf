//go:build servers

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// TestAHundredKillsLoseNoAlert kills the real program a hundred times while it
// takes events and delivers them. Every event that it said it had taken arrives
// in the end, under one id each.
func TestAHundredKillsLoseNoAlert(t *testing.T) {
	t.Parallel()
	const kills = 100
	hook := newReceiver(t, signingSecret())
	n := newNode(t, "notify:\n  webhooks:\n    - "+hookTo("soc", hook.URL)+"\n")
	said := map[string]bool{}
	for range kills {
		n.start()
		n.sayUntilKilled(time.Duration(rand.IntN(150))*time.Millisecond, said)
	}
	n.start()
	// Those that arrive may be more: taken, and killed before the answer.
	var arrived map[string]int
	eventually(t, 5*time.Minute, fmt.Sprintf("all %d events", len(said)), func() bool {
		arrived = hook.events(t)
		return missing(said, arrived) == 0
	})
	n.stop()
	arrived = hook.events(t)
	if len(hook.ids) != len(arrived) || len(hook.bad) > 0 {
		t.Errorf("%d webhook-ids for %d events; bad signatures: %v", len(hook.ids), len(arrived), hook.bad)
	}
	if len(said) < kills {
		t.Errorf("only %d events in %d lives: that proves little", len(said), kills)
	}
	t.Logf("%d events in %d lives, %d deliveries", len(said), kills, len(hook.bodies))
}

// missing counts the events that were taken and have not arrived.
func missing(said map[string]bool, arrived map[string]int) (n int) {
	for id := range said {
		if arrived[id] == 0 {
			n++
		}
	}
	return n
}

// sayUntilKilled sends one event after the other, notes those that were taken,
// and kills the server meanwhile.
func (n *node) sayUntilKilled(after time.Duration, said map[string]bool) {
	n.t.Helper()
	var wg sync.WaitGroup
	first := make(chan struct{})
	wg.Go(func() {
		<-first
		time.Sleep(after)
		n.kill()
	})
	for taken := 0; ; taken++ {
		e := quarantined(n.t)
		if !n.takes(e) {
			break
		}
		said[e.ID] = true
		if taken == 0 {
			close(first)
		}
	}
	wg.Wait()
}

// takes reports whether the server says that it has taken an event. When it is
// killed there is no answer.
func (n *node) takes(e event.Event) bool {
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
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusAccepted
}

// events counts what arrived by the event's id.
func (r *receiver) events(t *testing.T) map[string]int {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	arrived := map[string]int{}
	for _, b := range r.bodies {
		var e event.Event
		if err := json.Unmarshal(b, &e); err != nil {
			t.Fatal(err)
		}
		arrived[e.ID]++
	}
	return arrived
}
