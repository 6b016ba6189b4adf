package bzzzlog

import (
	"encoding/json"
	"fmt"
	"time"
)

// Message is what BZZZ nodes send each other.
type Message struct {
	Type      string          `json:"type"`
	From      string          `json:"from"`                // peer id of the sender, as it claims
	Timestamp time.Time       `json:"timestamp"`           // zero when it is missing or not RFC 3339
	Data      json.RawMessage `json:"data"`                // any JSON value; valid as long as the input is
	HopCount  json.Number     `json:"hop_count,omitempty"` // as written; empty when it is missing or no number
}

// ParseMessage reads a message. It is ErrNotMessage when type is not a string
// or data is missing, ErrDuplicate when a member is there twice, ErrSyntax
// when it is not JSON.
func ParseMessage(raw []byte, l Limits) (Message, error) {
	var m rawMessage
	if err := members(raw, l, m.places()); err != nil {
		return Message{}, fmt.Errorf("reading message: %w", err)
	}
	kind, ok := stringOf(m.kind)
	if !ok || m.data == nil {
		return Message{}, fmt.Errorf("reading message: %w: type or data is missing", ErrNotMessage)
	}
	from, _ := stringOf(m.from)
	return Message{Type: kind, From: from, Timestamp: timeOf(m.timestamp), Data: m.data, HopCount: numberOf(m.hops)}, nil
}

type rawMessage struct{ kind, from, timestamp, data, hops json.RawMessage }

func (m *rawMessage) places() map[string]*json.RawMessage {
	return map[string]*json.RawMessage{
		"type": &m.kind, "from": &m.from, "timestamp": &m.timestamp, "data": &m.data, "hop_count": &m.hops,
	}
}

// EncodeMessage writes a message as a node does: compact, members in the order
// type, from, timestamp, data, hop_count.
func EncodeMessage(m Message) ([]byte, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("writing message: %w", err)
	}
	return b, nil
}
