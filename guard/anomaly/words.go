package anomaly

import (
	"fmt"
	"strings"
	"time"
)

// sentence says what an episode of a key is.
func (d *detector) sentence(key string) string {
	switch d.Type {
	case BruteForce:
		return fmt.Sprintf("%d+ failed auth attempts %s", d.Threshold, d.of(key))
	case PrivilegeEscalation:
		return "Attempted to create privileged container " + d.by(key)
	case PathTraversal:
		return "Path traversal attempt detected " + d.of(key)
	case CommandInjection:
		return "Command injection attempt detected " + d.of(key)
	case WebAttacks:
		return "Web attack detected " + d.of(key)
	case SuspiciousContainer:
		return "Suspicious container " + d.by(key)
	case RateLimitExceeded:
		return "Rate limit exceeded " + d.of(key)
	}
	return string(d.Type) + " " + d.of(key)
}

// of is whose failed logins or requests they are.
func (d *detector) of(key string) string {
	if d.Key == ByUser {
		return "for user " + key
	}
	return "from " + key
}

func (d *detector) by(key string) string {
	if d.Key == ByUser {
		return "by user " + key
	}
	return "from " + key
}

// opened is the alert of the event that opened an episode.
func (d *detector) opened(e Event, key string, count int, total int64) Alert {
	a := d.alert(key, EpisodeOpened, e.Time, d.sentence(key))
	a.Metadata["count"], a.Metadata["total_attempts"] = count, total
	a.Metadata["repeats"] = d.past.times(key, e.Time)
	if e.Addr.IsValid() {
		a.SourceIP = e.Addr.Unmap().WithZone("").String()
	}
	a.UserID = Clean(e.User, mostKey)
	if e.Detail != "" {
		a.Metadata[detailName(e.Kind)] = Clean(e.Detail, mostDetail)
	}
	return a
}

// detailName is what the Detail of a kind is called in metadata.
func detailName(k Kind) string {
	switch k {
	case Traversal:
		return "path"
	case Injection:
		return "input"
	case WebAttacked:
		return "attack"
	case OddContainer:
		return "image"
	case RateLimited:
		return "route"
	}
	return "detail"
}

// closed is the alert of an episode that has ended.
func (d *detector) closed(e Episode, now time.Time) Alert {
	a := d.alert(e.Key, EpisodeClosed, now, fmt.Sprintf("%s: over, %d in %s", d.sentence(e.Key), e.Total, e.Last.Sub(e.First).Round(time.Second)))
	a.Metadata["count"], a.Metadata["first_seen"], a.Metadata["last_seen"] = e.Total, e.First, e.Last
	switch {
	case d.Key == ByUser:
		a.UserID = e.Key
	case !strings.Contains(e.Key, "/"): // a network is no address
		a.SourceIP = e.Key
	}
	return a
}

// digest is the alert of n episodes that were not told of.
func (d *detector) digest(n int, now time.Time) Alert {
	a := d.alert("", EpisodeDigest, now, fmt.Sprintf("%s: %d more episodes by %s, too many to tell of each", d.Type, n, d.Key))
	a.Metadata["episodes"] = n
	return a
}

func (d *detector) alert(key, episode string, t time.Time, message string) Alert {
	a := Alert{Timestamp: t, Severity: d.Severity, Type: d.Type, Message: message, Metadata: map[string]any{
		"episode": episode, "key_kind": d.Key, "threshold": d.Threshold, "window_seconds": d.Window.Seconds(),
	}}
	if key != "" {
		a.Metadata["key"] = key
	}
	return a
}
