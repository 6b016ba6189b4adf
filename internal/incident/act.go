package incident

import (
	"fmt"
	"time"
)

// Verb is what a person does with an incident.
type Verb string

// The verbs.
const (
	Acknowledge Verb = "acknowledge" // takes it on
	Resolve     Verb = "resolve"     // it is over; wants a reason
	Ignore      Verb = "ignore"      // it is none; wants a reason
	Reopen      Verb = "reopen"      // opens it again, as nobody's work
	Assign      Verb = "assign"      // gives it to somebody
	Note        Verb = "note"        // writes something down
	Snooze      Verb = "snooze"      // puts it aside until a time, or until it gets graver
	Wake        Verb = "wake"        // undoes that
	Undo        Verb = "undo"        // takes back the last act, see TakeBack
	MergeInto   Verb = "merge"       // makes it a part of another
	SplitOff    Verb = "split"       // gives back what was merged
)

// MaxSnooze is how long an incident can be put aside: what is wanted for longer is to be
// closed, with a reason.
const MaxSnooze = 90 * 24 * time.Hour

// Act is what a person does. The zero Version means whichever it is.
type Act struct {
	Verb     Verb
	By       string
	Reason   string    // of Note the note
	Assignee string    // of Assign; empty: nobody
	Into     string    // of MergeInto: the other's id
	Until    time.Time // of Snooze
	Version  int64     // that the person has seen
}

// ActError is an act that cannot be done, in words for whoever wants it.
type ActError struct{ Problem string }

func (e *ActError) Error() string { return e.Problem }

// Do applies an act. The error is ErrVersion when somebody was faster, or *ActError.
func (i *Incident) Do(a Act, now time.Time) (Change, error) {
	if a.Version != 0 && a.Version != i.Version {
		return Change{}, ErrVersion
	}
	words, err := i.do(a, now)
	if err != nil {
		return Change{}, err
	}
	kind := Updated
	if a.Verb == Resolve || a.Verb == Ignore {
		kind = Closed
	}
	return Change{Kind: kind, Words: words, By: a.By}, nil
}

func (i *Incident) do(a Act, now time.Time) (words string, err error) {
	if i.MergedInto != "" && a.Verb != Note {
		return "", partError(*i)
	}
	switch a.Verb {
	case Acknowledge:
		return i.acknowledge(a, now)
	case Resolve, Ignore:
		return i.finish(a, now)
	case Reopen:
		return i.reopen(a, now)
	case Assign:
		i.Assignee = a.Assignee
		i.touch(now)
		if a.Assignee == "" {
			return because("given to nobody", a.Reason), nil
		}
		return because("given to "+a.Assignee, a.Reason), nil
	case Note:
		if a.Reason == "" {
			return "", &ActError{"a note has no words"}
		}
		i.touch(now)
		return a.Reason, nil
	case Snooze:
		return i.snooze(a, now)
	case Wake:
		return i.wake(a, now)
	}
	return "", &ActError{fmt.Sprintf("%q is not one of acknowledge, resolve, ignore, reopen, assign, note, snooze, wake, undo, merge, split", a.Verb)}
}

// snooze puts it aside: repeats are told to nobody until then. What makes it graver
// wakes it.
func (i *Incident) snooze(a Act, now time.Time) (string, error) {
	switch left := a.Until.Sub(now); {
	case !i.State.Open():
		return "", &ActError{"it is " + string(i.State) + " already; reopen it first"}
	case left <= 0:
		return "", &ActError{"the time until which it is snoozed must be ahead"}
	case left > MaxSnooze:
		return "", &ActError{"it is snoozed for 90 days at most; what is to be seen no more is ignored, with a reason"}
	}
	until := a.Until.UTC().Truncate(time.Second)
	i.SnoozedUntil = &until
	i.touch(now)
	return because("snoozed until "+until.Format(time.RFC3339), a.Reason), nil
}

// because is what was done, and why, if that was said.
func because(done, reason string) string {
	if reason == "" {
		return done
	}
	return done + ": " + reason
}

func (i *Incident) wake(a Act, now time.Time) (string, error) {
	if !i.SnoozedAt(now) {
		return "", &ActError{"it is not snoozed"}
	}
	i.SnoozedUntil = nil
	i.touch(now)
	return because("snoozed no longer", a.Reason), nil
}

func (i *Incident) acknowledge(a Act, now time.Time) (string, error) {
	if i.State != Triggered {
		return "", &ActError{"it is " + string(i.State) + " already"}
	}
	i.State, i.SnoozedUntil = Acknowledged, nil
	if i.Assignee == "" {
		i.Assignee = a.By
	}
	i.touch(now)
	return because("acknowledged", a.Reason), nil
}

// finish closes it; whoever reads it later wants to know why.
func (i *Incident) finish(a Act, now time.Time) (string, error) {
	state, done := Resolved, "resolved"
	if a.Verb == Ignore {
		state, done = Ignored, "ignored"
	}
	switch {
	case !i.State.Open():
		return "", &ActError{"it is " + string(i.State) + " already; reopen it first"}
	case a.Reason == "":
		return "", &ActError{"it is not " + done + " without a reason: say what was done, or why it is none"}
	}
	i.close(state, a.Reason, now)
	return done + ": " + a.Reason, nil
}

func (i *Incident) reopen(a Act, now time.Time) (string, error) {
	if i.State == Triggered {
		return "", &ActError{"it is open, and nobody has taken it on"}
	}
	i.State, i.ClosedAt, i.Reason, i.SnoozedUntil = Triggered, nil, "", nil
	i.touch(now)
	return because("reopened", a.Reason), nil
}

func (i *Incident) touch(now time.Time) {
	i.UpdatedAt = now
	i.Version++
}

// MayMerge says why part cannot become a part of i; nil when it can.
func (i Incident) MayMerge(part Incident, a Act) error {
	switch {
	case a.Version != 0 && a.Version != part.Version:
		return ErrVersion
	case part.ID == i.ID:
		return &ActError{"it cannot be merged into itself"}
	case part.MergedInto != "":
		return &ActError{"it was merged into " + part.MergedInto + " already; split it first"}
	case i.MergedInto != "":
		return &ActError{"the other was itself merged into " + i.MergedInto + ": merge it into that one"}
	case crowded(i, part):
		return &ActError{fmt.Sprintf("together they would have more than %d parts; leave it by itself, or split some off first", MaxParts)}
	}
	return nil
}
