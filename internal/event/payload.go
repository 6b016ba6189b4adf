package event

import (
	"strings"
	"time"
)

// Finding is what a rule's hit says of itself, in every payload that can be
// joined with others. It never holds the secret.
type Finding struct {
	Fingerprint string    `json:"fingerprint"` // keyed: the value that joins sightings of one secret
	Rule        string    `json:"rule"`        // id of the detection rule
	SecretType  string    `json:"secret_type"` // kind of secret, such as GITHUB_TOKEN
	Redacted    string    `json:"redacted"`    // the secret with its middle replaced by asterisks
	Confidence  float64   `json:"confidence"`  // 0..1
	OccurredAt  time.Time `json:"occurred_at"` // when it was seen
}

// Place is where in an append-only log or a file something was seen.
type Place struct {
	SourceID  string  `json:"source_id"`          // id of the leak source
	Index     *uint64 `json:"hypercore_position"` // the entry's index; null where a source has none
	CoreKey   string  `json:"core_key,omitempty"` // public key of the Hypercore, in hex
	Fork      uint64  `json:"fork"`               // the log's fork number; 0 before any truncation
	MessageID string  `json:"bzzz_message_id"`    // id of the message in its source
}

// FindingDetected: a rule matched in something a leak source delivered.
type FindingDetected struct {
	Finding
	Place
	FindingID string `json:"finding_id"` // id of the stored finding
}

// Topic implements Payload.
func (FindingDetected) Topic() (string, error) { return TopicFindingDetected, nil }

// Schema implements Payload.
func (FindingDetected) Schema() int { return 1 }

// MessageQuarantined: a message with a secret was recorded and is withheld by
// every door Cordon controls.
type MessageQuarantined struct {
	Finding
	Place
	QuarantineID    string `json:"quarantine_id"`            // id of the quarantine entry
	RedactedContent string `json:"redacted_content"`         // the text around, every secret in it redacted
	FullContentHash string `json:"full_content_hash"`        // keyed hash of the whole message
	Occurrences     int    `json:"occurrences"`              // places in the message that hold the secret
	Disposition     string `json:"disposition"`              // withheld, observed
	MessageType     string `json:"message_type,omitempty"`   // type of the BZZZ message
	From            string `json:"from,omitempty"`           // sender of the BZZZ message
	Recommendation  string `json:"recommendation,omitempty"` // what the owner of the secret should do now
}

// Topic implements Payload.
func (MessageQuarantined) Topic() (string, error) { return TopicMessageQuarantined, nil }

// Schema implements Payload.
func (MessageQuarantined) Schema() int { return 1 }

// QuarantineReviewed: a person decided what a quarantine entry is.
type QuarantineReviewed struct {
	QuarantineID string `json:"quarantine_id"`    // id of the quarantine entry
	Fingerprint  string `json:"fingerprint"`      // of the entry's secret
	Rule         string `json:"rule"`             // id of the rule that found it
	Action       string `json:"action"`           // false_positive, confirmed, uncertain
	Reviewer     string `json:"reviewer"`         // user or API key that decided
	Reason       string `json:"reason,omitempty"` // in the reviewer's words
}

// Topic implements Payload.
func (QuarantineReviewed) Topic() (string, error) { return TopicQuarantineReviewed, nil }

// Schema implements Payload.
func (QuarantineReviewed) Schema() int { return 1 }

// SourceStateChanged: a leak source began to wait, follow, lag or fail.
type SourceStateChanged struct {
	SourceID string  `json:"source_id"`        // id of the leak source
	Kind     string  `json:"kind"`             // hypercore, bzzz-log, dir, file, stdin
	State    string  `json:"state"`            // waiting, catching_up, live, failing, stopped, standby
	Detail   string  `json:"detail,omitempty"` // why, for people
	Position *uint64 `json:"position"`         // index of the last entry read; null where a source has none
}

// Topic implements Payload.
func (p SourceStateChanged) Topic() (string, error) { return SourceState(p.SourceID) }

// Schema implements Payload.
func (SourceStateChanged) Schema() int { return 1 }

// RuleApproved: a detection rule was added, changed or removed, and holds now.
type RuleApproved struct {
	Rule        string  `json:"rule"`             // id of the detection rule
	Action      string  `json:"action"`           // add, update, remove
	Change      string  `json:"change"`           // what is different now, for people
	Active      bool    `json:"active"`           // whether it is run now
	Severity    string  `json:"rule_severity"`    // of its findings: info, low, medium, high, critical
	Confidence  float64 `json:"confidence"`       // of its findings, 0..1
	SubmittedBy string  `json:"submitted_by"`     // human, meta_curator, feedback_system
	ApprovedBy  string  `json:"approved_by"`      // user or API key that decided
	Reason      string  `json:"reason,omitempty"` // in their words
}

