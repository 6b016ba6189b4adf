package incident

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// State is where the work on an incident stands.
type State string

// The states of an incident.
const (
	Triggered    State = "triggered"    // nobody has taken it on
	Acknowledged State = "acknowledged" // somebody has
	Resolved     State = "resolved"     // it is over; it opens again when it is seen again
	Ignored      State = "ignored"      // it is none, for a reason; it stays so
)

// Open reports whether there is something to do.
func (s State) Open() bool { return s == Triggered || s == Acknowledged }

// Sensor is who saw something.
type Sensor string

// The sensors whose observations make incidents.
const (
	Leak      Sensor = "leak"
	Egress    Sensor = "egress"
	Deception Sensor = "deception"
	Anomaly   Sensor = "anomaly"
	Access    Sensor = "access" // Cordon's own door: who used which API key from where
)

// Incident is what people work on.
type Incident struct {
	ID           string
	Key          Key
	Title        string
	Severity     event.Severity
	State        State
	Join         string // one of Joins; empty while one sensor alone saw it
	Sensors      []Sensor
	Observations int
	Regressed    bool // came back after it was resolved
	Rule         string
	SecretType   string
	Redacted     string
	SourceIP     string // of the newest observation that has one
	Program      string // likewise
	Assignee     string
	Reason       string     // why it was closed, in the words of who did
	SnoozedUntil *time.Time // when it is to be looked at again; nil, or past: now
	OpenedAt     time.Time
	SeenAt       time.Time  // the newest observation
	ClosedAt     *time.Time // nil while it is open
	UpdatedAt    time.Time
	Version      int64    // grows with every change
	MergedInto   string   // the incident that it became part of; empty: it stands for itself
	Merged       []string // incidents that became part of it, oldest first

	// Of one that is read to be changed, what a split needs.
	Own    *Look   // of one with parts: what it is without them; nil: as it stands
	Merger *Merger // of a part; nil when it was merged before this was kept
}

// Observation is one thing that a sensor saw.
type Observation struct {
	EventID    string
	Topic      string
	At         time.Time
	Key        Key
	Sensor     Sensor
	Severity   event.Severity
	Rule       string
	SecretType string
	Redacted   string
	SourceIP   string
	Program    string
	Place      string // where, for people: "chat #58321", "paste.example:80"
	Summary    string // what, for people
	Dismissed  string // who says that it is none; then nothing else of it counts
	Reason     string // why, in their words
	By         string // of a Remark: who decided; empty: Cordon
	Planted    string // what of which decky the secret is, as the store knows; empty: it is none of a decky's
	Remark     bool   // it is a line of the timeline, and counts for nothing: what was done about an incident
	Incident   string // of a Remark that names its incident: the id; else Key says which one it is
	Waits      bool   // it is worth nothing by itself, not even of a secret, unless that was planted
}

// Change is what an observation or an act made of an incident.
type Change struct {
	Kind  ChangeKind
	Words string // what is different, for people; empty for Counted
	By    string // who did it; empty: an observation
}

// Because is the change with why it was made, if that was said.
func (c Change) Because(reason string) Change {
	if reason != "" {
		c.Words += " (" + reason + ")"
	}
	return c
}

// ChangeKind is how much of a change it is.
type ChangeKind uint8

// The kinds of change. Counted is told to nobody.
const (
	Counted ChangeKind = iota
	Opened
	Updated
	Closed
)

// Open makes the incident of an observation, and of those that waited for it.
func Open(id string, o Observation, now time.Time, before ...Observation) (Incident, Change) {
	i := Incident{ID: id, Key: o.Key, State: Triggered, OpenedAt: now, UpdatedAt: now, Version: 1}
	for _, b := range before {
		i.add(b)
	}
	i.add(o)
	if i.Join == "" {
		i.Title = i.title(o.Place)
	}
	return i, Change{Kind: Opened, Words: "opened"}
}

