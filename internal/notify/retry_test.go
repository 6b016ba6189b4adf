package notify_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/notify"
)

func TestWaitsGrowFourfoldUpToTheCap(t *testing.T) {
	most := notify.Retry{Jitter: func(m time.Duration) time.Duration { return m }}
	for failed, want := range map[int]time.Duration{
		1: time.Second, 2: 4 * time.Second, 3: 16 * time.Second, 4: 64 * time.Second, 5: 256 * time.Second,
		6: 1024 * time.Second, 7: time.Hour, 8: time.Hour, 1000: time.Hour,
	} {
		if got := most.Wait(failed, 0); got != want {
			t.Errorf("after %d failures: %s, want %s", failed, got, want)
		}
	}
}

func TestWaitStaysWithinItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		failed := rapid.IntRange(0, 1<<30).Draw(t, "failed")
		asked := time.Duration(rapid.Int64Range(0, 1<<62).Draw(t, "asked"))
		limit := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "cap"))
		got := notify.Retry{Base: time.Millisecond, Cap: limit}.Wait(failed, asked)
		if got < min(asked, limit) || got > limit {
			t.Fatalf("waits %s, want %s to %s", got, min(asked, limit), limit)
		}
	})
}

func TestRetryAfterIsHonouredWithinReason(t *testing.T) {
	for name, tc := range map[string]struct {
		code   int
		header func(now time.Time) string
		want   time.Duration
	}{
		"seconds":            {429, func(time.Time) string { return "120" }, 2 * time.Minute},
		"seconds with 503":   {503, func(time.Time) string { return "30" }, 30 * time.Second},
		"a date":             {429, func(now time.Time) string { return now.Add(5 * time.Minute).Format(http.TimeFormat) }, 5 * time.Minute},
		"shorter than ours":  {429, func(time.Time) string { return "0" }, time.Second},
		"a date in the past": {429, func(now time.Time) string { return now.Add(-time.Hour).Format(http.TimeFormat) }, time.Second},
		"beyond the cap":     {429, func(time.Time) string { return "99999999" }, time.Hour},
		"beyond any number":  {429, func(time.Time) string { return strings.Repeat("9", 40) }, time.Second},
		"nonsense":           {429, func(time.Time) string { return "soon" }, time.Second},
		"negative":           {429, func(time.Time) string { return "-5" }, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			now := r.clock.Now()
			ep := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", tc.header(now))
				w.WriteHeader(tc.code)
			})
			r.store.Put(hook("soc", ep))
			r.run()
			r.say(1)
			r.until("attempt", r.attempted("soc", 1))
			if got := r.store.Deliveries("soc")[0].NextAttempt.Sub(now); got != tc.want {
				t.Errorf("next attempt in %s, want %s", got, tc.want)
			}
		})
	}
}

func TestAFailedDeliveryComesAgainWithTheSameID(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	ep.answer(http.StatusServiceUnavailable)
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(1)
	r.until("first attempt", r.attempted("soc", 1))
	ep.answer(http.StatusOK)
	r.pass(time.Second, "delivery", r.delivered("soc", 1))
	got := ep.received()
	if len(got) != 2 || got[0].id != got[1].id || string(got[0].body) != string(got[1].body) {
		t.Errorf("%d attempts; want two with one id and one body", len(got))
	}
	if s := r.subscription("soc"); s.Failures != 0 {
		t.Errorf("%d failures are counted after a success", s.Failures)
	}
}

func TestADeliveryIsGivenUpInTheEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		retry       notify.Retry
		least, most int // attempts
	}{
		"after its attempts": {notify.Retry{MaxAttempts: 3}, 3, 3},
		"when it is old":     {notify.Retry{MaxAge: 30 * time.Second}, 1, 4},
	} {
		t.Run(name, func(t *testing.T) {
			r, ep := newRig(t), newEndpoint(t, nil)
			tc.retry.Jitter = r.opts.Retry.Jitter
			r.opts = notify.Options{Retry: tc.retry, TripAt: 100, Gather: -1}
			ep.answer(http.StatusBadGateway)
			r.store.Put(hook("soc", ep))
			r.run()
			r.say(1)
			r.pass(time.Second, "dead delivery", func() bool { return r.states("soc")[notify.Dead] == 1 })
			d := r.store.Deliveries("soc")[0]
			if d.Attempts < tc.least || d.Attempts > tc.most || len(ep.received()) != d.Attempts {
				t.Errorf("%d attempts recorded, %d made; want %d to %d", d.Attempts, len(ep.received()), tc.least, tc.most)
			}
		})
	}
}

