// Package report tells what the gateway withheld: to a server, as events, or to
// a file, as lines of JSON. What is reported is on this machine's disk first, so
// that an outage or a restart loses none of it.
//
// It may import judge, for the verdicts, and google/uuid; nothing of libp2p. To
// report something new, add its payload to payload.go in the form that the
// server's catalogue of events gives it.
package report

import (
	"time"

	"github.com/google/uuid"

	"go.cordon.dev/cordon/bzzz/gateway/judge"
)

// Record is one message that was withheld.
type Record struct {
	Message judge.Message // its Data is not used
	Verdict judge.Verdict
	Via     string // the peer that sent it to the gateway
	At      time.Time
}

// Line is what a file gets for each message.
type Line struct {
	MessageID string        `json:"message_id"`
	Topic     string        `json:"topic"`
	Sender    string        `json:"sender"`           // peer id of who signed it
	Verdict   string        `json:"verdict"`          // withheld, not_scanned
	Reason    string        `json:"reason,omitempty"` // secret, split_secret, quarantined, not_scanned, scan_timeout, scan_busy
	Findings  []LineFinding `json:"findings"`
	Time      time.Time     `json:"time"`
}

// LineFinding is a secret in a Line. It never holds the secret.
type LineFinding struct {
	Rule        string   `json:"rule"`
	SecretType  string   `json:"secret_type"`
	Severity    string   `json:"severity"`
	Confidence  float64  `json:"confidence"`
	Redacted    string   `json:"redacted"`
	Fingerprint string   `json:"fingerprint"`           // keyed
	MessageIDs  []string `json:"message_ids,omitempty"` // over which it was split
}

func (r Record) line() Line {
	l := Line{
		MessageID: r.Message.ID, Topic: r.Message.Topic, Sender: r.Message.Sender,
		Verdict: r.Verdict.Answer, Reason: r.Verdict.Reason, Findings: []LineFinding{}, Time: r.At.UTC(),
	}
	for _, f := range r.Verdict.Findings {
		l.Findings = append(l.Findings, LineFinding{
			Rule: f.Rule, SecretType: f.SecretType, Severity: f.Severity, Confidence: f.Confidence,
			Redacted: f.Redacted, Fingerprint: f.Fingerprint, MessageIDs: f.Messages,
		})
	}
	return l
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
