package incident

import (
	"errors"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// snoozed is an incident that was put aside for a day at noon.
func snoozed(t *testing.T) Incident {
	t.Helper()
	i, _ := Open("i1", leaked(), noon)
	c, err := i.Do(Act{Verb: Snooze, By: "ada", Until: noon.Add(24 * time.Hour), Reason: "the owner is away"}, noon)
	if err != nil || c.Kind != Updated || c.Words != "snoozed until 2026-11-22T12:00:00Z: the owner is away" {
		t.Fatalf("%+v, %v", c, err)
	}
	return i
}

// While an incident is put aside repeats are told to nobody; what makes it graver ends
// that, and so does everything that is done to it.
func TestWhatWakesASnoozedIncident(t *testing.T) {
	graver := leaked()
	graver.Severity = event.Critical
	part, _ := Open("i2", graver, noon)
	for name, tt := range map[string]struct {
		do    func(i *Incident) Change
		later time.Duration
		told  ChangeKind
		wakes bool
	}{
		"it is seen again":           {do: func(i *Incident) Change { return i.Observe(leaked(), noon) }},
		"another sensor sees it":     {do: func(i *Incident) Change { return i.Observe(used(), noon) }, told: Updated, wakes: true},
		"it gets graver":             {do: func(i *Incident) Change { return i.Observe(graver, noon) }, told: Updated, wakes: true},
		"a graver one is part of it": {do: func(i *Incident) Change { c, _ := i.Merge(&part, "", noon); return c }, told: Updated, wakes: true},
		"somebody takes it on":       {do: byAda(Act{Verb: Acknowledge}), told: Updated, wakes: true},
		"somebody closes it":         {do: byAda(Act{Verb: Resolve, Reason: "revoked"}), told: Closed, wakes: true},
		"somebody wakes it":          {do: byAda(Act{Verb: Wake}), told: Updated, wakes: true},
		"somebody notes something":   {do: byAda(Act{Verb: Note, Reason: "asked"}), told: Updated},
		"its time comes":             {do: func(*Incident) Change { return Change{} }, later: 24 * time.Hour, wakes: true},
	} {
		i := snoozed(t)
		if c := tt.do(&i); c.Kind != tt.told || i.SnoozedAt(noon.Add(tt.later)) == tt.wakes {
			t.Errorf("%s: told %+v, until %v", name, c, i.SnoozedUntil)
		}
	}
}

func byAda(a Act) func(*Incident) Change {
	a.By = "ada"
	return func(i *Incident) Change {
		c, err := i.Do(a, noon)
		if err != nil {
			panic(err)
		}
		return c
	}
}

func TestSnoozesThatAreRefused(t *testing.T) {
	closed, _ := Open("i1", leaked(), noon)
	byAda(Act{Verb: Resolve, Reason: "revoked"})(&closed)
	open, _ := Open("i2", leaked(), noon)
	for _, tt := range []struct {
		i    Incident
		act  Act
		says string
	}{
		{closed, Act{Verb: Snooze, Until: noon.Add(time.Hour)}, "it is resolved already; reopen it first"},
		{open, Act{Verb: Snooze}, "the time until which it is snoozed must be ahead"},
		{open, Act{Verb: Snooze, Until: noon}, "the time until which it is snoozed must be ahead"},
		{open, Act{Verb: Snooze, Until: noon.Add(MaxSnooze + time.Second)}, "it is snoozed for 90 days at most; what is to be seen no more is ignored, with a reason"},
		{open, Act{Verb: Wake}, "it is not snoozed"},
	} {
		before := tt.i
		_, err := tt.i.Do(tt.act, noon)
		var refused *ActError
		if !errors.As(err, &refused) || refused.Problem != tt.says || tt.i.Version != before.Version {
			t.Errorf("%s until %v: %v", tt.act.Verb, tt.act.Until, err)
		}
	}
}
