package notify_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/notify/format/pagerduty"
	"go.cordon.dev/cordon/internal/redact"
)

func ada(action string) audit.Entry {
	return audit.Entry{Actor: audit.Actor{Kind: "user", Name: "ada", Role: "admin"}, Action: action}
}

// managed is a notifier that does not run, over an empty store.
func managed(t *testing.T) (*rig, *notify.Notifier) {
	t.Helper()
	r := newRig(t)
	r.deps.Formats = []notify.Format{generic.New(), pagerduty.New()}
	n := newNotifier(t, r)
	t.Cleanup(n.Close)
	return r, n
}

func create(t *testing.T, n *notify.Notifier, h notify.Webhook) redact.Secret {
	t.Helper()
	_, made, err := n.Create(t.Context(), h, ada("webhook.create"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (r *rig) secretOf(name string) string {
	r.t.Helper()
	plain, err := r.deps.Sealer.Open(r.subscription(name).SealedSecret)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(plain)
}

const routingKey = "0123456789abcdefghijABCDEFGHIJ01"

// The server makes a secret where none is given, once; the stored one is that.
func TestASecretIsMadeWhereNoneIsGiven(t *testing.T) {
	r, n := managed(t)
	unsigned, own, keyed := configured(), configured(), configured()
	unsigned.ID, unsigned.Secret = "made", redact.Secret{}
	own.ID = "own"
	keyed.ID, keyed.Format, keyed.Secret = "keyed", "pagerduty", redact.NewSecret(routingKey)
	made := create(t, n, unsigned)
	if s := made.Reveal(); !strings.HasPrefix(s, "whsec_") || len(s) < 38 || r.secretOf("made") != s {
		t.Errorf("made a secret of %d characters, which is stored: %t", len(s), r.secretOf("made") == s)
	}
	for id, want := range map[string]string{"own": own.Secret.Reveal(), "keyed": routingKey} {
		h := own
		if id == "keyed" {
			h = keyed
		}
		if made := create(t, n, h); !made.IsZero() || r.secretOf(id) != want {
			t.Errorf("%s: a secret was made: %t; the given one is stored: %t", id, !made.IsZero(), r.secretOf(id) == want)
		}
	}
	keyed.ID, keyed.Secret = "keyless", redact.Secret{}
	var input *notify.InputError
	if _, _, err := n.Create(t.Context(), keyed, ada("webhook.create")); !errors.As(err, &input) || input.Field != "secret" {
		t.Errorf("a keyed format without a key: %v", err)
	}
}

func TestAChangeKeepsWhatIsNeverShown(t *testing.T) {
	r, n := managed(t)
	create(t, n, configured())
	update := func(c notify.Change) (redact.Secret, error) {
		c.ID = "soc"
		_, made, err := n.Update(t.Context(), c, ada("webhook.update"))
		return made, err
	}
	plain := notify.Webhook{Topics: []string{"system.>"}, Format: "generic"}
	if _, err := update(notify.Change{Webhook: plain}); err != nil {
		t.Fatal(err)
	}
	if s := r.subscription("soc"); s.URL != configured().URL.Reveal() || r.secretOf("soc") != configured().Secret.Reveal() || s.Topics[0] != "system.>" || s.MinSeverity != event.Info {
		t.Errorf("after a change of topics: %+v", s)
	}
	made, err := update(notify.Change{Webhook: plain, NewSecret: true})
	if err != nil || r.secretOf("soc") != made.Reveal() || made.IsZero() {
		t.Errorf("a new secret: %v, stored: %t", err, r.secretOf("soc") == made.Reveal())
	}
	keyed := plain
	keyed.Format = "pagerduty"
	var input *notify.InputError
	if _, err := update(notify.Change{Webhook: keyed}); !errors.As(err, &input) || input.Field != "secret" {
		t.Errorf("a signing secret was taken for a key: %v", err)
	}
	keyed.Secret = redact.NewSecret(routingKey)
	if _, err := update(notify.Change{Webhook: keyed}); err != nil {
		t.Fatal(err)
	}
	if made, err = update(notify.Change{Webhook: plain}); err != nil || made.IsZero() || r.secretOf("soc") == routingKey {
		t.Errorf("back to a signed format: %v; the key is a signing secret now: %t", err, r.secretOf("soc") == routingKey)
	}
	if _, err := update(notify.Change{Webhook: plain, Version: "older"}); !errors.Is(err, notify.ErrVersion) {
		t.Errorf("a change of an older version: %v", err)
	}
	private := plain
	private.URL = redact.NewSecret("http://10.0.0.1/" + hidden)
	if _, err := update(notify.Change{Webhook: private}); !errors.As(err, &input) || input.Field != "url" || strings.Contains(err.Error(), hidden) {
		t.Errorf("a private address: %v", err)
	}
}

func TestThereAreOnlySoManyWebhooks(t *testing.T) {
	_, n := managed(t)
	h := configured()
	for i := range 256 {
		h.ID = fmt.Sprint("w", i)
		create(t, n, h)
	}
	h.ID = "last"
	var input *notify.InputError
	if _, _, err := n.Create(t.Context(), h, ada("webhook.create")); !errors.As(err, &input) || !strings.Contains(input.Why, "remove one first") {
		t.Errorf("the 257th: %v", err)
	}
}

// Active, paused, tripped: what each queues and sends, and how it is left.
func TestTheWayThroughTheStates(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	s := hook("soc", ep)
	s.Managed = false
	r.store.Put(s)
	r.run()
	if _, err := r.n.Pause(t.Context(), "soc", ada("webhook.pause")); err != nil {
		t.Fatal(err)
	}
	r.say(2)
	r.pass(time.Second, "the log to be read", func() bool { return r.read() })
	if got := len(r.store.Deliveries("soc")); got != 0 || r.state() != notify.Paused {
		t.Errorf("%s: %d deliveries are queued, want paused, none", r.state(), got)
	}
	if _, err := r.n.Enable(t.Context(), "soc", ada("webhook.enable")); err != nil {
		t.Fatal(err)
	}
	ep.answer(http.StatusInternalServerError)
	r.say(6)
	r.pass(time.Second, "trip", func() bool { return r.state() == notify.Tripped })
	tripped := r.store.Log()[len(r.store.Log())-1].Event
	if tripped.Topic != event.TopicSubscriptionsChanged || tripped.Severity != event.High || !strings.Contains(tripped.Subject, "soc tripped") {
		t.Errorf("the trip is told as %+v", tripped)
	}
	r.say(1)
	r.pass(time.Second, "the log to be read", func() bool { return r.read() })
	ep.answer(http.StatusOK)
	if _, err := r.n.Enable(t.Context(), "soc", ada("webhook.enable")); err != nil {
		t.Fatal(err)
	}
	if now := r.subscription("soc"); now.Failures != 0 || now.AutoDisabledAt != nil || now.State() != notify.Active {
		t.Errorf("enabled again: %+v", now)
	}
	r.pass(time.Minute, "everything that waited", r.delivered("soc", 7))
}

func (r *rig) state() notify.State { return r.subscription("soc").State() }

// read reports whether the follower has seen all of the log.
func (r *rig) read() bool {
	at, err := r.store.Cursor(r.t.Context(), "notify")
	return err == nil && int(at.Seq) == len(r.store.Log())
}

// 410 Gone is the receiver's way to say: no more (Standard Webhooks 1.0).
func TestGoneTripsAtOnce(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	ep.answer(http.StatusGone)
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(3)
	r.until("trip", func() bool { return r.state() == notify.Tripped })
	if got := len(ep.received()); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

func TestFilters(t *testing.T) {
	r := newRig(t)
	base := r.say(1)[0] // leak.message.quarantined
	with := func(data string) event.Event {
		e := base
		e.Data = []byte(data)
		return e
	}
	finding := with(`{"confidence":0.8,"rule":"github-pat","source_id":"chat"}`)
	for name, tt := range map[string]struct {
		change func(*notify.Subscription)
		event  event.Event
		want   bool
	}{
		"sure enough":               {func(s *notify.Subscription) { s.MinConfidence = 0.8 }, finding, true},
		"not sure enough":           {func(s *notify.Subscription) { s.MinConfidence = 0.81 }, finding, false},
		"says no confidence":        {func(s *notify.Subscription) { s.MinConfidence = 1 }, with(`{"rule":"x"}`), true},
		"confidence 0":              {func(s *notify.Subscription) { s.MinConfidence = 0.1 }, with(`{"confidence":0}`), false},
		"one of the rules":          {func(s *notify.Subscription) { s.Rules = []string{"aws", "github-pat"} }, finding, true},
		"another rule":              {func(s *notify.Subscription) { s.Rules = []string{"aws", "github"} }, finding, false},
		"names no rule":             {func(s *notify.Subscription) { s.Rules = []string{"aws"} }, with(`{"source_id":"chat"}`), true},
		"one of the sources":        {func(s *notify.Subscription) { s.Sources = []string{"chat"} }, finding, true},
		"another source":            {func(s *notify.Subscription) { s.Sources = []string{"logs"} }, finding, false},
		"all have to hold":          {func(s *notify.Subscription) { s.Rules, s.Sources = []string{"github-pat"}, []string{"logs"} }, finding, false},
		"a payload nobody can read": {func(s *notify.Subscription) { s.MinConfidence = 1 }, with(`[]`), true},
	} {
		s := notify.Subscription{Topics: []string{"leak.>"}, Enabled: true}
		tt.change(&s)
		if got := s.Wants(tt.event); got != tt.want {
			t.Errorf("%s: %t, want %t", name, got, tt.want)
		}
	}
}

func TestPresetsBecomeTopics(t *testing.T) {
	leaks, _ := event.FindPreset("Leaks")
	got, err := notify.ExpandTopics([]string{"Leaks", "Leaks"}, []string{"system.bus.health", leaks.Patterns[0]})
	if err != nil || len(got) != len(leaks.Patterns)+1 || got[len(got)-1] != "system.bus.health" {
		t.Errorf("%v, %v", got, err)
	}
	for _, p := range event.Presets() {
		if _, err := notify.ExpandTopics([]string{p.Name}, nil); err != nil {
			t.Error(err)
		}
	}
	if _, err := notify.ExpandTopics([]string{"leaks"}, nil); err == nil || !strings.Contains(err.Error(), "is not one of Leaks, AttackerDetail") {
		t.Errorf("an unknown preset: %v", err)
	}
}
