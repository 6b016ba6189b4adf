package incident

import "time"

// Deed is an act that can be taken back: how the incident stood before and after it.
type Deed struct {
	Verb          Verb
	By            string
	Words         string // as the timeline has it
	Before, After Footing
}

// Footing is all that an act may change: how the work stands, and whose it is.
type Footing struct {
	Standing
	Assignee string
}

// MaxDeeds is how many acts on an incident can be taken back, one after the other.
const MaxDeeds = 20

// DeedOf is what is kept of an act, to take it back. ok is false of one that changes
// nothing but the timeline, and of a merge and a split, which undo each other.
func DeedOf(a Act, c Change, before, after Incident) (d Deed, ok bool) {
	switch a.Verb {
	case Acknowledge, Resolve, Ignore, Reopen, Assign, Snooze, Wake:
		return Deed{Verb: a.Verb, By: a.By, Words: c.Words, Before: before.footing(), After: after.footing()}, true
	}
	return Deed{}, false
}

func (i Incident) footing() Footing { return Footing{i.standing(), i.Assignee} }

// TakeBack undoes the last act: the incident is what it was before, its owner,
// acknowledgement and snooze too. The zero Deed means that there is none. Nobody takes
// back what another did, or what is not the last thing that happened to how it stands.
// The error is ErrVersion when somebody was faster, or *ActError.
func (i *Incident) TakeBack(d Deed, a Act, now time.Time) (Change, error) {
	if err := i.mayTakeBack(d, a); err != nil {
		return Change{}, err
	}
	if i.stand(d.Before.Standing); i.graverThan(d.Before.Standing) {
		i.SnoozedUntil = nil // who put it aside did not know that
	}
	i.Assignee = d.Before.Assignee
	i.touch(now)
	c := Change{Kind: Updated, Words: "undone: " + d.Words, By: a.By}
	if d.After.State.Open() && !i.State.Open() {
		c.Kind = Closed
	}
	return c.Because(a.Reason), nil
}

func (i Incident) mayTakeBack(d Deed, a Act) error {
	switch {
	case a.Version != 0 && a.Version != i.Version:
		return ErrVersion
	case i.MergedInto != "":
		return partError(i)
	case d.Verb == "":
		return &ActError{"nothing that was done to it can be undone any more"}
	case d.By != a.By:
		return &ActError{"the last who did something to it was " + d.By + " (" + d.Words + "): only they undo that"}
	case !i.standsOn(d.After):
		return &ActError{"it is " + string(i.State) + " now, and not as you left it: something happened since"}
	}
	return nil
}

func (i Incident) standsOn(f Footing) bool {
	until := i.SnoozedUntil == f.SnoozedUntil || i.SnoozedUntil != nil && f.SnoozedUntil != nil && i.SnoozedUntil.Equal(*f.SnoozedUntil)
	return i.State == f.State && i.Reason == f.Reason && i.Assignee == f.Assignee && until
}

// graverThan reports whether it got worse, or another sensor saw it, since it stood so.
func (i Incident) graverThan(s Standing) bool {
	return len(i.Sensors) > s.Sensors || i.Severity > s.Severity
}

func partError(i Incident) error {
	return &ActError{"it was merged into " + i.MergedInto + ": act there, or split it first"}
}
