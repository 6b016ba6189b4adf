package notify_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/notify"
)

func TestASilentEndpointDelaysOnlyItself(t *testing.T) {
	r, quick := newRig(t), newEndpoint(t, nil)
	silent := newEndpoint(t, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	r.opts.Timeout = time.Hour
	a := hook("a-silent", silent)
	r.store.Put(a)
	r.run()
	r.say(700) // more than the pages the dispatcher reads at first
	r.until("a request that hangs before a long queue", func() bool {
		return len(silent.received()) == 1 && len(r.store.Deliveries("a-silent")) == 700
	})
	r.store.Put(hook("quick", quick))
	r.say(50)
	r.until("50 deliveries to the other", r.delivered("quick", 50))
	if got := len(silent.received()); got != 1 {
		t.Errorf("the silent endpoint got %d requests at once, want 1", got)
	}
}

// A crash is a store that from one call on records nothing more; then a new
// notifier starts on what was committed. It happens at every kind of call.
func TestNothingIsLostAndNoIDChangesOverCrashes(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	want := map[string]bool{}
	for _, operation := range []string{"Cursor", "Events", "ListSubscriptions", "Enqueue", "Due", "NextDue", "Settle"} {
		for nth := range int64(3) {
			for _, e := range r.say(3) {
				want[notify.DeliveryID("soc", e.ID)] = true
			}
			r.crash(operation, nth+1, len(want))
		}
	}
	r.run()
	r.until("all deliveries", r.delivered("soc", len(want)))
	ids := ep.ids()
	distinct := slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(distinct) != len(want) || len(ids) == len(distinct) {
		t.Errorf("%d requests with %d ids arrived; want repeats, and %d ids", len(ids), len(distinct), len(want))
	}
	for _, id := range distinct {
		if !want[id] {
			t.Errorf("id %s belongs to no event", id)
		}
	}
}

// crash runs a notifier until the nth call of an operation, from which on the
// store fails, or until all is delivered.
func (r *rig) crash(operation string, nth int64, all int) {
	r.t.Helper()
	var calls atomic.Int64
	var dead atomic.Bool
	r.store.Fail = func(called string) error {
		if called == operation && calls.Add(1) >= nth {
			dead.Store(true)
		}
		if dead.Load() {
			return errors.New("crashed")
		}
		return nil
	}
	stop := r.run()
	r.until("the crash", func() bool { return dead.Load() || r.delivered("soc", all)() })
	stop()
	r.store.Fail = nil
}

func TestAStoreThatFailsNowAndThenLosesNothing(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	calls := map[string]*atomic.Int64{}
	for _, operation := range []string{"Cursor", "Events", "Enqueue", "Due", "NextDue", "Settle"} {
		calls[operation] = new(atomic.Int64)
	}
	// Each fails at its own third call: counted together, a round of three
	// calls would fail at the same one for ever. Appending is the test's own.
	r.store.Fail = func(operation string) error {
		if n := calls[operation]; n != nil && n.Add(1)%3 == 0 {
			return errors.New("disk is full")
		}
		return nil
	}
	r.run()
	r.say(30)
	r.pass(time.Second, "30 deliveries", r.delivered("soc", 30))
	if got := slices.Compact(slices.Sorted(slices.Values(ep.ids()))); len(got) != 30 {
		t.Errorf("%d different ids arrived, want 30", len(got))
	}
}

func TestAnOutcomeThatCannotBeRecordedIsNotSentAgainAtOnce(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	var away atomic.Bool
	away.Store(true)
	r.store.Fail = func(operation string) error {
		if operation == "Settle" && away.Load() {
			return errors.New("database is locked")
		}
		return nil
	}
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(1)
	r.until("a request", func() bool { return len(ep.received()) == 1 })
	for range 4 {
		r.clock.Advance(time.Second)
	}
	away.Store(false)
	r.pass(time.Second, "delivery", r.delivered("soc", 1))
	if got := len(ep.received()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

func TestStoppingCutsAnAttemptShortAndCountsNoFailure(t *testing.T) {
	r := newRig(t)
	ep := newEndpoint(t, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	r.opts.Timeout = time.Hour
	r.store.Put(hook("soc", ep))
	stop := r.run()
	r.say(1)
	r.until("a request", func() bool { return len(ep.received()) == 1 })
	stop()
	if d := r.store.Deliveries("soc")[0]; d.State != notify.Pending || d.Attempts != 0 {
		t.Errorf("delivery is %s after %d attempts, want pending after 0", d.State, d.Attempts)
	}
	if s := r.subscription("soc"); s.Failures != 0 {
		t.Errorf("%d failures are counted", s.Failures)
	}
}

func TestASilentBusOnlyDelays(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	dead := make(chan struct{})
	r.deps.Wake = dead
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(1)
	r.pass(time.Second, "delivery", r.delivered("soc", 1))
	close(dead) // a bus that ends must not turn the follower into a spin
	r.say(1)
	r.pass(time.Second, "second delivery", r.delivered("soc", 2))
}

func TestWants(t *testing.T) {
	at := time.Now()
	r := newRig(t)
	e := r.say(1)[0] // leak.message.quarantined, high
	for name, tc := range map[string]struct {
		change func(*notify.Subscription)
		want   bool
	}{
		"topic by name":        {func(s *notify.Subscription) { s.Topics = []string{"leak.message.quarantined"} }, true},
		"second pattern":       {func(s *notify.Subscription) { s.Topics = []string{"system.>", "leak.*.quarantined"} }, true},
		"everything":           {func(s *notify.Subscription) { s.Topics = []string{">"} }, true},
		"another topic":        {func(s *notify.Subscription) { s.Topics = []string{"leak.finding.>"} }, false},
		"no topic":             {func(s *notify.Subscription) { s.Topics = nil }, false},
		"as severe as asked":   {func(s *notify.Subscription) { s.MinSeverity = e.Severity }, true},
		"milder than asked":    {func(s *notify.Subscription) { s.MinSeverity = e.Severity + 1 }, false},
		"tripped":              {func(s *notify.Subscription) { s.Enabled, s.AutoDisabledAt = false, &at }, true},
		"paused":               {func(s *notify.Subscription) { s.Enabled = false }, false},
		"enabled after a trip": {func(s *notify.Subscription) { s.AutoDisabledAt = &at }, true},
	} {
		s := notify.Subscription{Topics: []string{"leak.>"}, Enabled: true}
		tc.change(&s)
		if got := s.Wants(e); got != tc.want {
			t.Errorf("%s: %t, want %t", name, got, tc.want)
		}
	}
}

func TestDeliveryIDsAreStableAndDistinct(t *testing.T) {
	if got, want := notify.DeliveryID("soc", "01936d2c-5f8e-7abc-9def-0123456789ab"), "msg_21d3db4927c99f3d01286ca2a1302124"; got != want {
		t.Fatalf("DeliveryID = %s, want %s: an id that changes doubles what is queued", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.StringMatching(`[a-z0-9-]{1,20}`)
		s1, e1, s2, e2 := draw.Draw(t, "s1"), draw.Draw(t, "e1"), draw.Draw(t, "s2"), draw.Draw(t, "e2")
		same := notify.DeliveryID(s1, e1) == notify.DeliveryID(s2, e2)
		if same != (s1 == s2 && e1 == e2) || strings.Contains(notify.DeliveryID(s1, e1), ".") {
			t.Fatalf("ids of (%s, %s) and (%s, %s) equal: %t", s1, e1, s2, e2, same)
		}
	})
}
