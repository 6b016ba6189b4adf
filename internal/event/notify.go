package event

import "time"

// TopicSilenceChanged is what SilenceChanged is said under. No silence hides it.
const TopicSilenceChanged = "system.silence.changed"

// SilenceChanged: for a while people are not told of some events, or are told
// again before that while is over. That it ran out is not said.
type SilenceChanged struct {
	SilenceID   string    `json:"silence_id"`
	Active      bool      `json:"active"`             // false: it was ended
	Topics      []string  `json:"topics"`             // patterns of what it hides
	Webhooks    []string  `json:"webhooks,omitempty"` // from whom; empty: from all
	MaxSeverity Severity  `json:"max_severity"`       // what is worse is told all the same
	Until       time.Time `json:"until"`
	Reason      string    `json:"reason"`
	ChangedBy   string    `json:"changed_by"` // a user or an API key
}

// Topic implements Payload.
func (SilenceChanged) Topic() (string, error) { return TopicSilenceChanged, nil }

// Schema implements Payload.
func (SilenceChanged) Schema() int { return 1 }

func silenceEntry() Entry {
	return Entry{
		Name: "SilenceChanged", Topic: TopicSilenceChanged, Pattern: TopicSilenceChanged,
		Purpose: "Somebody silenced webhooks for a while, or ended a silence. It is told to everybody, whatever is silenced.",
		Level:   Medium, Subject: "leak.> until 16:32",
		Example: SilenceChanged{
			SilenceID: exampleID, Active: true, Topics: []string{"leak.>"}, Webhooks: []string{"on-call"}, MaxSeverity: High,
			Until: exampleTime().Add(2 * time.Hour), Reason: "the importer is being rewritten", ChangedBy: "ada",
		},
	}
}