// Observe adds an observation.
func (i *Incident) Observe(o Observation, now time.Time) Change {
	if o.Dismissed != "" {
		return i.dismiss(o, now)
	}
	before := *i
	i.add(o)
	return i.news(o, before, *i, now)
}

// SnoozedAt reports whether nobody is to be bothered with it then.
func (i Incident) SnoozedAt(at time.Time) bool {
	return i.State.Open() && i.SnoozedUntil != nil && at.Before(*i.SnoozedUntil)
}

// news is what an observation made of an incident: it tells people what they do not
// know yet. from and to are whoever took it in, before and after: the incident itself
// or one that is a part of it.
func (i *Incident) news(o Observation, from, to Incident, now time.Time) Change {
	i.UpdatedAt = now
	i.Version++
	switch {
	case i.State == Ignored:
		return Change{}
	case i.State == Resolved:
		i.State, i.Regressed, i.ClosedAt, i.Reason = Triggered, true, nil, ""
		return Change{Kind: Updated, Words: "it came back: " + o.Summary}
	case len(to.Sensors) > len(from.Sensors):
		i.SnoozedUntil = nil // who put it aside did not know that
		return Change{Kind: Updated, Words: string(o.Sensor) + " saw it, too: " + o.Summary}
	case to.Severity > from.Severity:
		i.SnoozedUntil = nil
		return Change{Kind: Updated, Words: "it is " + i.Severity.String() + " now: " + o.Summary}
	case to.Observations&(to.Observations-1) == 0 && !i.SnoozedAt(now):
		return Change{Kind: Updated, Words: fmt.Sprintf("it was seen %d times", to.Observations)}
	}
	return Change{}
}

// add takes an observation in.
func (i *Incident) add(o Observation) {
	i.Observations++
	i.Severity = max(i.Severity, o.Severity)
	if at, known := slices.BinarySearch(i.Sensors, o.Sensor); !known {
		i.Sensors = slices.Insert(slices.Clone(i.Sensors), at, o.Sensor)
	}
	i.SeenAt = latest(i.SeenAt, o.At)
	for _, f := range [...]struct {
		to   *string
		from string
	}{{&i.Rule, o.Rule}, {&i.SecretType, o.SecretType}, {&i.Redacted, o.Redacted}} {
		if *f.to == "" {
			*f.to = f.from
		}
	}
	if o.SourceIP != "" {
		i.SourceIP = o.SourceIP
	}
	if o.Program != "" {
		i.Program = o.Program
	}
	i.join(o)
	if i.Own != nil {
		i.Own.add(*i, o)
	}
}

// what names the secret.
func (i *Incident) what() string {
	if i.SecretType != "" {
		return i.SecretType
	}
	return i.Rule
}

func (i *Incident) title(place string) string {
	if i.Key.Kind == Link {
		return "Nodes reach each other without " + place
	}
	if slices.Contains(i.Sensors, Egress) {
		return i.what() + " on its way to " + place
	}
	return i.what() + " in " + place
}

// dismiss closes an incident whose finding somebody has judged to be none.
func (i *Incident) dismiss(o Observation, now time.Time) Change {
	if !i.State.Open() {
		return Change{}
	}
	i.close(Ignored, strings.TrimSuffix("false positive: "+o.Reason, ": "), now)
	return Change{Kind: Closed, Words: "ignored: " + i.Reason, By: o.Dismissed}
}

func (i *Incident) close(s State, reason string, now time.Time) {
	i.State, i.Reason, i.ClosedAt, i.UpdatedAt, i.SnoozedUntil = s, reason, &now, now, nil
	i.Version++
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Errors matched with errors.Is.
var (
	ErrNotFound = errors.New("there is no such incident")
	ErrVersion  = errors.New("the incident has changed")
)

// Filter narrows a list of incidents. What is empty does not.
type Filter struct {
	States      []State
	Severities  []event.Severity
	Assignee    string
	Fingerprint string
	Address     string // in any form; see AddressKey
	Snoozed     *bool  // only those that are put aside now, or only the others
	Order       Order  // how the list is sorted; narrows nothing
}
