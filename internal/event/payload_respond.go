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

// TopicActionChanged is what ActionChanged is said under.
const TopicActionChanged = "response.action.changed"

// ActionChanged: a playbook wants something done, or what it wanted was approved, done,
// given up, undone. With kind notify and state done it is what a playbook has to say.
type ActionChanged struct {
	ActionID   string     `json:"action_id"`            // id of the stored action
	Playbook   string     `json:"playbook"`             // id of the playbook
	Kind       string     `json:"kind"`                 // block, quarantine, quarantine_message, kill_switch, notify
	Target     string     `json:"target,omitempty"`     // block: the address; quarantine: the secret's fingerprint
	State      string     `json:"state"`                // dry_run, pending, due, done, failed, rejected, expired, undone
	Message    string     `json:"message,omitempty"`    // notify: what the playbook says
	EventID    string     `json:"event_id"`             // the event that is answered
	EventTopic string     `json:"event_topic"`          // its topic
	Expires    *time.Time `json:"expires,omitempty"`    // pending: when it is given up
	DecidedBy  string     `json:"decided_by,omitempty"` // who approved, rejected or undid it, the last of them
	Reason     string     `json:"reason,omitempty"`     // why, in their words
	Result     string     `json:"result,omitempty"`     // block, quarantine: id of the entry that was made; kill_switch: the node; failed: why

	Fingerprint string `json:"fingerprint,omitempty"` // quarantine: of the secret, keyed: the value that joins sightings of one secret
	SourceIP    string `json:"source_ip,omitempty"`   // block: the address
}

// Does says in a few words what the playbook wants.
func (a ActionChanged) Does() string {
	switch a.Kind {
	case "block":
		return "block " + a.Target
	case "quarantine":
		return "withhold secret " + a.Target
	case "quarantine_message":
		return "withhold message " + a.Target
	case "kill_switch":
		return "turn the kill switch on"
	}
	return "notify"
}

// Topic implements Payload.
func (ActionChanged) Topic() (string, error) { return TopicActionChanged, nil }

// Schema implements Payload.
func (ActionChanged) Schema() int { return 1 }

func responseEntries() []Entry {
	until := exampleTime().Add(24 * time.Hour)
	return []Entry{{
		Name: "ActionChanged", Topic: TopicActionChanged, Pattern: TopicActionChanged,
		Purpose: "A playbook wants something done, or what it wanted was approved, rejected, done, given up, or undone.",
		Level:   High, Subject: "guessers: block 203.0.113.9 for 24h0m0s",
		Example: ActionChanged{
			ActionID: exampleID, Playbook: "guessers", Kind: "block", Target: "203.0.113.9", State: "pending", EventID: exampleID,
			EventTopic: "anomaly.brute_force.detected", Expires: &until, SourceIP: "203.0.113.9",
		},
	}, {
		Name: "BlockChanged", Topic: TopicBlockChanged, Pattern: TopicBlockChanged,
		Purpose: "An address or network came onto the block list, or was taken off it before its time.",
		Level:   Medium, Subject: "203.0.113.9",
		Example: BlockChanged{
			BlockID: exampleID, Active: true, Network: "203.0.113.9", SourceIP: "203.0.113.9", Origin: "person",
			Until: exampleTime().Add(24 * time.Hour), Reason: "guesses passwords", ChangedBy: "ada",
		},
	}}
}
