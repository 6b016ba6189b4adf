package event

import "time"

// KeyUsed: an API key was used from an address for the first time, or again after a
// day.
type KeyUsed struct {
	KeyID      string    `json:"key_id"`      // id of the key
	Key        string    `json:"key"`         // its name
	Role       string    `json:"role"`        // what it may do: viewer, reviewer, responder, admin
	SourceIP   string    `json:"source_ip"`   // the caller's address
	First      bool      `json:"first"`       // whether it was never used from there, as far as is remembered
	OccurredAt time.Time `json:"occurred_at"` // when it was used
}

// Topic implements Payload.
func (KeyUsed) Topic() (string, error) { return TopicKeyUsed, nil }

// Schema implements Payload.
func (KeyUsed) Schema() int { return 1 }
