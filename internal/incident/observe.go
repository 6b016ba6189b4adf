package incident

import (
	"fmt"
	"net"
	"slices"
	"strconv"

	"go.cordon.dev/cordon/internal/event"
)

// Observations are what an event says that makes or changes incidents; none for most.
func Observations(e event.Event) ([]Observation, error) {
	switch e.Topic {
	case event.TopicMessageQuarantined:
		return quarantined(e)
	case event.TopicQuarantineReviewed:
		return reviewed(e)
	case event.TopicLeakBlocked, event.TopicConnectionDenied, event.TopicConnectionAllowed:
		return sent(e)
	case event.TopicCredentialCaptured:
		return tried(e)
	case event.TopicSessionStarted:
		return touched(e)
	case event.TopicKeyUsed:
		return admitted(e)
	case event.TopicActionChanged:
		return answered(e)
	}
	switch {
	case event.Match("decky.*.traffic", e.Topic):
		return named(e)
	case event.Match("anomaly.*.detected", e.Topic):
		return tripped(e)
	case event.Match("leak.gateway.*.bypass", e.Topic):
		return bypassed(e)
	}
	return nil, nil
}

func quarantined(e event.Event) ([]Observation, error) {
	var p event.MessageQuarantined
	if err := e.Decode(&p); err != nil || p.Fingerprint == "" {
		return nil, err
	}
	place := p.SourceID
	if p.Index != nil {
		place += " #" + strconv.FormatUint(*p.Index, 10)
	}
	return []Observation{{
		EventID: e.ID, Topic: e.Topic, At: e.Time, Key: Key{Secret, p.Fingerprint}, Sensor: Leak, Severity: e.Severity,
		Rule: p.Rule, SecretType: p.SecretType, Redacted: p.Redacted, Place: place,
		Summary: fmt.Sprintf("%s found in %s (%s)", p.SecretType, place, p.Disposition),
	}}, nil
}

// reviewed dismisses the incident of what is no secret. Other judgements change
// nothing: the entry is not the incident.
func reviewed(e event.Event) ([]Observation, error) {
	var p event.QuarantineReviewed
	if err := e.Decode(&p); err != nil || p.Fingerprint == "" || p.Action != "false_positive" {
		return nil, err
	}
	return []Observation{{
		EventID: e.ID, Topic: e.Topic, At: e.Time, Key: Key{Secret, p.Fingerprint}, Sensor: Leak, Rule: p.Rule,
		Summary: "false positive, says " + p.Reviewer, Dismissed: p.Reviewer, Reason: p.Reason,
	}}, nil
}

// sent is a secret that was to leave, or that left because the mode only watches.
// One that a rule lets go where it belongs is none.
func sent(e event.Event) ([]Observation, error) {
	var p event.Connection
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	kept := e.Topic != event.TopicConnectionAllowed
	if !kept && p.Would != "deny" {
		return nil, nil
	}
	place := placeOf(p)
	all := wanted(e, p, place, kept)
	for k, f := range p.Findings {
		again := slices.ContainsFunc(p.Findings[:k], func(before event.Leak) bool { return before.Fingerprint == f.Fingerprint })
		if f.Fingerprint == "" || again { // what one request holds twice is sent once
			continue
		}
		all = append(all, Observation{
			EventID: e.ID, Topic: e.Topic, At: e.Time, Key: Key{Secret, f.Fingerprint}, Sensor: Egress, Severity: max(e.Severity, event.High),
			Rule: f.Rule, Redacted: f.Redacted, SourceIP: p.SourceIP, Program: p.Program, Place: place, Summary: sentWords(p, f, place, kept),
		})
	}
	return all, nil
}

// placeOf is where it was to go. A host whose name held the secret is not on record.
func placeOf(p event.Connection) string {
	if p.Host == "" {
		return "a host that is named after it"
	}
	return net.JoinHostPort(p.Host, strconv.Itoa(int(p.Port)))
}

func sentWords(p event.Connection, f event.Leak, place string, kept bool) string {
	who := p.Program
	if who == "" {
		who = "a program"
	}
	if kept {
		return fmt.Sprintf("%s wanted to send %s to %s: refused", who, f.Rule, place)
	}
	return fmt.Sprintf("%s sent %s to %s", who, f.Rule, place)
}

// plaintext is the kind of credential that can be compared: what answers a challenge is
// another value each time.
const plaintext = "plaintext"

// tried is a secret that somebody tried on a decky: worth an incident when the leak
// sensor knows it or a decky holds it. What else is tried there is none: it is what
// deckies are for.
func tried(e event.Event) ([]Observation, error) {
	var p event.CredentialCaptured
	if err := e.Decode(&p); err != nil || p.Fingerprint == "" || !p.Leaked && p.Kind != plaintext {
		return nil, err
	}
	place := fmt.Sprintf("decky %s (%s)", p.Decky, p.Service)
	verdict, what := "refused", "planted"
	if p.Accepted {
		verdict = "let in"
	}
	if p.Leaked {
		what = "leaked"
	}
	return []Observation{{
		EventID: e.ID, Topic: e.Topic, At: e.Time, Key: Key{Secret, p.Fingerprint}, Sensor: Deception, Severity: event.Critical,
		SourceIP: p.SourceIP, Place: place, Summary: fmt.Sprintf("%s tried a %s secret on %s as %q: %s", p.SourceIP, what, place, p.Principal, verdict),
		Waits: !p.Leaked,
	}}, nil
}
