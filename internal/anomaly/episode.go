package anomaly

import (
	"errors"
	"fmt"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/event"
)

// Global is the key kind of the episode that counts the episodes of a detector that
// were too many to be told of one by one. Its key is the kind of their keys.
const Global = "global"

// What is kept of a key, in characters, and of the latest event's texts, in bytes.
const (
	mostKey    = 190
	mostUser   = 128
	mostDetail = 256
)

// Episode is what one key did, from the event that was too much until it was quiet
// for a whole window.
type Episode struct {
	ID        string
	Kind      string // brute_force, ...
	KeyKind   string // ip, subnet, user, global
	Key       string
	Severity  event.Severity
	SourceIP  string // of the latest event
	User      string // likewise, safe to print
	Detail    string // likewise: the path, the input, the image, the route
	Count     int64  // events, those that led to the threshold included
	Told      int64  // what Count was when it was last told of
	Threshold int
	Window    time.Duration
	OpenedAt  time.Time
	SeenAt    time.Time  // the latest event
	ClosedAt  *time.Time // nil while it is open
}

// named is a key as it is kept: a name full of control characters is long once they are
// escaped, and its end tells nobody apart.
func named(key string) string {
	if len(key) <= mostKey {
		return key
	}
	runes := []rune(key)
	return string(runes[:min(len(runes), mostKey)])
}

// add counts an event, and reports whether the episode has doubled since it was
// last told of.
func (e *Episode) add(ev guard.Event) (doubled bool) {
	e.Count++
	e.latest(ev)
	if e.Count < 2*e.Told {
		return false
	}
	e.Told = e.Count
	return true
}

// latest takes what the newest event says; one that came late says nothing new.
func (e *Episode) latest(ev guard.Event) {
	if ev.Time.Before(e.SeenAt) {
		return
	}
	e.SeenAt = ev.Time
	if ev.Addr.IsValid() {
		e.SourceIP = ev.Addr.Unmap().WithZone("").String()
	}
	if ev.User != "" {
		e.User = guard.Clean(ev.User, mostUser)
	}
	if ev.Detail != "" {
		e.Detail = guard.Clean(ev.Detail, mostDetail)
	}
}

// subject says in short what it is.
func (e Episode) subject() string {
	if e.KeyKind == Global {
		return fmt.Sprintf("%s by many (%s)", e.Kind, e.Key)
	}
	return e.Kind + " by " + e.Key
}

// culprit is the address that did all of it; empty when others may have, too: whoever
// tries his own name last while it is under attack is no attacker.
func (e Episode) culprit() string {
	if e.KeyKind == string(guard.BySource) || e.Count == 1 {
		return e.SourceIP
	}
	return ""
}

// Event is what is said of an episode. That it is over alarms nobody.
func (e Episode) Event(state, source string, now time.Time) (event.Event, error) {
	severity := e.Severity
	if state == event.AnomalyClosed {
		severity = event.Info
	}
	return event.New(event.Header{Time: now, Source: source, Severity: severity, Subject: e.subject(), CorrelationID: e.ID}, event.AnomalyDetected{
		EpisodeID: e.ID, Kind: e.Kind, KeyKind: e.KeyKind, Key: e.Key, SourceIP: e.culprit(), User: e.User, Count: e.Count,
		Threshold: e.Threshold, WindowSeconds: e.Window.Seconds(), Severity: e.Severity.String(), State: state, Detail: e.Detail,
		OpenedAt: e.OpenedAt, ClosedAt: e.ClosedAt, OccurredAt: e.SeenAt,
	})
}

// ErrNotFound says that there is no such episode.
var ErrNotFound = errors.New("there is no such anomaly")

// Filter narrows a list of episodes. What is empty does not.
type Filter struct {
	Open       *bool // only those that are open, or only those that are over
	Kinds      []string
	KeyKind    string
	Key        string
	Severities []event.Severity
}
