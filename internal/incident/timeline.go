package incident

import (
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// EntryKind is what a line of a timeline is.
type EntryKind string

// The kinds of lines.
const (
	Detection EntryKind = "detection" // a sensor saw something
	Response  EntryKind = "response"  // Cordon did something: refused, withheld, merged
	Human     EntryKind = "human"     // a person did
)

// Entry is a line of an incident's timeline.
type Entry struct {
	ID       string
	At       time.Time
	Kind     EntryKind
	Sensor   Sensor // of a detection or response
	Severity event.Severity
	EventID  string // of the event it comes from; empty for what people do
	Topic    string // likewise
	Words    string
	Place    string
	SourceIP string
	Program  string
	By       string // of Human
	Incident string // of a line that is read: id of the incident that it is of, which may be a part
}

// MaxEntries is how many lines a timeline has that people did not make: when it has a
// quarter more, it is thinned to so many.
const MaxEntries = 1_000

// TooMany reports whether a timeline is to be thinned that has so many lines which
// people did not make.
func TooMany(lines int) bool { return lines >= MaxEntries+MaxEntries/4 }

// Line is an observation's line in the timeline.
func (o Observation) Line(id string) Entry {
	e := Entry{
		ID: id, At: o.At, Kind: Detection, Sensor: o.Sensor, Severity: o.Severity, EventID: o.EventID, Topic: o.Topic,
		Words: o.Summary, Place: o.Place, SourceIP: o.SourceIP, Program: o.Program,
	}
	switch {
	case o.Dismissed != "":
		e.Kind, e.By = Human, o.Dismissed
	case o.Remark && o.By != "":
		e.Kind, e.By = Human, o.By
	case o.Remark:
		e.Kind = Response
	case o.Topic == event.TopicLeakBlocked || o.Topic == event.TopicConnectionDenied:
		e.Kind = Response
	}
	return e
}

// Line is a change's line in the timeline: of a person's act, or of what Cordon did by
// itself.
func (c Change) Line(id string, at time.Time) Entry {
	e := Entry{ID: id, At: at, Kind: Human, Words: c.Words, By: c.By}
	if c.By == "" {
		e.Kind = Response
	}
	return e
}

// Fingerprint is that of an incident's secret; empty when its key is none.
func (i Incident) Fingerprint() string {
	if i.Key.Kind != Secret {
		return ""
	}
	return i.Key.Value
}

// Told is the incident as events tell of it, after a change.
func (i Incident) Told(c Change) event.Incident {
	told := event.Incident{
		IncidentID: i.ID, Title: i.Title, State: string(i.State), Join: i.Join, Observations: i.Observations, Regressed: i.Regressed,
		KeyKind: i.Key.Kind, Key: i.Key.Value, Fingerprint: i.Fingerprint(), Rule: i.Rule, Redacted: i.Redacted, SourceIP: i.SourceIP, Program: i.Program,
		OpenedAt: i.OpenedAt, OccurredAt: i.SeenAt, Change: c.Words, ChangedBy: c.By,
		MergedInto: i.MergedInto,
	}
	for _, s := range i.Sensors {
		told.Sensors = append(told.Sensors, string(s))
	}
	return told
}

// Event is what is told of a change; ok is false when nobody is told.
func (i Incident) Event(c Change, source string, now time.Time) (e event.Event, ok bool, err error) {
	told := i.Told(c)
	var p event.Payload
	switch c.Kind {
	case Opened:
		p = event.IncidentOpened{Incident: told}
	case Updated:
		p = event.IncidentUpdated{Incident: told}
	case Closed:
		p = event.IncidentClosed{Incident: told}
	default:
		return e, false, nil
	}
	e, err = event.New(event.Header{Time: now, Source: source, Severity: i.Severity, Subject: i.Title, CorrelationID: i.ID}, p)
	return e, err == nil, err
}
