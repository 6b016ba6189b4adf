package api

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/egress/policies"
)

// changing is a switch that tells who waits, and counts who asked to be told.
type changing struct {
	mu    sync.Mutex
	on    bool
	wake  chan struct{}
	asked chan struct{} // one for each time that somebody is about to wait
}

func (c *changing) KillSwitch() EgressKillSwitch {
	c.mu.Lock()
	defer c.mu.Unlock()
	return EgressKillSwitch{Active: c.on}
}

func (c *changing) TurnKillSwitch(_ context.Context, on bool, _ audit.Entry) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = on
	close(c.wake)
	c.wake = make(chan struct{})
	return nil
}

func (c *changing) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked <- struct{}{}
	return c.wake
}

func newChanging(t *testing.T) (*node, *changing) {
	t.Helper()
	n, _ := newEgress(t)
	c := &changing{wake: make(chan struct{}), asked: make(chan struct{}, 1000)}
	n.Egress.Switch, n.Egress.Changed = c, c.Changed
	return n, c
}

// wait asks for something else than was seen, in a goroutine of its own, and returns
// when it has begun to wait or was answered.
func (c *changing) wait(t *testing.T, n *node, ctx context.Context, seen string) <-chan *httptest.ResponseRecorder {
	t.Helper()
	answer := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		answer <- n.call(t, request{path: "/api/v1/egress/changes?wait=50&seen=" + seen, key: n.keys[auth.Viewer], ctx: ctx})
	}()
	<-c.asked
	return answer
}

func TestWhoWaitsHearsOfChangesAtOnce(t *testing.T) {
	n, c := newChanging(t)
	look := func(seen string) EgressNow {
		return decode[EgressNow](t, <-c.wait(t, n, t.Context(), seen))
	}
	first := look("")
	if first.Mark == "" || first.KillSwitch.Active || first.Version != 0 {
		t.Fatalf("what nobody has seen is told at once: %+v", first)
	}
	waiting := c.wait(t, n, t.Context(), first.Mark)
	if err := c.TurnKillSwitch(t.Context(), true, audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	on := decode[EgressNow](t, <-waiting)
	if !on.KillSwitch.Active || on.Mark == first.Mark {
		t.Errorf("the switch was turned on: %+v", on)
	}
	if again := look(first.Mark); again != on {
		t.Errorf("who was away when it was turned: %+v", again)
	}
	by := policies.Decision{By: audit.Entry{Actor: audit.Actor{Name: "ada"}}, Reason: "x"}
	if _, err := n.Egress.Policies.Put(t.Context(), []byte(strictPolicy), by); err != nil {
		t.Fatal(err)
	}
	if other := look(on.Mark); other.Version != 1 || other.Mark == on.Mark {
		t.Errorf("another policy: %+v", other)
	}
	if _, err := n.Egress.Policies.Edit(t.Context(), by, policy.SetMode(policy.Audit)); err != nil {
		t.Fatal(err)
	}
	if other := look(on.Mark); other.Version != 2 {
		t.Errorf("a changed policy: %+v", other)
	}
}

// Nobody waits for ever, or without bound, and nobody holds up a server that stops.
func TestWaitingHasAnEnd(t *testing.T) {
	n, c := newChanging(t)
	mark := decode[EgressNow](t, <-c.wait(t, n, t.Context(), "")).Mark
	waiting := c.wait(t, n, t.Context(), mark)
	n.clock.Advance(50 * time.Second)
	if same := decode[EgressNow](t, <-waiting); same.Mark != mark {
		t.Errorf("nothing changed: %+v", same)
	}

	gone, leave := context.WithCancel(t.Context())
	waiting = c.wait(t, n, gone, mark)
	leave()
	<-waiting

	all := make([]<-chan *httptest.ResponseRecorder, waitsPerUser)
	for i := range all {
		all[i] = c.wait(t, n, t.Context(), mark)
	}
	if w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/changes?wait=1&seen="+mark, nil); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("one more than the most: %d", w.Code)
	}
	n.Close()
	for _, waiting := range all {
		if w := <-waiting; w.Code != 503 {
			t.Fatalf("the server stops: %d %s", w.Code, w.Body)
		}
	}
	if w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/changes?wait=51", nil); w.Code != 422 {
		t.Errorf("longer than may be waited: %d", w.Code)
	}
}

func TestWithoutAServerNothingWillChange(t *testing.T) {
	n, _ := newEgress(t)
	if w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/changes", nil); w.Code != 409 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
