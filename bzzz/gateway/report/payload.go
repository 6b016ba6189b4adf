package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/bzzz/gateway/judge"
)

// Event is the envelope of what a server is told.
type Event struct {
	ID            string          `json:"id"` // UUIDv7; the server takes an event once
	Topic         string          `json:"topic"`
	Time          time.Time       `json:"time"`
	Source        string          `json:"source"`
	Severity      string          `json:"severity"`
	Subject       string          `json:"subject,omitempty"`
	CorrelationID string          `json:"correlation_id,omitempty"`
	Schema        int             `json:"schema"`
	Data          json.RawMessage `json:"data"`
}

// quarantined is the payload of leak.message.quarantined.
type quarantined struct {
	Fingerprint     string    `json:"fingerprint"`
	Rule            string    `json:"rule"`
	SecretType      string    `json:"secret_type"`
	Redacted        string    `json:"redacted"`
	Confidence      float64   `json:"confidence"`
	OccurredAt      time.Time `json:"occurred_at"`
	SourceID        string    `json:"source_id"`
	Index           *uint64   `json:"hypercore_position"`
	Fork            uint64    `json:"fork"`
	MessageID       string    `json:"bzzz_message_id"`
	QuarantineID    string    `json:"quarantine_id"`
	RedactedContent string    `json:"redacted_content"`
	FullContentHash string    `json:"full_content_hash"`
	Occurrences     int       `json:"occurrences"`
	Disposition     string    `json:"disposition"`
	MessageType     string    `json:"message_type,omitempty"`
	From            string    `json:"from,omitempty"`
	Recommendation  string    `json:"recommendation,omitempty"`
}

// State is what a gateway says of itself: leak.gateway.{id}.state.
type State struct {
	GatewayID   string     `json:"gateway_id"`
	State       string     `json:"state"` // running, stopping
	Version     string     `json:"version"`
	Listeners   []Listener `json:"listeners"`
	Peers       []Peer     `json:"peers"` // at most 200
	PeersTotal  int        `json:"peers_total"`
	Topics      []Topic    `json:"topics"` // at most 200
	TopicsTotal int        `json:"topics_total"`
	Relayed     int64      `json:"relayed"`
	Withheld    int64      `json:"withheld"`
	NotScanned  int64      `json:"not_scanned"`
	Dropped     int64      `json:"dropped"` // messages, notices and reports for which there was no room
	Queue       int        `json:"queue"`   // reports that are not on disk yet
	Spooled     int64      `json:"spooled"` // bytes that wait for the server
}

// Listener is one side of the gateway.
type Listener struct {
	Side      string   `json:"side"` // a, b
	Addresses []string `json:"addresses"`
	PeerID    string   `json:"peer_id"`
}

// Peer is a node that is connected.
type Peer struct {
	PeerID      string    `json:"peer_id"`
	Side        string    `json:"side"`
	Address     string    `json:"address"`
	Agent       string    `json:"agent"`
	ConnectedAt time.Time `json:"connected_at"`
	Received    int64     `json:"received"`
	Withheld    int64     `json:"withheld"`
}

// Topic is a topic that is relayed.
type Topic struct {
	Name     string `json:"name"`
	PeersA   int    `json:"peers_a"`
	PeersB   int    `json:"peers_b"`
	Relayed  int64  `json:"relayed"`
	Withheld int64  `json:"withheld"`
}

// Bypass says that two peers met without the gateway: leak.gateway.{id}.bypass.
type Bypass struct {
	GatewayID string `json:"gateway_id"`
	PeerA     string `json:"peer_a"`
	PeerB     string `json:"peer_b"`
	Topic     string `json:"topic"`
	MessageID string `json:"message_id"`
	Evidence  string `json:"evidence"`
}

// maker makes events of one gateway.
type maker struct{ gateway string }

func (m maker) event(topic, severity, subject string, at time.Time, data any) (Event, error) {
	b, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("encoding an event of %s: %w", topic, err)
	}
	return Event{
		ID: newID(), Topic: topic, Time: at.UTC(), Source: m.gateway + "/gossip", Severity: severity,
		Subject: subject, Schema: 1, Data: b,
	}, nil
}

// withheld makes one event for each secret of a record. What is on the server's
// list already, and holds no secret that the gateway found, makes none.
func (m maker) withheld(r Record) ([]Event, error) {
	var out []Event
	correlation := newID()
	for _, f := range r.Verdict.Findings {
		e, err := m.event("leak.message.quarantined", severityOf(f), m.gateway, r.At, m.quarantined(r, f))
		if err != nil {
			return nil, err
		}
		e.CorrelationID = correlation
		out = append(out, e)
	}
	return out, nil
}

func (m maker) quarantined(r Record, f judge.Finding) quarantined {
	content := f.Context
	if len(f.Messages) > 0 {
		content += " [" + strings.Join(f.Messages, ", ") + "]"
	}
	return quarantined{
		Fingerprint: f.Fingerprint, Rule: f.Rule, SecretType: f.SecretType, Redacted: f.Redacted, Confidence: f.Confidence,
		OccurredAt: r.At.UTC(), SourceID: m.gateway, MessageID: r.Message.ID, QuarantineID: newID(),
		RedactedContent: content, FullContentHash: r.Verdict.Hash, Occurrences: max(1, f.Occurrences), Disposition: "withheld",
		MessageType: r.Verdict.Report.Type, From: r.Message.Sender, Recommendation: f.Recommendation,
	}
}

// severityOf is never info: that never enters quarantine.
func severityOf(f judge.Finding) string {
	switch f.Severity {
	case "low", "medium", "high", "critical":
		return f.Severity
	default:
		return "low"
	}
}
