package event

import "time"

// The states of an anomaly's episode.
const (
	AnomalyOpened  = "opened"
	AnomalyGrowing = "growing"
	AnomalyClosed  = "closed"
)

// AnomalyDetected: security events of one address, network or user became more than
// chance. One episode is said when it opens, when its count reaches 2, 4, 8 and so on
// times what opened it, and once when it has been quiet for a whole window. What
// attackers wrote is in it escaped, cut and redacted.
type AnomalyDetected struct {
	EpisodeID     string     `json:"episode_id"`          // id of the stored episode: one for all that one cause does
	Kind          string     `json:"kind"`                // brute_force, privilege_escalation, path_traversal, command_injection, web_attack, suspicious_container, rate_limit_exceeded, or the id of an operator's rule
	KeyKind       string     `json:"key_kind"`            // whose events were counted together: ip, subnet, user
	Key           string     `json:"key"`                 // the address (of IPv6 its /64), the network, the user
	SourceIP      string     `json:"source_ip,omitempty"` // the address that did all of it; left out when others did, too
	User          string     `json:"user,omitempty"`      // whom the latest event was about
	Count         int64      `json:"count"`               // events of the episode so far
	Threshold     int        `json:"threshold"`           // events in a window that open an episode
	WindowSeconds float64    `json:"window_seconds"`      // length of that window
	Severity      string     `json:"severity"`            // low, medium, high, critical
	State         string     `json:"state"`               // opened, growing, closed
	Detail        string     `json:"detail,omitempty"`    // what it was done with: the path, the input, the image, the route
	OpenedAt      time.Time  `json:"opened_at"`           // of the event that reached the threshold
	ClosedAt      *time.Time `json:"closed_at"`           // null while it is open
	OccurredAt    time.Time  `json:"occurred_at"`         // of the latest event
}

// Topic implements Payload.
func (p AnomalyDetected) Topic() (string, error) { return build("anomaly", p.Kind, "detected") }

// Schema implements Payload.
func (AnomalyDetected) Schema() int { return 1 }

// The kinds of a SecurityRecord.
const (
	RecordAuthFailed          = "auth_failed"          // somebody could not log in
	RecordPrivilegedContainer = "privileged_container" // a container with privileges was refused
	RecordPathTraversal       = "path_traversal"       // a path led out of where it may lead; attribute path
	RecordCommandInjection    = "command_injection"    // an input would have become a command; attribute input
	RecordWebAttack           = "web_attack"           // a request attacked what stands behind the web server; attribute attack
	RecordRateLimited         = "rate_limited"         // somebody was told to come back later; attribute route
	RecordContainerStarted    = "container_started"    // attributes image, privileged, mounts, capabilities, host_network, host_pid
	RecordHTTPRequest         = "http_request"         // attributes method, path (with its query, as it came), referer, user_agent, status
)

// RecordKinds lists the kinds of a SecurityRecord.
func RecordKinds() []string {
	return []string{
		RecordAuthFailed, RecordPrivilegedContainer, RecordPathTraversal, RecordCommandInjection, RecordWebAttack, RecordRateLimited, RecordContainerStarted, RecordHTTPRequest,
	}
}

// SecurityRecord is one thing that another program saw, such as a line of its log. Its
// texts are cut and redacted, and may hold any character.
type SecurityRecord struct {
	ID         string            `json:"id,omitempty"`         // the sender's name for it, by which it counts once; empty: it has none
	Kind       string            `json:"kind"`                 // what happened, one of RecordKinds
	Time       time.Time         `json:"time"`                 // when it happened; not after it was received
	SourceIP   string            `json:"source_ip,omitempty"`  // of whoever did it
	User       string            `json:"user,omitempty"`       // whom it was about
	Attributes map[string]string `json:"attributes,omitempty"` // what else is known
}

// RecordsReceived: other programs reported what they saw. One event holds many
// records: there may be very many of them.
type RecordsReceived struct {
	Records []SecurityRecord `json:"records"` // in the order in which they were reported
}

// Topic implements Payload.
func (RecordsReceived) Topic() (string, error) { return TopicRecordsReceived, nil }

// Schema implements Payload.
func (RecordsReceived) Schema() int { return 1 }

// AnomalyRuleChanged: an operator added, changed, switched or removed an anomaly rule, and
// it holds now.
type AnomalyRuleChanged struct {
	Rule      string `json:"rule"`             // id of the anomaly rule: the kind of its episodes
	Action    string `json:"action"`           // add, update, remove
	Change    string `json:"change"`           // what is different now, for people
	Enabled   bool   `json:"enabled"`          // whether it is to run now
	Severity  string `json:"rule_severity"`    // of its episodes: low, medium, high, critical; empty: its text cannot be read
	ChangedBy string `json:"changed_by"`       // user or API key
	Reason    string `json:"reason,omitempty"` // in their words
}

// Topic implements Payload.
func (p AnomalyRuleChanged) Topic() (string, error) { return build("rule", p.Rule, "changed") }

// Schema implements Payload.
func (AnomalyRuleChanged) Schema() int { return 1 }
