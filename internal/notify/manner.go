package notify

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // names of time zones mean the same on every machine

	"go.cordon.dev/cordon/internal/event"
)

// Bounds of a digest's period.
const (
	MinDigest = time.Minute
	MaxDigest = 24 * time.Hour
)

// Manner is when a webhook is told of what it wants to hear. The zero value
// tells at once.
type Manner struct {
	// Digest collects what happens for so long and tells it in one message.
	// Periods begin at midnight UTC. If 0, each event is told by itself.
	Digest time.Duration `json:"digest,omitempty"`
	// Quiet are times such as "22:00-07:00" or "sat,sun 00:00-24:00"; what
	// happens then is told in one message when they are over.
	Quiet []string `json:"quiet,omitempty"`
	Zone  string   `json:"zone,omitempty"` // IANA name for Quiet; empty: UTC
	// Urgent is the severity from which on an event is told by itself and at
	// once, whatever the hour. If nil, critical.
	Urgent *event.Severity `json:"urgent,omitempty"`
}

// IsZero reports whether everything is told at once.
func (m Manner) IsZero() bool {
	return m.Digest == 0 && len(m.Quiet) == 0 && m.Zone == "" && m.Urgent == nil
}

// Equal compares.
func (m Manner) Equal(o Manner) bool {
	same := (m.Urgent == nil) == (o.Urgent == nil) && (m.Urgent == nil || *m.Urgent == *o.Urgent)
	return same && m.Digest == o.Digest && m.Zone == o.Zone && slices.Equal(m.Quiet, o.Quiet)
}

// waits reports whether anything is ever held back.
func (m Manner) waits() bool { return m.Digest > 0 || len(m.Quiet) > 0 }

// urgent reports whether an event is told at once.
func (m Manner) urgent(e event.Event) bool { return e.Severity >= m.UrgentFrom() }

// UrgentFrom is the mildest severity that is told at once.
func (m Manner) UrgentFrom() event.Severity {
	if m.Urgent != nil {
		return *m.Urgent
	}
	return event.Critical
}

// when is the time at which an event that came now may be told.
func (m Manner) when(e event.Event, now time.Time) time.Time {
	if !m.waits() || m.urgent(e) {
		return now
	}
	at := now
	if m.Digest > 0 {
		at = now.Truncate(m.Digest).Add(m.Digest)
	}
	quiet, zone, err := m.parse()
	if err != nil { // it was checked; rather an alert at night than none
		return at
	}
	return quietUntil(quiet, at.In(zone)).UTC()
}

func (m Manner) parse() ([]quietTime, *time.Location, error) {
	zone, err := time.LoadLocation(m.Zone)
	if err != nil || m.Zone == "Local" {
		return nil, nil, fmt.Errorf("timezone %.60q is not a name such as Europe/Berlin", m.Zone)
	}
	all := make([]quietTime, 0, len(m.Quiet))
	for _, s := range m.Quiet {
		q, err := parseQuiet(s)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, q)
	}
	return all, zone, nil
}

// Check reports what is wrong with the manner.
func (m Manner) Check() error {
	if f := m.fault(); f != nil {
		return f
	}
	return nil
}

func (m Manner) fault() *InputError {
	if m.Digest != 0 && (m.Digest < MinDigest || m.Digest > MaxDigest || m.Digest%time.Second != 0) {
		return &InputError{"digest", fmt.Sprintf("digest %s is not between %s and %s, in whole seconds", m.Digest, MinDigest, MaxDigest)}
	}
	if len(m.Quiet) > maxQuiet {
		return &InputError{"quiet", fmt.Sprintf("%d quiet times are more than %d", len(m.Quiet), maxQuiet)}
	}
	if _, _, err := (Manner{Zone: m.Zone}).parse(); err != nil {
		return &InputError{"timezone", err.Error()}
	}
	all, zone, err := m.parse()
	if err != nil {
		return &InputError{"quiet", err.Error()}
	}
	if tooQuiet(all, zone) {
		return &InputError{"quiet", "the quiet times leave no pause for more than 60 hours; what waits so long may be given up"}
	}
	return nil
}
