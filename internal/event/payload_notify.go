package event

import "time"

// TopicSilenceChanged is what SilenceChanged is said under. No silence hides it.
const TopicSilenceChanged = "system.silence.changed"

// SilenceChanged: for a while people are not told of some events, or are told
// again before that while is over. That it ran out is not said.
type SilenceChanged struct {
	SilenceID   string    `json:"silence_id"`         // id of the silence
	Active      bool      `json:"active"`             // false: it was ended
	Topics      []string  `json:"topics"`             // patterns of what it hides
	Webhooks    []string  `json:"webhooks,omitempty"` // from whom; empty: from all
	MaxSeverity Severity  `json:"max_severity"`       // what is worse is told all the same
	Until       time.Time `json:"until"`              // when it ends by itself
	Reason      string    `json:"reason"`             // why, as that person gave it
	ChangedBy   string    `json:"changed_by"`         // a user or an API key
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

// TopicWebhookDigest is what WebhookDigest is sent under. It goes to one webhook
// and not into the event log.
const TopicWebhookDigest = "system.webhook.digest"

// WebhookDigest: what a webhook was not told of event by event, in one message.
type WebhookDigest struct {
	Webhook    string        `json:"webhook"`     // id of the webhook
	Count      int           `json:"count"`       // of events
	From       time.Time     `json:"from"`        // of the first event
	To         time.Time     `json:"to"`          // of the last
	Groups     []DigestGroup `json:"groups"`      // the worst first, at most 50
	MoreGroups int           `json:"more_groups"` // that found no room
}

// DigestGroup is the events of one topic about one thing.
type DigestGroup struct {
	Topic    string    `json:"topic"`     // of the events
	Severity Severity  `json:"severity"`  // of the worst
	Count    int       `json:"count"`     // of events
	About    string    `json:"about"`     // what the worst says, for people
	First    time.Time `json:"first"`     // when the first happened
	Last     time.Time `json:"last"`      // when the last did
	EventIDs []string  `json:"event_ids"` // at most 20
}

// Topic implements Payload.
func (WebhookDigest) Topic() (string, error) { return TopicWebhookDigest, nil }

// Schema implements Payload.
func (WebhookDigest) Schema() int { return 1 }

func digestEntry() Entry {
	group := DigestGroup{
		Topic: TopicMessageQuarantined, Severity: High, Count: 12, About: "HIGH: GITHUB_TOKEN in chat",
		First: exampleTime().Add(-time.Hour), Last: exampleTime(), EventIDs: []string{exampleID},
	}
	return Entry{
		Name: "WebhookDigest", Topic: TopicWebhookDigest, Pattern: TopicWebhookDigest,
		Purpose: "What happened in a period, or in quiet hours, in one message. It goes to that webhook alone and not into the event log.",
		Level:   High, Subject: "12 events in 1 groups",
		Example: WebhookDigest{Webhook: "soc-slack", Count: 12, From: group.First, To: group.Last, Groups: []DigestGroup{group}},
	}
}
