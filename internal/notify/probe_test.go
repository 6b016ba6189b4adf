package notify_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// trip makes a webhook trip on five of eight deliveries.
func (r *rig) trip(ep *endpoint) {
	r.t.Helper()
	ep.answer(http.StatusInternalServerError)
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(8)
	r.pass(time.Second, "trip", func() bool { return r.subscription("soc").State() == notify.Tripped })
}

func TestATrippedWebhookComesBackByItselfWhenItsReceiverDoes(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.trip(ep)
	before := len(ep.received())
	ep.answer(http.StatusNoContent)
	r.pass(time.Second, "everything that waited", r.delivered("soc", 8))
	if s := r.subscription("soc"); s.State() != notify.Active || s.Failures != 0 || s.AutoDisabledAt != nil {
		t.Errorf("it is %s after %d failures", s.State(), s.Failures)
	}
	oldest := slices.MinFunc(r.store.Deliveries("soc"), func(a, b notify.Delivery) int { return strings.Compare(a.Event.ID, b.Event.ID) })
	if got := ep.ids()[before]; got != oldest.ID {
		t.Errorf("the probe was %s, want the oldest, %s", got, oldest.ID)
	}
	var told []string
	for _, e := range r.store.Log() {
		if e.Event.Topic == event.TopicSubscriptionsChanged {
			told = append(told, e.Event.Subject)
		}
	}
	if len(told) != 2 || !strings.Contains(told[1], "accepts again") {
		t.Errorf("told was %q", told)
	}
}

// While the receiver is away it is asked once a minute, then ever more rarely,
// and never with more than one delivery.
func TestProbesAreFewAndOneAtATime(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.trip(ep)
	before, began := len(ep.received()), r.clock.Now()
	r.pass(time.Second, "four probes", func() bool { return len(ep.received()) >= before+4 })
	if spent := r.clock.Now().Sub(began); spent < 7*time.Minute { // 1, 1 + 1, 1 + 1 + 2, 1 + 1 + 2 + 4
		t.Errorf("four probes in %s", spent)
	}
	if s := r.subscription("soc"); s.State() != notify.Tripped {
		t.Errorf("it is %s", s.State())
	}
	if got := slices.Compact(ep.ids()[before:]); len(got) != 1 {
		t.Errorf("the probes were %v, want one delivery", got)
	}
}

func TestAReceiverThatIsGoneIsNotProbed(t *testing.T) {
	r, ep, other := newRig(t), newEndpoint(t, nil), newEndpoint(t, nil)
	ep.answer(http.StatusGone)
	r.store.Put(hook("soc", ep), hook("other", other))
	r.run()
	r.say(3)
	r.pass(time.Second, "trip", func() bool { return r.subscription("soc").State() == notify.Tripped })
	for range 3 {
		r.clock.Advance(time.Hour)
		r.say(1)
	}
	r.pass(time.Second, "the other to hear", r.delivered("other", 6))
	if n := len(ep.received()); n != 1 {
		t.Errorf("it was asked %d times, want once", n)
	}
}

// A person who pauses a webhook while it is probed has the last word.
func TestAProbeDoesNotWakeWhatAPersonPaused(t *testing.T) {
	r, asked, release := newRig(t), make(chan struct{}), make(chan struct{})
	tripping := true
	ep := newEndpoint(t, nil)
	r.trip(ep)
	ep.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if tripping {
			tripping = false
			close(asked)
			<-release
		}
		w.WriteHeader(http.StatusNoContent)
	})
	waitFor := func() bool {
		select {
		case <-asked:
			return true
		default:
			return false
		}
	}
	r.pass(time.Second, "a probe", waitFor)
	s := r.subscription("soc")
	s.Enabled, s.Failures, s.AutoDisabledAt = false, 0, nil
	r.store.Put(s)
	close(release)
	r.pass(time.Second, "the probe's end", r.delivered("soc", 1))
	if got := r.subscription("soc").State(); got != notify.Paused {
		t.Errorf("it is %s, want paused", got)
	}
}
