package anomaly

import (
	"context"
	"log/slog"
	"time"
)

// Severity is how bad an alert is.
type Severity string

const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Type is what an alert is of.
type Type string

const (
	BruteForce          Type = "brute_force"
	PrivilegeEscalation Type = "privilege_escalation"
	PathTraversal       Type = "path_traversal"
	CommandInjection    Type = "command_injection"
	SuspiciousContainer Type = "suspicious_container"
	RateLimitExceeded   Type = "rate_limit_exceeded"
	WebAttacks          Type = "web_attack" // other attacks on what stands behind a web server, and tools that say that they look for weaknesses
)

// Alert is that an episode began or ended. Its metadata has
//
//	episode          "opened", "closed", or "digest" for those that were not told of one by one
//	key, key_kind    whose episode it is
//	count            events in the window; of a closed episode, in all of it
//	threshold, window_seconds
//	total_attempts   events of its kind since the Monitor was made
//	repeats          of an opened episode: how many its key had before, none of them a day before the next
//	path, input, image, route, attack   what the event held, escaped and cut
//	first_seen, last_seen       of a closed episode
//	episodes         of a digest
type Alert struct {
	Timestamp time.Time      `json:"timestamp"`
	Metadata  map[string]any `json:"metadata,omitempty"`
	Severity  Severity       `json:"severity"`
	Type      Type           `json:"type"`
	Message   string         `json:"message"`
	SourceIP  string         `json:"source_ip,omitempty"`
	UserID    string         `json:"user_id,omitempty"`
}

// Values of an alert's metadata "episode".
const (
	EpisodeOpened = "opened"
	EpisodeClosed = "closed"
	EpisodeDigest = "digest"
)

// LogTo is a handler that writes alerts to a log, under the message security_alert:
// those of low and medium severity and the ends of episodes as warnings, the others as
// errors. If the log is nil, slog.Default.
func LogTo(log *slog.Logger) func(Alert) {
	if log == nil {
		log = slog.Default()
	}
	return func(a Alert) {
		level := slog.LevelWarn
		if (a.Severity == High || a.Severity == Critical) && a.Metadata["episode"] != EpisodeClosed {
			level = slog.LevelError
		}
		log.Log(context.Background(), level, "security_alert",
			"severity", a.Severity, "type", a.Type, "message", a.Message, "source_ip", a.SourceIP, "user_id", a.UserID, "metadata", a.Metadata)
	}
}
