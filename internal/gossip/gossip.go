package gossip

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

const (
	// Silence is how long a gateway may say nothing before it counts as lost.
	Silence = time.Minute
	// MaxGateways bounds how many gateways are remembered: the one that was silent
	// longest is forgotten for a new one.
	MaxGateways = 100
	// MaxBypasses bounds how many pairs of nodes are remembered of one gateway: the one
	// that was seen least lately is forgotten for a new one.
	MaxBypasses = 200
	// MaxMessageID bounds the id of a message, in bytes.
	MaxMessageID = 256
	// MaxFeed is how many changes one page of the feed has.
	MaxFeed = 1000
)

// Kind is what a withheld value is.
type Kind string

// The kinds of values.
const (
	ContentHash Kind = "content_hash" // keyed hash of a whole message
	MessageID   Kind = "message_id"   // id that a message's sender gave it
	Fingerprint Kind = "fingerprint"  // keyed fingerprint of a secret
)

// Origin is what put a value on the list.
type Origin string

// The origins.
const (
	ByQuarantine Origin = "quarantine" // a quarantine entry
	ByPerson     Origin = "person"     // an operator; a review does not undo it
	ByPlaybook   Origin = "playbook"   // a playbook, until somebody undoes it or a review says otherwise
)

// Withheld is a value that gateways keep back, or that they may let pass again.
type Withheld struct {
	Seq       int64 // number of its last change, from 1; it grows in the order of commits
	Kind      Kind
	Value     string
	Blocked   bool // false: it passes again
	Origin    Origin
	Reason    string // for people
	ChangedBy string // who changed it last; empty: a quarantine entry did
	ChangedAt time.Time
}

// Story is what the audit log says of the value.
func (w Withheld) Story() (json.RawMessage, error) {
	said, err := json.Marshal(map[string]any{
		"kind": w.Kind, "value": w.Value, "blocked": w.Blocked, "origin": w.Origin, "reason": w.Reason, "changed_by": w.ChangedBy,
	})
	if err != nil {
		return nil, fmt.Errorf("telling of withheld %s: %w", w.Kind, err)
	}
	return said, nil
}

// Event is what is said when a person changed it. source is node/service.
func (w Withheld) Event(source string) (event.Event, error) {
	severity := event.Info
	if w.Blocked {
		severity = event.Medium
	}
	e, err := event.New(event.Header{Time: w.ChangedAt, Source: source, Severity: severity, Subject: w.Value}, event.WithheldChanged{
		MessageID: w.Value, Blocked: w.Blocked, Reason: w.Reason, ChangedBy: w.ChangedBy,
	})
	if err != nil {
		return e, fmt.Errorf("telling of a withheld message: %w", err)
	}
	return e, nil
}

// Gateway is a gateway as it last reported.
type Gateway struct {
	event.GatewayReported           // State may be lost
	Since                 time.Time // when it entered its state
	FirstAt               time.Time // when it was first heard of
	ReportedAt            time.Time // when it made its last report, by its own clock
	SeenAt                time.Time // when the last report was stored
	Bypasses              []Bypass  // pairs of nodes that reach each other without it, the latest first
}

// Bypass is a pair of nodes that reach each other without their gateway.
type Bypass struct {
	PeerA, PeerB string
	Topic        string // pubsub topic of the last message that showed it
	MessageID    string // that message
	Evidence     string
	FirstAt      time.Time
	LastAt       time.Time
}

// Lost is the event that a gateway fell silent.
func Lost(g event.GatewayReported, source string, now time.Time) (event.Event, error) {
	g.State = event.GatewayLost
	e, err := event.New(event.Header{Time: now, Source: source, Severity: event.Medium, Subject: g.GatewayID}, g)
	if err != nil {
		return e, fmt.Errorf("telling that gateway %q is lost: %w", g.GatewayID, err)
	}
	return e, nil
}

// News reports whether a report says what people do not know from the one before:
// another state, version or listener. What only counts on is none.
func News(before, now event.GatewayReported) bool {
	if before.State != now.State || before.Version != now.Version || len(before.Listeners) != len(now.Listeners) {
		return true
	}
	for i, l := range now.Listeners {
		if b := before.Listeners[i]; b.Side != l.Side || b.PeerID != l.PeerID {
			return true
		}
	}
	return false
}

// Errors of blocks, matched with errors.Is.
var (
	// ErrBlocked: an operator has the message withheld already.
	ErrBlocked = errors.New("the message is withheld already")
	// ErrNotBlocked: the message is not withheld.
	ErrNotBlocked = errors.New("the message is not withheld")
)
