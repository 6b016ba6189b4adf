package event

import "time"

// TopicBlockChanged is what BlockChanged is said under.
const TopicBlockChanged = "response.block.changed"

// BlockChanged: an address or network came onto the block list, or was taken off it
// early. That an entry ran out is not said.
type BlockChanged struct {
	BlockID   string    `json:"block_id"`            // id of the entry
	Active    bool      `json:"active"`              // false: it was ended
	Network   string    `json:"network"`             // an address, or a network with its length
	SourceIP  string    `json:"source_ip,omitempty"` // the address, if it is one
	Origin    string    `json:"origin"`              // person, playbook
	Until     time.Time `json:"until"`               // when it ends by itself
	Reason    string    `json:"reason"`              // why it came, or why it was ended
	ChangedBy string    `json:"changed_by"`          // a user, an API key or a playbook
	EventID   string    `json:"event_id,omitempty"`  // the event that a playbook answered
}

// Topic implements Payload.
func (BlockChanged) Topic() (string, error) { return TopicBlockChanged, nil }

// Schema implements Payload.
func (BlockChanged) Schema() int { return 1 }

func responseEntries() []Entry {
	return []Entry{{
		Name: "BlockChanged", Topic: TopicBlockChanged, Pattern: TopicBlockChanged,
		Purpose: "An address or network came onto the block list, or was taken off it before its time.",
		Level:   Medium, Subject: "203.0.113.9",
		Example: BlockChanged{
			BlockID: exampleID, Active: true, Network: "203.0.113.9", SourceIP: "203.0.113.9", Origin: "person",
			Until: exampleTime().Add(24 * time.Hour), Reason: "guesses passwords", ChangedBy: "ada",
		},
	}}
}
