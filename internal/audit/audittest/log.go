// Package audittest has an in-memory audit log, for tests of whatever stands on
// package audit, and of audit itself: its fields are open, so that a test can
// tamper with them.
//
// It may import audit and what audit imports.
package audittest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/redact"
)

// Log is an audit.Log in memory. Its zero value is empty and ready.
type Log struct {
	mu      sync.Mutex
	Records []audit.Record
	Marks   []audit.Checkpoint
	Seq     int64  // the head
	Hash    string // the head; empty: Genesis
	Err     error  // what every method returns
}

var _ audit.Log = (*Log)(nil)

// RecordAudit appends a record.
func (l *Log) RecordAudit(_ context.Context, by audit.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Err != nil {
		return l.Err
	}
	r := audit.Chain(l.Seq, l.head(), by)
	l.Records, l.Seq, l.Hash = append(l.Records, r), r.Seq, r.Hash
	return nil
}

func (l *Log) head() string {
	if l.Hash == "" {
		return audit.Genesis
	}
	return l.Hash
}

// AuditRecords implements audit.Log.
func (l *Log) AuditRecords(_ context.Context, after int64, limit int) ([]audit.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []audit.Record
	for _, r := range l.Records {
		if r.Seq > after && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, l.Err
}

// AuditHead implements audit.Log.
func (l *Log) AuditHead(context.Context) (int64, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Seq, l.head(), l.Err
}

// Checkpoints implements audit.Log.
func (l *Log) Checkpoints(_ context.Context, after int64, limit int) ([]audit.Checkpoint, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []audit.Checkpoint
	for _, c := range l.Marks {
		if c.Seq > after && len(out) < limit {
			out = append(out, c)
		}
	}
	return out, l.Err
}

// LastCheckpoint implements audit.Log.
func (l *Log) LastCheckpoint(context.Context) (audit.Checkpoint, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Err == nil && len(l.Marks) == 0 {
		return audit.Checkpoint{}, audit.ErrNoCheckpoint
	}
	if l.Err != nil {
		return audit.Checkpoint{}, l.Err
	}
	return l.Marks[len(l.Marks)-1], nil
}

// SaveCheckpoint implements audit.Log.
func (l *Log) SaveCheckpoint(_ context.Context, c audit.Checkpoint) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Err == nil && !slices.ContainsFunc(l.Marks, func(m audit.Checkpoint) bool { return m.Seq == c.Seq }) {
		l.Marks = append(l.Marks, c)
	}
	return l.Err
}

// ListAudit returns records that pass the filter, newest first.
func (l *Log) ListAudit(_ context.Context, f audit.Filter, before int64, limit int) ([]audit.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []audit.Record
	for _, r := range slices.Backward(l.Records) {
		if (before == 0 || r.Seq < before) && passes(f, r) && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, l.Err
}

func passes(f audit.Filter, r audit.Record) bool {
	object, all := strings.CutSuffix(f.Action, "*")
	return (f.Actor == "" || f.Actor == r.Actor.Name) && (f.Target == "" || f.Target == r.Target) &&
		(f.Action == "" || f.Action == r.Action || all && strings.HasPrefix(r.Action, object)) &&
		(f.From.IsZero() || !r.Time.Before(f.From)) && (f.To.IsZero() || r.Time.Before(f.To))
}

// Seed is a signing key's seed for tests, made of one byte.
func Seed(b byte) redact.Secret { return redact.NewSecret(string(bytes.Repeat([]byte{b}, 32))) }

// Signer signs with the key of Seed(b).
func Signer(b byte) *audit.Signer {
	s, err := audit.NewSigner(Seed(b))
	if err != nil { // its size is right
		panic(err)
	}
	return s
}
