package leak

import (
	"context"
	"encoding/json"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Disposition says what quarantine could do for a message.
type Disposition string

// A message on a gossip network is withheld; one that is already in a log can
// only be recorded and announced (observed). A log is never modified.
const (
	Withheld Disposition = "withheld"
	Observed Disposition = "observed"
)

// Finding is a rule's hit as it is stored: all but the secret.
type Finding struct {
	ID            string
	OccurredAt    time.Time
	SourceID      string
	Index         *uint64 // nil where the source has no index
	CoreKey       string
	Fork          uint64
	MessageID     string
	Rule          string
	SecretType    string
	Severity      event.Severity
	Confidence    float64
	Redacted      string   // the secret, redacted
	Field         string   // path in the message, "data.env.TOKEN"; empty: the raw bytes
	Decoders      []string // passed on the way to it, outermost first
	Fingerprint   string
	QuarantineID  string // empty: below the policy's bar
	CorrelationID string
}

// Quarantine is one withheld or observed message, once per distinct secret.
type Quarantine struct {
	ID              string
	Timestamp       time.Time
	SourceID        string
	Index           *uint64 // the column hypercore_position
	CoreKey         string
	Fork            uint64
	MessageID       string // the column bzzz_message_id
	MessageType     string
	From            string
	Label           string
	Rule            string
	SecretType      string
	Severity        event.Severity
	Confidence      float64
	RedactedContent string
	FullContentHash string // keyed
	Fingerprint     string
	Occurrences     int
	Disposition     Disposition
	CorrelationID   string
	Reviewed        bool
	ReviewAction    string // false_positive, confirmed, uncertain; empty: not reviewed
	ReviewReason    string
	Reviewer        string
	ReviewTimestamp *time.Time
}

// Row is a new row together with the event that tells of it. When the row is
// there already (the entry was read twice), neither is written.
type Row[T any] struct {
	Value T
	Event event.Event
}

// Commit is everything one batch leads to. It is stored whole or not at all.
type Commit struct {
	SourceID   string
	Position   json.RawMessage
	Findings   []Row[Finding]
	Quarantine []Row[Quarantine]
	Metrics    Tally
}

// Tally is what a batch adds to the day's row of detection_metrics.
type Tally struct {
	Day      string // 2006-01-02, UTC
	Messages int
	Secrets  int           // new quarantine entries are counted by the store; this counts findings
	Latency  time.Duration // sum over the messages, from reading to verdict
}

// Ledger is the sensor's memory.
type Ledger interface {
	// Position returns where a source goes on, nil when it never committed.
	Position(ctx context.Context, sourceID string) (json.RawMessage, error)
	// Commit stores a batch and its position in one transaction. It returns how
	// many quarantine rows were new.
	Commit(ctx context.Context, c Commit) (added int, err error)
}
