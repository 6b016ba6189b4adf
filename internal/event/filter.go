package event

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// ErrNotFound says that the log holds no such event: it never did, or it was dropped
// with its day.
var ErrNotFound = errors.New("no such event")

// Filter narrows a search of the event log; zero fields do not.
type Filter struct {
	Topics        []string   // patterns that CheckPattern accepts; one of them must match
	Severities    []Severity // one of them
	Since         time.Time  // what happened then or later
	Until         time.Time  // what happened before
	Subject       string     // a text that the subject holds, in whatever case
	CorrelationID string     // what one cause led to
}

// Found is what a search of the event log came upon.
type Found struct {
	Records []Record // newest first
	// Next is the number before which the search goes on; 0: there is no more.
	Next int64
	// Back is how far a search looked that gave up before it had enough: the time of
	// the oldest event that it looked at. Zero for one that has enough, or is at the end.
	Back time.Time
}

// Passes reports whether an event is one of those that f asks for.
func (f Filter) Passes(e Event) bool {
	switch {
	case !f.ofTopic(e.Topic):
	case len(f.Severities) > 0 && !slices.Contains(f.Severities, e.Severity):
	case !f.Since.IsZero() && e.Time.Before(f.Since):
	case !f.Until.IsZero() && !e.Time.Before(f.Until):
	case f.CorrelationID != "" && e.CorrelationID != f.CorrelationID:
	default:
		return f.Subject == "" || strings.Contains(strings.ToLower(e.Subject), strings.ToLower(f.Subject))
	}
	return false
}

func (f Filter) ofTopic(topic string) bool {
	return len(f.Topics) == 0 || slices.ContainsFunc(f.Topics, func(p string) bool { return Match(p, topic) })
}
