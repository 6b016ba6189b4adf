package notify_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/pagerduty"
)

// A test takes the way of every delivery, whatever the webhook's state, and
// counts neither for nor against it.
func TestATestIsOneRealDelivery(t *testing.T) {
	at := time.Now()
	for name, change := range map[string]func(*notify.Subscription){
		"active":  func(*notify.Subscription) {},
		"paused":  func(s *notify.Subscription) { s.Enabled = false },
		"tripped": func(s *notify.Subscription) { s.Enabled, s.Failures, s.AutoDisabledAt = false, 5, &at },
	} {
		for code, want := range map[int]notify.DeliveryState{200: notify.Delivered, 503: notify.Dead} {
			r, n := managed(t)
			ep := newEndpoint(t, nil)
			ep.answer(code)
			s := hook("soc", ep)
			s.SealedSecret, _ = sealer{'k'}.Seal([]byte("a signing secret of some length"))
			s.Topics = []string{"leak.>"}
			change(&s)
			r.store.Put(s)
			d, err := n.Test(t.Context(), "soc", ada("webhook.test"))
			if err != nil || d.State != want || d.LastStatus != code || d.Attempts != 1 {
				t.Fatalf("%s, HTTP %d: %+v, %v", name, code, d, err)
			}
			got := ep.received()
			if len(got) != 1 || got[0].id != d.ID || verifier(t, "a signing secret of some length").Verify(got[0].body, got[0].header) != nil {
				t.Errorf("%s: the endpoint got %d requests, want one with the id and signature of the delivery", name, len(got))
			}
			if now := r.subscription("soc"); now.Failures != s.Failures || now.State() != s.State() {
				t.Errorf("%s, HTTP %d: now %s with %d failures", name, code, now.State(), now.Failures)
			}
			if all := r.store.Deliveries("soc"); len(all) != 1 || all[0].State != want {
				t.Errorf("%s, HTTP %d: the log has %+v", name, code, all)
			}
		}
	}
}

func TestATestThatIsGivenUpIsNotRecorded(t *testing.T) {
	r, n := managed(t)
	ctx, cancel := context.WithCancel(t.Context())
	ep := newEndpoint(t, func(http.ResponseWriter, *http.Request) { cancel() })
	r.store.Put(hook("soc", ep))
	if _, err := n.Test(ctx, "soc", ada("webhook.test")); !errors.Is(err, context.Canceled) || len(r.store.Deliveries("soc")) != 0 {
		t.Errorf("%v, %d in the log", err, len(r.store.Deliveries("soc")))
	}
	if _, err := n.Test(t.Context(), "none", ada("webhook.test")); !errors.Is(err, notify.ErrNotFound) {
		t.Errorf("a webhook that is not there: %v", err)
	}
}

// A dead letter is delivered under the id it always had, however old it is.
func TestADeadLetterIsSentAgainUnderItsID(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	ep.answer(http.StatusNotFound)
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(3)
	r.pass(time.Second, "dead letters", func() bool { return r.states("soc")[notify.Dead] == 3 })
	r.clock.Advance(100 * time.Hour)
	ep.answer(http.StatusServiceUnavailable) // the first time it fails again: it is not too old to be retried
	if n, err := r.n.Redeliver(t.Context(), notify.Resend{SubscriptionID: "soc", DeliveryID: r.store.Deliveries("soc")[1].ID}, ada("webhook.redeliver")); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	r.until("a failed attempt", func() bool {
		return r.states("soc")[notify.Pending] == 1 && len(ep.received()) == 4 && r.store.Deliveries("soc")[1].Attempts == 1
	})
	ep.answer(http.StatusOK)
	r.pass(time.Second, "delivery", r.delivered("soc", 1))
	if n, err := r.n.Redeliver(t.Context(), notify.Resend{SubscriptionID: "soc"}, ada("webhook.redeliver")); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	r.pass(time.Second, "deliveries", r.delivered("soc", 3))
	count := map[string]int{}
	for _, id := range ep.ids() {
		count[id]++
	}
	if len(count) != 3 {
		t.Errorf("%d ids arrived, want 3: %v", len(count), count)
	}
}

func TestWhatWasDoneLongAgoIsForgotten(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(5)
	r.until("deliveries", r.delivered("soc", 5))
	r.clock.Advance(6 * 24 * time.Hour)
	r.say(1)
	r.pass(time.Second, "delivery", r.delivered("soc", 6))
	r.clock.Advance(25 * time.Hour)
	// In small steps: whoever is slow to tidy must not find the last one old, too.
	r.pass(time.Minute, "the old ones to go", r.delivered("soc", 1))
}

// A receiver that wants a key gets it in the body, and no signature.
func TestAKeyedFormatSendsItsKeyAndNoSignature(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.deps.Formats = []notify.Format{pagerduty.New()}
	s := hook("soc", ep)
	s.Format = "pagerduty"
	s.SealedSecret, _ = sealer{'k'}.Seal([]byte(routingKey))
	r.store.Put(s)
	r.run()
	r.say(1)
	r.until("delivery", r.delivered("soc", 1))
	got := ep.received()[0]
	if got.header.Get("webhook-signature") != "" || !contains(got.body, `"routing_key":"`+routingKey+`"`) {
		t.Errorf("headers %v, body %s", got.header, got.body)
	}
	if text := r.log.String(); contains([]byte(text), routingKey) {
		t.Errorf("the log holds the key:\n%s", text)
	}
	if e := r.store.Log(); e[0].Event.Topic != event.TopicMessageQuarantined {
		t.Errorf("sent %s", e[0].Event.Topic)
	}
}