// Topic implements Payload. The id of an imported rule may hold dots, which
// would be separators there: in the topic they are dashes.
func (p RuleApproved) Topic() (string, error) {
	return build("rule", strings.ReplaceAll(p.Rule, ".", "-"), "approved")
}

// Schema implements Payload.
func (RuleApproved) Schema() int { return 1 }

// WorkerBeat: a worker of this node is alive, or says what ails it.
type WorkerBeat struct {
	Worker string    `json:"worker"`           // name of the worker
	State  string    `json:"state"`            // starting, running, degraded, failed, stopped
	Detail string    `json:"detail,omitempty"` // what ails it, for people
	Since  time.Time `json:"since"`            // when it entered this state

	Restarts int `json:"restarts"` // failures so far after which it was tried again
}

// Topic implements Payload.
func (p WorkerBeat) Topic() (string, error) { return WorkerHealth(p.Worker) }

// Schema implements Payload.
func (WorkerBeat) Schema() int { return 1 }

// The actions workers obey; they ignore others.
const (
	ActionStop  = "stop"
	ActionStart = "start" // begin again a worker that was stopped
)

// WorkerCommand asks a worker to do something.
type WorkerCommand struct {
	Worker      string `json:"-"`              // name of the worker: part of the topic only
	Action      string `json:"action"`         // stop, start; workers ignore others
	RequestedBy string `json:"requested_by"`   // who asks
	TS          int64  `json:"ts"`             // when, in seconds since 1970
	Node        string `json:"node,omitempty"` // the node whose worker is meant; absent: of every node
}

// Topic implements Payload.
func (p WorkerCommand) Topic() (string, error) { return WorkerControl(p.Worker) }

// Schema implements Payload.
func (WorkerCommand) Schema() int { return 1 }

// BusHealth: the bus was lost or came back.
type BusHealth struct {
	Kind      string `json:"kind"`             // memory, nats
	Connected bool   `json:"connected"`        // whether other nodes can be heard now
	Detail    string `json:"detail,omitempty"` // why, for people
}

// Topic implements Payload.
func (BusHealth) Topic() (string, error) { return TopicBusHealth, nil }

// Schema implements Payload.
func (BusHealth) Schema() int { return 1 }

// SubscriptionsChanged: webhook subscriptions were added, changed or removed.
type SubscriptionsChanged struct {
	Names []string `json:"names"` // of the subscriptions that differ now
}

// Topic implements Payload.
func (SubscriptionsChanged) Topic() (string, error) { return TopicSubscriptionsChanged, nil }

// Schema implements Payload.
func (SubscriptionsChanged) Schema() int { return 1 }

// WebhookTest is what a person sends to see whether a webhook works.
type WebhookTest struct {
	Webhook     string `json:"webhook"`      // id of the webhook
	RequestedBy string `json:"requested_by"` // user or API key that asked for the test
}

// Topic implements Payload.
func (WebhookTest) Topic() (string, error) { return TopicWebhookTest, nil }

// Schema implements Payload.
func (WebhookTest) Schema() int { return 1 }

// Connection is one decision of the egress sensor. Its texts are redacted: it
// never holds a secret.
type Connection struct {
	DecisionID  string    `json:"decision_id"`           // id of the stored decision
	Flow        string    `json:"flow"`                  // id of the flow; a flow may be decided about more than once
	Rule        string    `json:"rule"`                  // id of the policy's rule; empty when none decided
	Reason      string    `json:"reason"`                // a stable word, such as default_policy
	Detail      string    `json:"detail,omitempty"`      // why, for people
	Would       string    `json:"would,omitempty"`       // in mode audit: what strict would have said, when that differs
	Host        string    `json:"host"`                  // as the client named it
	Port        uint16    `json:"port"`                  // of TCP or UDP
	Address     string    `json:"address,omitempty"`     // dialed or judged; absent when the name was not resolved
	Protocol    string    `json:"protocol,omitempty"`    // as far as it is known
	Method      string    `json:"method,omitempty"`      // of HTTP
	URL         string    `json:"url,omitempty"`         // of HTTP, redacted
	SourceIP    string    `json:"source_ip,omitempty"`   // the client's
	Program     string    `json:"program,omitempty"`     // executable of the program that asked
	PID         int       `json:"pid,omitempty"`         // its process
	Findings    []Leak    `json:"findings,omitempty"`    // secrets in what was to leave
	Fingerprint string    `json:"fingerprint,omitempty"` // of the first of findings, keyed: the value that joins sightings of one secret
	OccurredAt  time.Time `json:"occurred_at"`           // when it was decided
}

