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
	Kind          string     `json:"kind"`                // brute_force, privilege_escalation, path_traversal, command_injection, suspicious_container, rate_limit_exceeded
	KeyKind       string     `json:"key_kind"`            // whose events were counted together: ip, subnet, user
	Key           string     `json:"key"`                 // the address (of IPv6 its /64), the network, the user
	SourceIP      string     `json:"source_ip,omitempty"` // the address that the latest event came from
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
