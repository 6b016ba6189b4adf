package sqlstore

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
)

// quarantineRow is a row of the table quarantine.
type quarantineRow struct {
	bun.BaseModel `bun:"table:quarantine"`

	ID                string     `bun:"id,pk"`
	Timestamp         time.Time  `bun:"timestamp"`
	Source            string     `bun:"source"`
	HypercorePosition *int64     `bun:"hypercore_position"`
	CoreKey           string     `bun:"core_key"`
	Fork              int64      `bun:"fork"`
	BzzzMessageID     string     `bun:"bzzz_message_id"`
	MessageType       string     `bun:"message_type"`
	Sender            string     `bun:"sender"`
	Label             string     `bun:"label"`
	Rule              string     `bun:"rule"`
	SecretType        string     `bun:"secret_type"`
	Severity          int        `bun:"severity"`
	Confidence        float64    `bun:"confidence"`
	RedactedContent   string     `bun:"redacted_content"`
	FullContentHash   string     `bun:"full_content_hash"`
	Fingerprint       string     `bun:"fingerprint"`
	Occurrences       int        `bun:"occurrences"`
	Disposition       string     `bun:"disposition"`
	CorrelationID     string     `bun:"correlation_id"`
	Reviewed          bool       `bun:"reviewed"`
	ReviewAction      *string    `bun:"review_action"`
	ReviewReason      string     `bun:"review_reason"`
	Reviewer          *string    `bun:"reviewer"`
	ReviewTimestamp   *time.Time `bun:"review_timestamp"`
	DedupKey          string     `bun:"dedup_key"`
}

func newQuarantineRow(q leak.Quarantine) quarantineRow {
	return quarantineRow{
		ID: text(q.ID), Timestamp: stamp(q.Timestamp), Source: text(q.SourceID),
		HypercorePosition: signed(q.Index), CoreKey: text(q.CoreKey), Fork: int64(q.Fork),
		BzzzMessageID: text(q.MessageID), MessageType: text(q.MessageType), Sender: text(q.From), Label: text(q.Label),
		Rule: text(q.Rule), SecretType: text(q.SecretType), Severity: int(q.Severity), Confidence: q.Confidence,
		RedactedContent: text(q.RedactedContent), FullContentHash: text(q.FullContentHash),
		Fingerprint: text(q.Fingerprint), Occurrences: q.Occurrences, Disposition: string(q.Disposition),
		CorrelationID: text(q.CorrelationID), Reviewed: q.Reviewed, ReviewAction: optional(q.ReviewAction),
		ReviewReason: text(q.ReviewReason), Reviewer: optional(q.Reviewer), ReviewTimestamp: stampOrNil(q.ReviewTimestamp),
		DedupKey: identity(entryIdentity(q.SourceID, q.Index, q.CoreKey, q.Fork, q.MessageID), q.Fingerprint),
	}
}

func (r quarantineRow) value() leak.Quarantine {
	return leak.Quarantine{
		ID: r.ID, Timestamp: r.Timestamp.UTC(), SourceID: r.Source, Index: unsigned(r.HypercorePosition),
		CoreKey: r.CoreKey, Fork: uint64(r.Fork), MessageID: r.BzzzMessageID, MessageType: r.MessageType,
		From: r.Sender, Label: r.Label, Rule: r.Rule, SecretType: r.SecretType, Severity: event.Severity(r.Severity),
		Confidence: r.Confidence, RedactedContent: r.RedactedContent, FullContentHash: r.FullContentHash,
		Fingerprint: r.Fingerprint, Occurrences: r.Occurrences, Disposition: leak.Disposition(r.Disposition),
		CorrelationID: r.CorrelationID, Reviewed: r.Reviewed, ReviewAction: valueOr(r.ReviewAction, ""),
		ReviewReason: r.ReviewReason, Reviewer: valueOr(r.Reviewer, ""), ReviewTimestamp: utc(r.ReviewTimestamp),
	}
}

// findingRow is a row of the table findings.
type findingRow struct {
	bun.BaseModel `bun:"table:findings"`

	ID                string    `bun:"id,pk"`
	OccurredAt        time.Time `bun:"occurred_at"`
	Source            string    `bun:"source"`
	HypercorePosition *int64    `bun:"hypercore_position"`
	CoreKey           string    `bun:"core_key"`
	Fork              int64     `bun:"fork"`
	BzzzMessageID     string    `bun:"bzzz_message_id"`
	Rule              string    `bun:"rule"`
	SecretType        string    `bun:"secret_type"`
	Severity          int       `bun:"severity"`
	Confidence        float64   `bun:"confidence"`
	Redacted          string    `bun:"redacted"`
	Field             string    `bun:"field"`
	Decoders          string    `bun:"decoders"` // a JSON list
	Fingerprint       string    `bun:"fingerprint"`
	QuarantineID      *string   `bun:"quarantine_id"`
	CorrelationID     string    `bun:"correlation_id"`
	DedupKey          string    `bun:"dedup_key"`
}

func newFindingRow(f leak.Finding) (findingRow, error) {
	decoders, err := json.Marshal(f.Decoders)
	if err != nil {
		return findingRow{}, fmt.Errorf("encoding decoders of finding %s: %w", f.ID, err)
	}
	return findingRow{
		ID: text(f.ID), OccurredAt: stamp(f.OccurredAt), Source: text(f.SourceID), HypercorePosition: signed(f.Index),
		CoreKey: text(f.CoreKey), Fork: int64(f.Fork), BzzzMessageID: text(f.MessageID), Rule: text(f.Rule),
		SecretType: text(f.SecretType), Severity: int(f.Severity), Confidence: f.Confidence, Redacted: text(f.Redacted),
		Field: text(f.Field), Decoders: text(string(decoders)), Fingerprint: text(f.Fingerprint),
		QuarantineID: optional(f.QuarantineID), CorrelationID: text(f.CorrelationID),
		DedupKey: identity(entryIdentity(f.SourceID, f.Index, f.CoreKey, f.Fork, f.MessageID), f.Rule, f.Fingerprint, f.Field),
	}, nil
}

func (r findingRow) value() (leak.Finding, error) {
	f := leak.Finding{
		ID: r.ID, OccurredAt: r.OccurredAt.UTC(), SourceID: r.Source, Index: unsigned(r.HypercorePosition),
		CoreKey: r.CoreKey, Fork: uint64(r.Fork), MessageID: r.BzzzMessageID, Rule: r.Rule, SecretType: r.SecretType,
		Severity: event.Severity(r.Severity), Confidence: r.Confidence, Redacted: r.Redacted, Field: r.Field,
		Fingerprint: r.Fingerprint, QuarantineID: valueOr(r.QuarantineID, ""), CorrelationID: r.CorrelationID,
	}
	if err := json.Unmarshal([]byte(r.Decoders), &f.Decoders); err != nil {
		return leak.Finding{}, fmt.Errorf("decoding finding %s: %w", r.ID, err)
	}
	return f, nil
}

// entryIdentity tells one entry of a source from all others: in a log that
// names its key, index and fork do; in one that does not, the message id too,
// because a log that was rotated begins at index 0 again.
func entryIdentity(source string, index *uint64, coreKey string, fork uint64, messageID string) string {
	switch {
	case index == nil:
		return identity(source, "message", messageID)
	case coreKey == "":
		return identity(source, "index", strconv.FormatUint(*index, 10), strconv.FormatUint(fork, 10), messageID)
	}
	return identity(source, "core", coreKey, strconv.FormatUint(*index, 10), strconv.FormatUint(fork, 10))
}
