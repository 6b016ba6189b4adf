package notify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// digests is a webhook that is told every ten minutes.
func digests(r *rig, ep *endpoint) notify.Subscription {
	s := hook("soc", ep)
	s.Manner = notify.Manner{Digest: 10 * time.Minute}
	r.clock.Advance(r.clock.Now().Truncate(10 * time.Minute).Add(10 * time.Minute).Sub(r.clock.Now()))
	return s
}

// waiting says so many things of two rules and lets them be queued.
func (r *rig) waiting(n int) {
	r.t.Helper()
	before := len(r.store.Deliveries("soc"))
	for i := range n {
		rule := fmt.Sprint("rule-", i%2)
		r.tell(event.High, event.MessageQuarantined{Finding: event.Finding{Rule: rule, SecretType: rule}, Place: event.Place{SourceID: "chat"}})
	}
	r.until("all queued", func() bool { return len(r.store.Deliveries("soc")) == before+n })
}

func digestIn(t *testing.T, g received) (e event.Event, p event.WebhookDigest) {
	t.Helper()
	if err := json.Unmarshal(g.body, &e); err != nil {
		t.Fatal(err)
	}
	if e.Topic != event.TopicWebhookDigest {
		t.Fatalf("%s was sent, want a digest", e.Topic)
	}
	if err := e.Decode(&p); err != nil {
		t.Fatal(err)
	}
	return e, p
}

func TestADigestTellsOfAllInOneMessage(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(digests(r, ep))
	r.run()
	r.waiting(41)
	if n := len(ep.received()); n != 0 {
		t.Fatalf("%d requests before the time", n)
	}
	r.pass(time.Minute, "41 deliveries", r.delivered("soc", 41))
	got := ep.received()
	if len(got) != 1 {
		t.Fatalf("%d requests, want one", len(got))
	}
	e, p := digestIn(t, got[0])
	if p.Count != 41 || len(p.Groups) != 2 || p.Groups[0].Count != 21 || p.Groups[1].Count != 20 || len(p.Groups[0].EventIDs) != 20 ||
		e.Severity != event.High || p.Groups[0].About != "HIGH: rule-0 in chat" {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsUrgentDoesNotWaitForTheDigest(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(digests(r, ep))
	r.run()
	r.waiting(2)
	e := r.tell(event.Critical, event.MessageQuarantined{QuarantineID: "q"})
	r.until("the urgent one", r.delivered("soc", 1))
	if ids := ep.ids(); len(ids) != 1 || ids[0] != notify.DeliveryID("soc", e.ID) {
		t.Errorf("sent were %v", ids)
	}
}

func TestADigestOfOneIsTheEventItself(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(digests(r, ep))
	r.run()
	r.waiting(1)
	r.pass(time.Minute, "one delivery", r.delivered("soc", 1))
	if want := r.store.Deliveries("soc")[0].ID; ep.ids()[0] != want {
		t.Errorf("sent was %s, want %s", ep.ids()[0], want)
	}
}

// A digest that fails comes again whole, with its webhook-id and its body, also
// when others wait by then; it counts as one failure.
func TestADigestThatFailsComesAgainAsItWas(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	ep.answer(http.StatusServiceUnavailable)
	r.store.Put(digests(r, ep))
	r.run()
	r.waiting(5)
	r.pass(time.Minute, "an attempt", r.attempted("soc", 5))
	r.until("a failure for each message, not for each event", func() bool { return r.subscription("soc").Failures == len(ep.received()) })
	r.waiting(3)
	ep.answer(http.StatusNoContent)
	r.pass(time.Second, "the first digest", r.delivered("soc", 5))
	got := ep.received()
	if last := got[len(got)-1]; last.id != got[0].id || string(last.body) != string(got[0].body) {
		t.Errorf("first\n%s %s\nthen\n%s %s", got[0].id, got[0].body, last.id, last.body)
	}
	r.pass(time.Minute, "the second", r.delivered("soc", 8))
	if ids := slices.Compact(ep.ids()); len(ids) != 2 {
		t.Errorf("%d different digests, want 2", len(ids))
	}
}

// Quiet hours end with one message, not with a hundred.
func TestTheMorningIsOneMessage(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	s := hook("soc", ep)
	now := r.clock.Now().UTC()
	s.Manner = notify.Manner{Quiet: []string{now.Add(-time.Hour).Format("15:04") + "-" + now.Add(time.Hour).Format("15:04")}}
	r.store.Put(s)
	r.run()
	r.waiting(100)
	r.pass(time.Minute, "all deliveries", r.delivered("soc", 100))
	if n := len(ep.received()); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
	r.say(1)
	r.until("one by day", r.delivered("soc", 101))
}

// More than one message carries is several, and none of them twice.
func TestALargeDigestIsSeveral(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(digests(r, ep))
	r.run()
	r.waiting(1100)
	r.pass(time.Minute, "all deliveries", r.delivered("soc", 1100))
	total := 0
	for _, g := range ep.received() {
		_, p := digestIn(t, g)
		total += p.Count
	}
	if n := len(ep.received()); n != 3 || total != 1100 {
		t.Errorf("%d messages tell of %d events", n, total)
	}
}
