package notify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/notify"
)

func act(action string) audit.Entry {
	return audit.Entry{ID: id.New(), Time: time.Now(), Actor: audit.Actor{Kind: "user", Name: "ada"}, Action: action, Reason: "a drill"}
}

// hour is a silence of an hour for everything below leak.
func (r *rig) hour(change func(*notify.Silence)) notify.Silence {
	s := notify.Silence{Topics: []string{"leak.>"}, MaxSeverity: event.High, Reason: "a drill", By: "ada", Until: r.clock.Now().Add(time.Hour)}
	if change != nil {
		change(&s)
	}
	return s
}

func (r *rig) silence(change func(*notify.Silence)) notify.Silence {
	r.t.Helper()
	s, err := r.n.Silence(r.t.Context(), r.hour(change), act("silence.add"))
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// What is silenced is not sent, but it is in the log and can be sent later.
func TestASilenceHidesUntilItRunsOut(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	r.run()
	s := r.silence(nil)
	r.say(2)
	r.until("two that are silenced", func() bool { return r.states("soc")[notify.Silenced] == 2 })
	if n := len(ep.received()); n != 0 {
		t.Errorf("%d requests were sent meanwhile", n)
	}
	d := r.store.Deliveries("soc")[0]
	if !strings.Contains(d.LastError, s.ID) || !strings.Contains(d.LastError, "ada") || !strings.Contains(d.LastError, "a drill") {
		t.Errorf("the log says %q; want which silence, of whom and why", d.LastError)
	}
	r.clock.Advance(time.Hour)
	r.say(1)
	r.until("one after the hour", r.delivered("soc", 1))
	if _, err := r.n.Redeliver(t.Context(), notify.Resend{SubscriptionID: "soc", DeliveryID: d.ID}, act("webhook.redeliver")); err != nil {
		t.Fatal(err)
	}
	r.until("a silenced one, sent after all", r.delivered("soc", 2))
}

func TestEndingASilenceLetsThrough(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	r.run()
	s := r.silence(nil)
	ended, err := r.n.EndSilence(t.Context(), s.ID, "bob", act("silence.end"))
	if err != nil || ended.EndedAt == nil || ended.EndedBy != "bob" {
		t.Fatalf("%+v, %v", ended, err)
	}
	r.say(1)
	r.until("a delivery", r.delivered("soc", 1))
	if _, err := r.n.EndSilence(t.Context(), s.ID, "bob", act("silence.end")); !errors.Is(err, notify.ErrEnded) {
		t.Errorf("ended twice: %v", err)
	}
	if _, err := r.n.EndSilence(t.Context(), id.New(), "bob", act("silence.end")); !errors.Is(err, notify.ErrNotFound) {
		t.Errorf("ended one that never was: %v", err)
	}
}

// A silence hides what it names, and nothing else.
func TestWhatASilenceHides(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*notify.Silence)
		want   notify.DeliveryState
	}{
		"the topic":                        {nil, notify.Silenced},
		"another topic":                    {func(s *notify.Silence) { s.Topics = []string{"egress.>"} }, notify.Delivered},
		"this webhook":                     {func(s *notify.Silence) { s.Webhooks = []string{"x", "soc"} }, notify.Silenced},
		"another webhook":                  {func(s *notify.Silence) { s.Webhooks = []string{"x"} }, notify.Delivered},
		"milder than the event":            {func(s *notify.Silence) { s.MaxSeverity = event.Medium }, notify.Delivered},
		"the event's rule":                 {func(s *notify.Silence) { s.Rules = []string{"r1", "r"} }, notify.Silenced},
		"another rule":                     {func(s *notify.Silence) { s.Rules = []string{"r1"} }, notify.Delivered},
		"the event's rule, another source": {func(s *notify.Silence) { s.Rules, s.Sources = []string{"r"}, []string{"x"} }, notify.Delivered},
		"the event's secret":               {func(s *notify.Silence) { s.Secrets = []string{"v1:0a:0b"} }, notify.Silenced},
		"another secret, the event's rule": {func(s *notify.Silence) { s.Rules, s.Secrets = []string{"r"}, []string{"v1:0a:0c"} }, notify.Delivered},
		"rule and source":                  {func(s *notify.Silence) { s.Rules, s.Sources = []string{"r"}, []string{"chat"} }, notify.Silenced},
	} {
		t.Run(name, func(t *testing.T) {
			r, ep := newRig(t), newEndpoint(t, nil)
			r.store.Put(hook("soc", ep))
			r.run()
			r.silence(tt.change)
			r.tell(event.High, event.MessageQuarantined{Finding: event.Finding{Rule: "r", Fingerprint: "v1:0a:0b"}, Place: event.Place{SourceID: "chat"}})
			r.until("a delivery that is done", func() bool { return r.states("soc")[tt.want] == 1 })
		})
	}
}

// An event that does not say what a silence asks for is told.
func TestASilenceOfARuleHidesNoEventWithoutOne(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	s := hook("soc", ep)
	s.Topics = []string{"system.bus.health"}
	r.store.Put(s)
	r.run()
	r.silence(func(s *notify.Silence) { s.Topics, s.Rules = []string{">"}, []string{"r"} })
	r.tell(event.Low, event.BusHealth{Kind: "nats"})
	r.until("a delivery", r.delivered("soc", 1))
}

// Whoever could silence everything unseen could hide what comes next.
func TestThatSomebodySilencesIsNeverSilenced(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	s := hook("soc", ep)
	s.Topics = []string{">"}
	r.store.Put(s)
	r.run()
	everything := func(s *notify.Silence) { s.Topics, s.MaxSeverity = []string{">"}, event.Critical }
	r.silence(everything)
	r.silence(everything)
	r.say(1)
	r.until("both silences told, the event not", func() bool {
		return r.states("soc")[notify.Delivered] == 2 && r.states("soc")[notify.Silenced] == 1
	})
}

func TestASilenceMustSayWhatWhyAndHowLong(t *testing.T) {
	r := newRig(t)
	r.run()
	for field, change := range map[string]func(*notify.Silence){
		"reason":   func(s *notify.Silence) { s.Reason = "" },
		"until":    func(s *notify.Silence) { s.Until = r.clock.Now() },
		"topics":   func(s *notify.Silence) { s.Topics = nil },
		"webhooks": func(s *notify.Silence) { s.Webhooks = []string{""} },
		"rules":    func(s *notify.Silence) { s.Rules = []string{"a b"} },
		"sources":  func(s *notify.Silence) { s.Sources = []string{strings.Repeat("x", 200)} },
	} {
		_, err := r.n.Silence(t.Context(), r.hour(change), act("silence.add"))
		var input *notify.InputError
		if !errors.As(err, &input) || input.Field != field {
			t.Errorf("a bad %s: %v", field, err)
		}
	}
	_, err := r.n.Silence(t.Context(), r.hour(func(s *notify.Silence) { s.Until = r.clock.Now().Add(notify.MaxSilence + time.Second) }), act("silence.add"))
	if err == nil || !strings.Contains(err.Error(), "90 days") {
		t.Errorf("a silence without an end: %v", err)
	}
	if all, err := r.n.Silences(t.Context(), "", 10); err != nil || len(all) != 0 {
		t.Errorf("%d were stored, %v", len(all), err)
	}
}
