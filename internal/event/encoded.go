package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Encoded is an event that is known to be valid, with its JSON. Whoever has time
// makes it, so that the one writer of a store need not.
type Encoded struct {
	event Event
	json  string
}

// Encode validates an event and encodes it. The error says what is wrong with it.
func Encode(e Event) (Encoded, error) {
	if err := e.Validate(); err != nil {
		return Encoded{}, err
	}
	if !oneLine(e.Data) {
		var tidy bytes.Buffer
		if err := json.Compact(&tidy, e.Data); err != nil {
			return Encoded{}, fmt.Errorf("encoding event %s: %w", e.ID, err)
		}
		e.Data = tidy.Bytes()
	}
	text, err := e.AppendJSON(nil)
	if err != nil {
		return Encoded{}, err
	}
	return Encoded{e, string(text)}, nil
}

// oneLine reports whether JSON has no line ends: within a text they are escaped.
func oneLine(data []byte) bool { return !bytes.ContainsAny(data, "\r\n") }

// AppendJSON appends an event's JSON to b. Its data is taken as it is, which must be valid:
// of the events that are many, it is nearly all.
func (e Event) AppendJSON(b []byte) ([]byte, error) {
	data := e.Data
	e.Data = placeholder
	head, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encoding event %s: %w", e.ID, err)
	}
	head = head[:len(head)-len(placeholder)-1] // data comes last, before the brace
	b = slices.Grow(b, len(head)+len(data)+1)
	return append(append(append(b, head...), data...), '}'), nil
}

// placeholder stands for the data.
var placeholder = json.RawMessage("0")

// dataKey is what stands before the payload in an event's JSON. Within a text its
// quotes would be escaped, and nothing before the payload is an object.
var dataKey = []byte(`,"data":`)

// Make is New and Encode in one, for whoever makes many: the payload is encoded
// once, and not read again. The id is a UUIDv7.
func Make(h Header, p Payload, eventID string) (Encoded, error) {
	e, err := envelope(h, p, eventID)
	if err != nil {
		return Encoded{}, err
	}
	if err := e.checkHeader(); err != nil {
		return Encoded{}, err
	}
	text, err := json.Marshal(struct {
		Event
		Data Payload `json:"data"` // in the place of the event's
	}{e, p})
	if err != nil {
		return Encoded{}, fmt.Errorf("encoding event %s: %w", e.Topic, err)
	}
	at := bytes.Index(text, dataKey) + len(dataKey)
	e.Data = text[at : len(text)-1 : len(text)-1]
	return Encoded{e, string(text)}, nil
}

// Event is what was encoded; the zero Event when nothing was.
func (e Encoded) Event() Event { return e.event }

// JSON is the event as JSON.
func (e Encoded) JSON() string { return e.json }

// IsZero reports whether nothing was encoded.
func (e Encoded) IsZero() bool { return e.json == "" }
