package notify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

func TestStepsThatCannotBeAreRefused(t *testing.T) {
	at := func(after ...time.Duration) (steps []notify.Step) {
		for _, a := range after {
			steps = append(steps, notify.Step{After: a, To: "oncall"})
		}
		return steps
	}
	for want, steps := range map[string][]notify.Step{
		"after 30s is not between 1m0s and 168h0m0s":    at(30 * time.Second),
		"after 168h0m1s is not between":                 at(168*time.Hour + time.Second),
		"in whole seconds":                              at(time.Minute + time.Millisecond),
		"after 15m0s does not come later than the step": at(15*time.Minute, 15*time.Minute),
		"9 steps are more than 8":                       at(make([]time.Duration, 9)...),
		"to: id must be 1 to 64 letters":                {{After: time.Minute, To: "on call"}},
	} {
		if err := notify.CheckSteps(steps); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", steps, err, want)
		}
	}
	if err := notify.CheckSteps(at(time.Minute, time.Hour, notify.MaxAfter)); err != nil {
		t.Error(err)
	}
}

// Whoever names a webhook that there is not hears of it, when it is made or changed.
func TestStepsLeadToWebhooks(t *testing.T) {
	_, n := managed(t)
	soc := configured()
	soc.Escalate = []notify.Step{{After: time.Hour, To: "oncall"}}
	var input *notify.InputError
	if _, _, err := n.Create(t.Context(), soc, ada("webhook.create")); !errors.As(err, &input) || input.Field != "escalate" || !strings.Contains(input.Why, `"oncall"`) {
		t.Errorf("a step that leads nowhere: %v", err)
	}
	oncall := configured()
	oncall.ID = "oncall"
	oncall.Escalate = []notify.Step{{After: time.Hour, To: "oncall"}} // a reminder
	create(t, n, oncall)
	create(t, n, soc)
	soc.Escalate = []notify.Step{{After: time.Hour, To: "nobody"}}
	if _, _, err := n.Update(t.Context(), notify.Change{Webhook: soc}, ada("webhook.update")); !errors.As(err, &input) || input.Field != "escalate" {
		t.Errorf("a change to a step that leads nowhere: %v", err)
	}
	if s, err := n.Get(t.Context(), "soc"); err != nil || len(s.Escalate) != 1 || s.Escalate[0].To != "oncall" {
		t.Errorf("%+v, %v", s.Escalate, err)
	}
}

// A step tells whom it names, whatever else that webhook wants to hear; nobody paused.
func TestAStepTellsWhomItNames(t *testing.T) {
	e, err := event.New(event.Header{Source: "n/notify", Severity: event.Low, Time: time.Now()},
		event.IncidentEscalated{Incident: event.Incident{IncidentID: "a"}, Webhook: "soc", To: "oncall", Step: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"oncall": true, "soc": false, "boss": false} {
		s := notify.Subscription{ID: name, Topics: []string{"system.>"}, MinSeverity: event.Critical, Enabled: true}
		if got := s.Wants(e); got != want {
			t.Errorf("%s: %t", name, got)
		}
		if s.Enabled = false; s.Wants(e) {
			t.Errorf("%s is paused and wants it", name)
		}
	}
}