func TestBreakerTripsAfterFiveFailuresAndKeepsQueueing(t *testing.T) {
	for name, code := range map[string]int{"server fails": 500, "endpoint is gone": 404} {
		t.Run(name, func(t *testing.T) {
			r, ep, other := newRig(t), newEndpoint(t, nil), newEndpoint(t, nil)
			ep.answer(code)
			r.store.Put(hook("soc", ep), hook("other", other))
			r.run()
			said := len(r.say(8))
			r.pass(time.Second, "trip", func() bool { return r.subscription("soc").State() == notify.Tripped })
			if got := len(ep.received()); got != 5 {
				t.Errorf("%d requests before the trip, want 5", got)
			}
			if s := r.subscription("soc"); s.AutoDisabledAt == nil || s.Failures != 5 {
				t.Errorf("disabled at %v after %d failures", s.AutoDisabledAt, s.Failures)
			}
			said += len(r.say(3))
			r.until("deliveries to the other", r.delivered("other", said))
			if got := len(r.store.Deliveries("soc")); got != said {
				t.Errorf("%d deliveries are queued or done, want all %d", got, said)
			}
			ep.answer(http.StatusOK)
			r.clock.Advance(30 * time.Second)
			said += len(r.say(1))
			r.until("another delivery to the other", r.delivered("other", said))
			if got := len(ep.received()); got != 5 {
				t.Errorf("%d requests while tripped, want 5", got)
			}
			r.enable("soc")
			r.pass(time.Minute, "the queue to drain", func() bool { return r.states("soc")[notify.Pending] == 0 })
			if got := r.states("soc"); got[notify.Delivered]+got[notify.Dead] != said || got[notify.Delivered] < said-5 {
				t.Errorf("deliveries %v of %d", got, said)
			}
		})
	}
}

// enable is what an operator does with a tripped subscription.
func (r *rig) enable(name string) {
	s := r.subscription(name)
	s.Enabled, s.Failures, s.AutoDisabledAt = true, 0, nil
	r.store.Put(s)
}

// One event the receiver chokes on holds the others up for a second each time
// it is tried, however often it has failed.
func TestOneEventThatAlwaysFailsTripsNothing(t *testing.T) {
	r := newRig(t)
	id := notify.DeliveryID("soc", r.say(1)[0].ID)
	ep := newEndpoint(t, func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("webhook-id") == id {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	r.store.Put(hook("soc", ep))
	r.opts.Retry.MaxAttempts = 8
	r.run()
	for try := 1; try <= r.opts.Retry.MaxAttempts; try++ {
		if d := r.delivery(id); d.Attempts < try {
			r.clock.Advance(max(0, d.NextAttempt.Sub(r.clock.Now())))
		}
		r.pass(10*time.Millisecond, "an attempt", func() bool { return r.delivery(id).Attempts >= try })
		r.say(1)
		r.until("the next event in the queue", func() bool { return len(r.store.Deliveries("soc")) == try+1 })
		r.clock.Advance(time.Second)
		r.pass(10*time.Millisecond, "the next event's delivery", r.delivered("soc", try))
	}
	if s, dead := r.subscription("soc"), r.states("soc")[notify.Dead]; s.State() != notify.Active || dead != 1 {
		t.Errorf("subscription is %s, %d deliveries dead; want active, 1", s.State(), dead)
	}
}

// delivery is one delivery to soc as it is stored; zero when it isn't yet.
func (r *rig) delivery(id string) (found notify.Delivery) {
	for _, d := range r.store.Deliveries("soc") {
		if d.ID == id {
			found = d
		}
	}
	return found
}

func TestPausedSubscriptionsAreLeftAlone(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	paused := hook("paused", ep)
	paused.Enabled = false
	r.store.Put(paused, hook("soc", ep))
	r.run()
	r.say(2)
	r.until("deliveries", r.delivered("soc", 2))
	if got := r.store.Deliveries("paused"); len(got) != 0 {
		t.Errorf("%d deliveries are queued for a paused subscription", len(got))
	}
}