// Leak is a secret that was to leave. It never holds it.
type Leak struct {
	Rule        string `json:"rule"`        // id of the detection rule
	Redacted    string `json:"redacted"`    // the secret with its middle replaced by asterisks
	Fingerprint string `json:"fingerprint"` // keyed: the value that joins sightings of one secret
}

// ConnectionAllowed: something was let out.
type ConnectionAllowed struct{ Connection }

// Topic implements Payload.
func (ConnectionAllowed) Topic() (string, error) { return TopicConnectionAllowed, nil }

// Schema implements Payload.
func (ConnectionAllowed) Schema() int { return 1 }

// ConnectionDenied: something was kept in.
type ConnectionDenied struct{ Connection }

// Topic implements Payload.
func (ConnectionDenied) Topic() (string, error) { return TopicConnectionDenied, nil }

// Schema implements Payload.
func (ConnectionDenied) Schema() int { return 1 }

// LeakBlocked: something was kept in because it held secrets, which Findings lists.
type LeakBlocked struct{ Connection }

// Topic implements Payload.
func (LeakBlocked) Topic() (string, error) { return TopicLeakBlocked, nil }

// Schema implements Payload.
func (LeakBlocked) Schema() int { return 1 }

// KillSwitchChanged: a node's egress was stopped as a whole, or goes on.
type KillSwitchChanged struct {
	Active    bool      `json:"active"`     // whether everything is stopped now
	Reason    string    `json:"reason"`     // why, for people
	ChangedBy string    `json:"changed_by"` // user or API key, sentinel file or signal
	Since     time.Time `json:"since"`      // when it was turned
}

// Topic implements Payload.
func (KillSwitchChanged) Topic() (string, error) { return TopicKillSwitchChanged, nil }

// Schema implements Payload.
func (KillSwitchChanged) Schema() int { return 1 }

// EndpointFirstSeen: a program asked for a host and port for the first time. It
// waits for review.
type EndpointFirstSeen struct {
	EndpointID string    `json:"endpoint_id"`        // id of the stored endpoint
	Program    string    `json:"program,omitempty"`  // executable of the program that asked; absent when not known
	Host       string    `json:"host"`               // as the client named it
	Port       uint16    `json:"port"`               // of TCP or UDP
	Address    string    `json:"address,omitempty"`  // dialed or judged; absent when the name was not resolved
	Protocol   string    `json:"protocol,omitempty"` // as far as it is known
	Decision   string    `json:"decision"`           // what was decided that first time: allow, deny
	Rule       string    `json:"rule"`               // id of the policy's rule; empty when none decided
	Reason     string    `json:"reason"`             // a stable word, such as default_policy
	DecisionID string    `json:"decision_id"`        // id of that decision
	Flow       string    `json:"flow"`               // id of its flow
	OccurredAt time.Time `json:"occurred_at"`        // when it was decided
}

// Topic implements Payload.
func (EndpointFirstSeen) Topic() (string, error) { return TopicEndpointFirstSeen, nil }

// Schema implements Payload.
func (EndpointFirstSeen) Schema() int { return 1 }

// ThresholdExceeded: a program was denied more often than the policy's
// alerts.thresholds lets pass in silence. Said once, until it was quiet again.
type ThresholdExceeded struct {
	EpisodeID     string    `json:"episode_id"`        // id of this run of denials
	Program       string    `json:"program,omitempty"` // executable of the program; absent when not known
	Blocked       int       `json:"blocked"`           // denials within the window
	Limit         int       `json:"limit"`             // so many are let pass in silence
	WindowSeconds int       `json:"window_seconds"`    // length of the window
	Host          string    `json:"host"`              // of the last of the denials
	Port          uint16    `json:"port"`              // likewise
	Reason        string    `json:"reason"`            // likewise: a stable word, such as default_policy
	OccurredAt    time.Time `json:"occurred_at"`       // when it became too many
}

// Topic implements Payload.
func (ThresholdExceeded) Topic() (string, error) { return TopicThresholdExceeded, nil }

// Schema implements Payload.
func (ThresholdExceeded) Schema() int { return 1 }

// The measures of BaselineDeviated.
const (
	MeasureBytes    = "bytes_out"       // bytes sent in ten minutes
	MeasureRequests = "requests"        // flows let out in ten minutes
	MeasureNewHour  = "new_hour"        // bytes sent, or flows, at an hour that was always quiet
	MeasureDaily    = "bytes_out_daily" // bytes sent since midnight, UTC
)

