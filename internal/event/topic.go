package event

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTopic bounds a topic's length in bytes.
const maxTopic = 256

// The constant topics and the builders of those that hold an id. Renaming one
// breaks every subscriber.
const (
	TopicFindingDetected      = "leak.finding.detected"
	TopicMessageQuarantined   = "leak.message.quarantined"
	TopicQuarantineReviewed   = "leak.quarantine.reviewed"
	TopicSubscriptionsChanged = "system.webhook.subscriptions_changed"
	TopicWebhookTest          = "system.webhook.test"
	TopicBusHealth            = "system.bus.health"
	TopicConnectionAllowed    = "egress.connection.allowed"
	TopicConnectionDenied     = "egress.connection.denied"
	TopicLeakBlocked          = "egress.leak.blocked"
	TopicKillSwitchChanged    = "egress.killswitch.changed"
	TopicEndpointFirstSeen    = "egress.endpoint.first_seen"
	TopicThresholdExceeded    = "egress.threshold.exceeded"
	TopicBaselineDeviated     = "egress.baseline.deviated"
	TopicSessionStarted       = "attacker.session.started"
	TopicSessionEnded         = "attacker.session.ended"
	TopicAttackerObserved     = "attacker.observed"
	TopicAttackerScored       = "attacker.scored"
	TopicAttackerUnrecorded   = "attacker.unrecorded"
	TopicCredentialCaptured   = "credential.captured"
	TopicReuseDetected        = "credential.reuse.detected"
	TopicRecordsReceived      = "ingest.records.received"
	TopicKeyUsed              = "apikey.used"
)

// SourceState is leak.source.{id}.state.
func SourceState(sourceID string) (string, error) { return build("leak.source", sourceID, "state") }

// WorkerHealth is system.{worker}.health.
func WorkerHealth(worker string) (string, error) { return build("system", worker, "health") }

// WorkerControl is system.{worker}.control.
func WorkerControl(worker string) (string, error) { return build("system", worker, "control") }

// incidentTopic is incident.{id}.{opened|updated|closed}.
func incidentTopic(id, what string) (string, error) { return build("incident", id, what) }

func build(head, segment, tail string) (string, error) {
	if err := checkToken(segment); err != nil {
		return "", fmt.Errorf("topic %s.{id}.%s: %w", head, tail, err)
	}
	return head + "." + segment + "." + tail, nil
}

// checkToken refuses an id segment that would change the shape of its topic.
func checkToken(t string) error {
	if t == "" {
		return errors.New("empty segment")
	}
	for _, r := range t {
		if forbidden(r) {
			return fmt.Errorf("segment %q holds %q; dots, wildcards, white space and invisible characters are not allowed", t, r)
		}
	}
	return nil
}

// forbidden names the characters that would change a topic's shape or hide in
// it: separators and wildcards, white space, control and format characters
// (Unicode Cc and Cf: zero width, direction marks), and bytes that are not
// UTF-8, which a range loop yields as RuneError.
func forbidden(r rune) bool {
	switch r {
	case '.', '*', '>', utf8.RuneError:
		return true
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)
}

// CheckTopic reports why s is not a topic: tokens joined by dots, no
// wildcards, at most 256 bytes.
func CheckTopic(s string) error { return checkTokens(s, checkToken) }

// CheckPattern reports why s is not a subscription pattern. As in NATS, `*`
// stands for exactly one token and a last `>` for one or more.
func CheckPattern(s string) error {
	if s == ">" {
		return nil
	}
	return checkTokens(strings.TrimSuffix(s, ".>"), func(t string) error {
		if t == "*" {
			return nil
		}
		return checkToken(t)
	})
}

func checkTokens(s string, check func(string) error) error {
	if len(s) > maxTopic {
		return fmt.Errorf("topic of %d bytes is longer than %d", len(s), maxTopic)
	}
	for t := range strings.SplitSeq(s, ".") {
		if err := check(t); err != nil {
			return fmt.Errorf("topic %q: %w", s, err)
		}
	}
	return nil
}

// Match reports whether a topic falls under a pattern that CheckPattern
// accepts: `topology.>` matches topology.abc.status, not topology.
func Match(pattern, topic string) bool {
	for {
		p, prest, pmore := strings.Cut(pattern, ".")
		t, trest, tmore := strings.Cut(topic, ".")
		if p == ">" {
			return t != "" && !pmore
		}
		if p != t && (p != "*" || t == "") {
			return false
		}
		if !pmore || !tmore {
			return pmore == tmore
		}
		pattern, topic = prest, trest
	}
}
