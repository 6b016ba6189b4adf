package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"go.cordon.dev/cordon/internal/event"
)

// maxText bounds one text of an event, maxPayload its payload, in bytes.
const (
	maxText    = 4 << 10
	maxPayload = 64 << 10
)

// acceptable is one kind of event that may come from outside: the pattern of
// its topics, how large its payload may be, and how it is read, checked, and written
// again.
type acceptable struct {
	pattern string
	most    int // bytes of data
	read    func(e event.Event, redact func(string) string) (event.Payload, error)
}

// acceptables lists what other processes send. Everything else in the catalogue
// is said by the node itself, and refused.
func acceptables() []acceptable {
	return []acceptable{
		{event.TopicFindingDetected, maxPayload, read[event.FindingDetected](checkFinding)},
		{event.TopicMessageQuarantined, maxPayload, read[event.MessageQuarantined](checkQuarantined)},
		{"leak.source.*.state", maxPayload, read[event.SourceStateChanged](checkState)},
		{"leak.gateway.*.state", maxReport, read[event.GatewayReported](checkGateway)},
		{"leak.gateway.*.bypass", maxPayload, read[event.GatewayBypassed](checkBypass)},
	}
}

// Topics are the patterns of the topics that may come from outside.
func Topics() []string {
	var out []string
	for _, a := range acceptables() {
		out = append(out, a.pattern)
	}
	return out
}

// accept checks an event and returns it with what it says redacted.
func accept(e event.Event, redact func(string) string) (event.Event, error) {
	if err := e.Validate(); err != nil {
		return e, err
	}
	all := acceptables()
	i := slices.IndexFunc(all, func(a acceptable) bool { return event.Match(a.pattern, e.Topic) })
	if i < 0 {
		return e, fmt.Errorf("topic %q is not one of those that may come from outside: %v", e.Topic, Topics())
	}
	if most := all[i].most; len(e.Data) > most || len(e.Source) > 128 || len(e.Subject) > maxText || len(e.CorrelationID) > 64 {
		return e, fmt.Errorf("it is too large: at most %d bytes of data, 128 of source, %d of subject, 64 of correlation_id", most, maxText)
	}
	p, err := all[i].read(e, redact)
	if err != nil {
		return e, fmt.Errorf("data of %s: %w", e.Topic, err)
	}
	if topic, err := p.Topic(); err != nil || topic != e.Topic || p.Schema() != e.Schema {
		return e, fmt.Errorf("topic %q, schema %d: the data is that of %q, schema %d", e.Topic, e.Schema, topic, p.Schema())
	}
	if e.Data, err = json.Marshal(p); err != nil {
		return e, fmt.Errorf("data of %s: %w", e.Topic, err)
	}
	e.Time, e.Source, e.Subject, e.CorrelationID = e.Time.UTC(), redact(e.Source), redact(e.Subject), redact(e.CorrelationID)
	return e, nil
}

// read makes a reader of one type of payload: unknown fields are refused.
func read[P event.Payload](check func(*P, event.Event, func(string) string) error) func(event.Event, func(string) string) (event.Payload, error) {
	return func(e event.Event, redact func(string) string) (event.Payload, error) {
		var p P
		d := json.NewDecoder(bytes.NewReader(e.Data))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			return nil, errors.New("it does not have the fields of this event, or values of another type")
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return nil, errors.New("something follows the JSON object")
		}
		return p, check(&p, e, redact)
	}
}

// The forms of what is not redacted, because it is no text.
var (
	printForm = regexp.MustCompile(`^v1:[0-9a-f]{8}:[0-9a-f]{64}$`)
	coreForm  = regexp.MustCompile(`^([0-9a-f]{64})?$`)
	nameForm  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$`)
)
