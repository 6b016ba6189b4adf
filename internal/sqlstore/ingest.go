package sqlstore

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/ingest"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

// Ingest stores what other processes say. An event that tells of a finding or a
// quarantine entry is stored with that row, as the sensor in this process does.
type Ingest struct{ store *store.Store }

var _ ingest.Log = (*Ingest)(nil)

// NewIngest returns the store of events from other processes in s.
func NewIngest(s *store.Store) *Ingest { return &Ingest{s} }

// Ingest implements ingest.Log.
func (i *Ingest) Ingest(ctx context.Context, events []event.Event) error {
	commit, others, err := rowsOf(events)
	if err != nil {
		return fmt.Errorf("reading events from outside: %w", err)
	}
	packed, err := i.packAll(others)
	if err != nil {
		return fmt.Errorf("reading events from outside: %w", err)
	}
	commit.Metrics = leak.Tally{Day: i.store.Now().Format(time.DateOnly), Secrets: len(commit.Findings)}
	err = i.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		w := batch{tx: tx, now: i.store.Now(), known: map[string]string{}, hits: map[string]int{}}
		if err := w.store(ctx, commit); err != nil {
			return err
		}
		for _, e := range packed {
			if err := i.other(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing events from outside: %w", err)
	}
	return nil
}

// other stores an event that tells of no finding, with what it says of a gateway.
func (i *Ingest) other(ctx context.Context, tx *store.Tx, e store.Packed) error {
	switch topic := e.Event().Topic; {
	case event.Match("leak.gateway.*.state", topic):
		return storeReport(ctx, tx, e.Event(), i.store.Now())
	case event.Match("leak.gateway.*.bypass", topic):
		if err := storeBypass(ctx, tx, e.Event()); err != nil {
			return err
		}
	}
	tx.EmitPacked(e)
	return nil
}

// packAll prepares events for the log while the writer does other things.
func (i *Ingest) packAll(events []event.Event) ([]store.Packed, error) {
	all := make([]store.Packed, len(events))
	for k, e := range events {
		encoded, err := event.Encode(e)
		if err != nil {
			return nil, err
		}
		all[k] = i.store.Pack(encoded)
	}
	return all, nil
}

// rowsOf sorts events into those that tell of a row, with it, and the others.
func rowsOf(events []event.Event) (c leak.Commit, others []event.Event, err error) {
	entries := map[[3]string]string{} // the quarantine entries of a message's secrets
	for _, e := range events {
		switch e.Topic {
		case event.TopicMessageQuarantined:
			var p event.MessageQuarantined
			if err := e.Decode(&p); err != nil {
				return c, nil, err
			}
			c.Quarantine = append(c.Quarantine, leak.Row[leak.Quarantine]{Value: entryOf(e, p), Event: e})
			entries[[3]string{p.SourceID, p.MessageID, p.Fingerprint}] = p.QuarantineID
		case event.TopicFindingDetected:
			var p event.FindingDetected
			if err := e.Decode(&p); err != nil {
				return c, nil, err
			}
			c.Findings = append(c.Findings, leak.Row[leak.Finding]{Value: findingOf(e, p), Event: e})
		default:
			others = append(others, e)
		}
	}
	for i := range c.Findings {
		f := &c.Findings[i].Value
		f.QuarantineID = entries[[3]string{f.SourceID, f.MessageID, f.Fingerprint}]
	}
	return c, others, nil
}

func entryOf(e event.Event, p event.MessageQuarantined) leak.Quarantine {
	return leak.Quarantine{
		ID: p.QuarantineID, Timestamp: e.Time, SourceID: p.SourceID, Index: p.Index, CoreKey: p.CoreKey, Fork: p.Fork,
		MessageID: p.MessageID, MessageType: p.MessageType, From: p.From, Rule: p.Rule, SecretType: p.SecretType,
		Severity: e.Severity, Confidence: p.Confidence, RedactedContent: p.RedactedContent, FullContentHash: p.FullContentHash,
		Fingerprint: p.Fingerprint, Occurrences: p.Occurrences, Disposition: leak.Disposition(p.Disposition), CorrelationID: e.CorrelationID,
	}
}

func findingOf(e event.Event, p event.FindingDetected) leak.Finding {
	return leak.Finding{
		ID: p.FindingID, OccurredAt: p.OccurredAt, SourceID: p.SourceID, Index: p.Index, CoreKey: p.CoreKey, Fork: p.Fork,
		MessageID: p.MessageID, Rule: p.Rule, SecretType: p.SecretType, Severity: e.Severity, Confidence: p.Confidence,
		Redacted: p.Redacted, Fingerprint: p.Fingerprint, CorrelationID: e.CorrelationID,
	}
}