// BaselineDeviated: a program does with a host what it did not use to.
type BaselineDeviated struct {
	Program       string    `json:"program,omitempty"` // executable of the program; absent when not known
	Host          string    `json:"host"`              // as the client named it
	Measure       string    `json:"measure"`           // bytes_out, requests, new_hour, bytes_out_daily
	Unit          string    `json:"unit"`              // of the figures: bytes, requests
	Observed      float64   `json:"observed"`          // so far in the window
	Usual         float64   `json:"usual"`             // mean of such windows before
	Spread        float64   `json:"spread"`            // their standard deviation
	Limit         float64   `json:"limit"`             // so much would have been let pass in silence
	WindowSeconds int       `json:"window_seconds"`    // length of the window
	Explanation   string    `json:"explanation"`       // all of this in one sentence
	OccurredAt    time.Time `json:"occurred_at"`       // when it became too much
}

// Topic implements Payload.
func (BaselineDeviated) Topic() (string, error) { return TopicBaselineDeviated, nil }

// Schema implements Payload.
func (BaselineDeviated) Schema() int { return 1 }

// Incident is an incident as it is after something happened to it.
type Incident struct {
	IncidentID   string    `json:"incident_id"`           // id of the stored incident
	Title        string    `json:"title"`                 // what happened, for people
	State        string    `json:"state"`                 // triggered, acknowledged, resolved, ignored
	Join         string    `json:"join,omitempty"`        // the rule that joined sensors: planted_secret_seen, leaked_secret_in_use, attacker_used_api_key, attackers_host_wanted, anomalous_attacker; absent when one alone saw it
	Sensors      []string  `json:"sensors"`               // that saw it: leak, egress, deception, anomaly, access
	KeyKind      string    `json:"key_kind"`              // what its observations have in common: secret, address, host, link
	Key          string    `json:"key"`                   // its value: a fingerprint, an address (of IPv6 its /64), a host
	Observations int       `json:"observations"`          // so far
	Regressed    bool      `json:"regressed"`             // it came back after it was resolved
	Fingerprint  string    `json:"fingerprint,omitempty"` // of the secret, keyed: the value that joins sightings of one secret; absent when the key is none
	Rule         string    `json:"rule,omitempty"`        // id of the detection rule
	Redacted     string    `json:"redacted,omitempty"`    // the secret with its middle replaced by asterisks
	SourceIP     string    `json:"source_ip,omitempty"`   // of the newest observation that has one
	Program      string    `json:"program,omitempty"`     // of the newest observation that has one
	OpenedAt     time.Time `json:"opened_at"`             // when it was opened
	OccurredAt   time.Time `json:"occurred_at"`           // the newest observation
	Change       string    `json:"change"`                // what is different now, for people
	ChangedBy    string    `json:"changed_by,omitempty"`  // user or API key; absent when an observation changed it
	MergedInto   string    `json:"merged_into,omitempty"` // id of the incident that it became part of
}

// IncidentOpened: something was seen that people should look into. One secret, one
// address, one host has one incident, however often and wherever it is seen.
type IncidentOpened struct{ Incident }

// Topic implements Payload.
func (p IncidentOpened) Topic() (string, error) { return incidentTopic(p.IncidentID, "opened") }

// Schema implements Payload.
func (IncidentOpened) Schema() int { return 1 }

// IncidentUpdated: an incident became worse, another sensor saw it, it came back, or
// somebody took it on.
type IncidentUpdated struct{ Incident }

// Topic implements Payload.
func (p IncidentUpdated) Topic() (string, error) { return incidentTopic(p.IncidentID, "updated") }

// Schema implements Payload.
func (IncidentUpdated) Schema() int { return 1 }

// IncidentEscalated: nobody has acknowledged an incident in time, and another webhook
// is told.
type IncidentEscalated struct {
	Incident
	Webhook      string  `json:"webhook"`       // id of the webhook that was told first and names who is told now
	To           string  `json:"to"`            // id of the webhook that is told now
	Step         int     `json:"step"`          // 1 for the first
	AfterSeconds float64 `json:"after_seconds"` // how long after the first was told
}

// Topic implements Payload.
func (p IncidentEscalated) Topic() (string, error) {
	return incidentTopic(p.IncidentID, "escalated")
}

// Schema implements Payload.
func (IncidentEscalated) Schema() int { return 1 }

// IncidentClosed: an incident was resolved, or is ignored for a reason.
type IncidentClosed struct{ Incident }

// Topic implements Payload.
func (p IncidentClosed) Topic() (string, error) { return incidentTopic(p.IncidentID, "closed") }

// Schema implements Payload.
func (IncidentClosed) Schema() int { return 1 }
