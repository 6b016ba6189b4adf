package notify_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/notify"
)

// A receiver is down for an hour, in which something happens every minute. It is
// tried five times and then probed with the oldest that waits, ever more rarely;
// nobody else waits for it. When it is back it hears everything, once and in order.
func TestAReceiverThatIsDownForAnHour(t *testing.T) {
	r, ep, other := newRig(t), newEndpoint(t, nil), newEndpoint(t, nil)
	ep.answer(http.StatusServiceUnavailable)
	r.store.Put(hook("soc", ep), hook("other", other))
	r.run()
	said := 0
	for range 60 {
		said += len(r.say(1))
		r.until("the other to hear", r.delivered("other", said))
		r.pass(time.Second, "a minute to pass", r.at(time.Duration(said)*time.Minute))
	}
	tries := ep.ids()
	if most := 5 + 6; len(tries) > most { // probes after 1, 1, 2, 4, 8, 16 ... minutes
		t.Errorf("%d requests in the hour, want at most %d", len(tries), most)
	}
	if s := r.subscription("soc"); s.State() != notify.Tripped || r.states("soc")[notify.Pending] != said {
		t.Errorf("it is %s, %v of %d deliveries", s.State(), r.states("soc"), said)
	}
	oldest := r.inOrder("soc")
	if probes := tries[5:]; len(probes) == 0 || len(slices.Compact(slices.Clone(probes))) != 1 || probes[0] != oldest[0] {
		t.Errorf("probed with %v, want the oldest, %s", probes, oldest[0])
	}
	ep.answer(http.StatusNoContent)
	r.pass(time.Minute, "everything that waited", r.delivered("soc", said))
	if got := ep.ids()[len(tries):]; !slices.Equal(got, oldest) {
		t.Errorf("afterwards it heard\n%v, want\n%v", got, oldest)
	}
	if told := r.told("webhook soc "); !slices.Equal(told, []string{"tripped", "accepts"}) {
		t.Errorf("told was %v", told)
	}
}

// at reports that so much time has passed since the first event.
func (r *rig) at(after time.Duration) func() bool {
	first := r.store.Log()[0].Event.Time
	return func() bool { return !r.clock.Now().Before(first.Add(after)) }
}

// inOrder are the webhook-ids of a subscription in the order of what happened.
func (r *rig) inOrder(subscription string) (ids []string) {
	ds := r.store.Deliveries(subscription)
	slices.SortFunc(ds, func(a, b notify.Delivery) int { return strings.Compare(a.Event.ID, b.Event.ID) })
	for _, d := range ds {
		ids = append(ids, d.ID)
	}
	return ids
}

// told is the next word of each event whose subject begins so.
func (r *rig) told(begin string) (words []string) {
	for _, e := range r.store.Log() {
		if rest, ok := strings.CutPrefix(e.Event.Subject, begin); ok {
			word, _, _ := strings.Cut(strings.TrimRight(rest, ":"), " ")
			words = append(words, strings.TrimRight(word, ":"))
		}
	}
	return words
}
