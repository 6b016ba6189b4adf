// Package event is Cordon's shared language: the envelope, the topics, the
// severities and the payload of every event that sensors and reactors
// exchange. Sensors never import each other; they meet here.
//
// To add an event: add its topic builder in topic.go, its payload type in one of
// payload*.go (a comment on every field: it becomes documentation), one entry
// in Catalogue, and run
//
//	go test ./internal/event -update
//	go run ./internal/event/gen
//
// Fields are added, never renamed: subscribers out there rely on them.
//
// Level 0: it may import the standard library, internal/id, and go-json-experiment/json,
// which is the standard library's next encoding/json (read.go).
package event

import (
	"encoding/json"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/id"
)

// Event is the envelope, CloudEvents-shaped (CloudEvents 1.0 names `time`,
// `source`, `subject` and `data` the same way).
type Event struct {
	ID            string          `json:"id"`                       // UUIDv7; consumers are idempotent by it
	Topic         string          `json:"topic"`                    // dot-separated tokens, see topic.go
	Time          time.Time       `json:"time"`                     // RFC 3339, UTC
	Source        string          `json:"source"`                   // node/service that says it
	Severity      Severity        `json:"severity"`                 //
	Subject       string          `json:"subject,omitempty"`        // what it is about, for people
	CorrelationID string          `json:"correlation_id,omitempty"` // joins all that one cause led to
	Schema        int             `json:"schema"`                   // version of the payload's shape
	Data          json.RawMessage `json:"data"`                     // the payload, typed per topic
}

// Payload is what an event carries. Every payload type says its topic and the
// version of its shape.
type Payload interface {
	// Topic returns the topic, or why it cannot be built (an id segment with a
	// dot, say).
	Topic() (string, error)
	// Schema is the version of the payload's shape, from 1.
	Schema() int
}

// Header is what the maker of an event says besides the payload.
type Header struct {
	Time          time.Time // Mandatory.
	Source        string    // Mandatory. node/service
	Severity      Severity
	Subject       string // If empty, none.
	CorrelationID string // If empty, none.
}

// New wraps a payload in a fresh envelope. Its time is cut to microseconds,
// which is what every store and the API keep, so that an event is the same
// before and after it is stored.
func New(h Header, p Payload) (Event, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return Event{}, fmt.Errorf("encoding event: %w", err)
	}
	return Wrap(h, p, data)
}

// Wrap is New for a payload that is encoded already: data is its JSON.
func Wrap(h Header, p Payload, data json.RawMessage) (Event, error) {
	e, err := envelope(h, p, id.New())
	e.Data = data
	return e, err
}

// envelope is an event without its data.
func envelope(h Header, p Payload, eventID string) (Event, error) {
	topic, err := p.Topic()
	if err != nil {
		return Event{}, fmt.Errorf("building event: %w", err)
	}
	return Event{
		ID: eventID, Topic: topic, Time: h.Time.UTC().Truncate(time.Microsecond), Source: h.Source, Severity: h.Severity,
		Subject: h.Subject, CorrelationID: h.CorrelationID, Schema: p.Schema(),
	}, nil
}

// Decode reads an event's payload into v.
func (e Event) Decode(v any) error {
	if p, ok := v.(*RecordsReceived); ok && p.Records == nil && p.read(e.Data) { // of which there are very many
		return nil
	}
	if err := json.Unmarshal(e.Data, v); err != nil {
		return fmt.Errorf("decoding payload of %s %s: %w", e.Topic, e.ID, err)
	}
	return nil
}

// Validate reports the first thing wrong with an envelope that came from
// outside.
func (e Event) Validate() error {
	if err := e.checkHeader(); err != nil {
		return err
	}
	if !json.Valid(e.Data) {
		return fmt.Errorf("event %s: data is not JSON", e.ID)
	}
	return nil
}

// checkHeader reports the first thing wrong with all but the data.
func (e Event) checkHeader() error {
	if err := id.Check(e.ID); err != nil {
		return fmt.Errorf("event id: %w", err)
	}
	if err := CheckTopic(e.Topic); err != nil {
		return fmt.Errorf("event topic: %w", err)
	}
	if e.Time.IsZero() || e.Source == "" || e.Schema < 1 {
		return fmt.Errorf("event %s: time, source and schema are mandatory", e.ID)
	}
	if e.Severity < Info || e.Severity > Critical {
		return fmt.Errorf("event %s: severity %d is out of range", e.ID, int(e.Severity))
	}
	return nil
}
