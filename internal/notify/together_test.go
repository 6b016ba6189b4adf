package notify_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/notify"
)

// settles counts how often outcomes are recorded; each time before one is, spoil is
// asked.
func (r *rig) settles(spoil func(n int64) error) *atomic.Int64 {
	var n atomic.Int64
	r.store.Fail = func(operation string) error {
		if operation != "Settle" {
			return nil
		}
		return spoil(n.Add(1))
	}
	return &n
}

// A failure is recorded after what was delivered before it, and what is behind it waits.
func TestAFailureIsRecordedAfterWhatWasDelivered(t *testing.T) {
	r := newRig(t)
	var asked atomic.Int64
	ep := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 5 {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	r.store.Put(hook("soc", ep))
	r.say(9)
	r.run()
	r.until("the failure to be recorded", func() bool { return r.subscription("soc").Failures == 1 })
	if got := r.states("soc"); got[notify.Delivered] != 4 || got[notify.Pending] != 5 {
		t.Errorf("after the failure: %v", got)
	}
	r.pass(time.Second, "the rest", r.delivered("soc", 9))
	if got := len(ep.received()); got != 10 {
		t.Errorf("%d requests for nine events and one failure", got)
	}
}

// An answer of another kind is recorded as it was, not as those before it.
func TestAnswersThatDifferAreRecordedAsTheyWere(t *testing.T) {
	r := newRig(t)
	var asked atomic.Int64
	ep := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK + int(asked.Add(1)%3))
	})
	r.store.Put(hook("soc", ep))
	r.say(12)
	r.run()
	r.until("all to be delivered", r.delivered("soc", 12))
	count := map[int]int{}
	for _, d := range r.store.Deliveries("soc") {
		count[d.LastStatus]++
	}
	if count[200] != 4 || count[201] != 4 || count[202] != 4 {
		t.Errorf("statuses %v", count)
	}
}

// What could not be recorded comes again, with its id, and nothing else does.
func TestWhatCouldNotBeRecordedComesAgain(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.settles(func(n int64) error {
		if n <= 6 { // as often as one outcome is tried
			return errors.New("the store is away")
		}
		return nil
	})
	r.store.Put(hook("soc", ep))
	r.say(8)
	r.run()
	r.pass(time.Second, "all to be recorded", r.delivered("soc", 8))
	ids, want := ep.ids(), r.inOrder("soc")
	again := ids[min(8, len(ids)):]
	if len(again) == 0 || len(again) > 8 || !slices.Equal(ids[:8], want) || !slices.Equal(again, want[:len(again)]) {
		t.Errorf("%d requests, want eight in order and those again that were not recorded", len(ids))
	}
}

// Webhooks that all lead to one host have a connection each, and keep it while nothing
// is to be said.
func TestWebhooksAtOneHostKeepTheirConnections(t *testing.T) {
	const hooks, rounds = 8, 6
	r := newRig(t)
	var mu sync.Mutex
	all, asked, connections := sync.NewCond(&mu), 0, map[string]bool{}
	ep := newEndpoint(t, func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked, connections[req.RemoteAddr] = asked+1, true
		for round := (asked - 1) / hooks; asked < (round+1)*hooks; { // so many at a time
			all.Wait()
		}
		all.Broadcast()
		w.WriteHeader(http.StatusNoContent)
	})
	for n := range hooks {
		r.store.Put(hook(fmt.Sprint("soc-", n), ep))
	}
	r.run()
	for round := range rounds {
		r.say(1)
		for n := range hooks {
			r.until("all to be delivered", r.delivered(fmt.Sprint("soc-", n), round+1))
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if n := len(connections); n > 2*hooks {
		t.Errorf("%d connections for %d webhooks", n, hooks)
	}
}
