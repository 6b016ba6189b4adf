package audit

import (
	"context"
	"errors"
	"fmt"
)

// The kinds of problems that Verify finds.
const (
	Missing   = "missing"   // records are gone, or not in their order
	Changed   = "changed"   // a record is not what it was
	Truncated = "truncated" // the end of the log is gone
	Rewritten = "rewritten" // the chain fits, but is not the one that was signed
	BadMark   = "signature" // a checkpoint itself cannot be relied on
)

const (
	verifyPage  = 1000 // records read at a time
	maxProblems = 100  // more are counted, not listed
)

// Problem is one thing that is wrong with the log.
type Problem struct {
	Seq    int64 // of the record or checkpoint
	Kind   string
	Detail string
}

// Report is what a verification found.
type Report struct {
	Records     int64     // that were read
	Seq         int64     // number of the last record
	Hash        string    // of the last record
	Checkpoints int       // that were checked
	Signed      int64     // number of the last record under a good checkpoint; 0: none
	Problems    []Problem // the first 100
	More        int       // problems beyond those
}

// OK reports whether nothing was found.
func (r Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) add(seq int64, kind, detail string, args ...any) {
	if len(r.Problems) >= maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, Problem{seq, kind, fmt.Sprintf(detail, args...)})
}

// walk is one verification under way.
type walk struct {
	Report
	log     Log
	signer  *Signer
	newest  int64 // number of the last checkpoint as the walk began
	end     int64 // the head's number as it began
	endHash string
	marks   []Checkpoint // read, and not reached yet
	marked  int64        // number of the last checkpoint that was read
}

// Verify reads the whole log and all checkpoints. against are checkpoints that
// were kept elsewhere: they bind the log also where those in the database were
// removed. The error is of the store; what is wrong with the log is in the
// report.
func Verify(ctx context.Context, log Log, signer *Signer, against ...Checkpoint) (Report, error) {
	w := &walk{log: log, signer: signer}
	w.Hash = Genesis
	if err := w.begin(ctx); err != nil {
		return Report{}, err
	}
	for _, c := range against {
		w.signature(c, "the given checkpoint")
	}
	if err := w.records(ctx, against); err != nil {
		return Report{}, err
	}
	return w.Report, w.finish(ctx, against)
}

// begin reads the checkpoints' end before the log's, so that what is appended
// meanwhile is not taken for missing.
func (w *walk) begin(ctx context.Context) error {
	last, err := w.log.LastCheckpoint(ctx)
	if err != nil && !errors.Is(err, ErrNoCheckpoint) {
		return fmt.Errorf("verifying audit log: %w", err)
	}
	w.newest = last.Seq
	if w.end, w.endHash, err = w.log.AuditHead(ctx); err != nil {
		return fmt.Errorf("verifying audit log: %w", err)
	}
	return nil
}

func (w *walk) records(ctx context.Context, against []Checkpoint) error {
	for w.Seq < w.end {
		page, err := w.log.AuditRecords(ctx, w.Seq, verifyPage)
		if err != nil {
			return fmt.Errorf("verifying audit log: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		for _, r := range page {
			if r.Seq > w.end {
				return nil // appended since the walk began
			}
			if err := w.record(ctx, r, against); err != nil {
				return err
			}
		}
	}
	return nil
}

// record checks one record, then takes it as it is, so that one change is one
// problem.
func (w *walk) record(ctx context.Context, r Record, against []Checkpoint) error {
	if err := r.Check(w.Seq, w.Hash); err != nil {
		w.add(r.Seq, kindOf(r, w.Seq), "%v", err)
	}
	w.Records++
	w.Seq, w.Hash = r.Seq, r.Hash
	if r.Seq == w.end && r.Hash != w.endHash {
		w.add(r.Seq, Rewritten, "record %d is the last, but the head of the log names another hash", r.Seq)
	}
	for _, c := range against {
		if c.Seq == r.Seq && c.Hash != r.Hash {
			w.add(r.Seq, Rewritten, "record %d is not the one that the given checkpoint signs: the log was rewritten", r.Seq)
		}
	}
	return w.mark(ctx, r)
}

func kindOf(r Record, seq int64) string {
	if r.Seq != seq+1 {
		return Missing
	}
	return Changed
}

// mark compares a record with its checkpoint, if there is one.
func (w *walk) mark(ctx context.Context, r Record) error {
	for {
		if err := w.fill(ctx); err != nil {
			return err
		}
		if len(w.marks) == 0 || w.marks[0].Seq > r.Seq {
			return nil
		}
		c := w.marks[0]
		w.marks = w.marks[1:]
		w.compare(c, r)
	}
}

func (w *walk) compare(c Checkpoint, r Record) {
	w.Checkpoints++
	good := w.signature(c, fmt.Sprintf("checkpoint %d", c.Seq))
	switch {
	case c.Seq < r.Seq:
		w.add(c.Seq, Missing, "record %d is gone, though checkpoint %d signs it", c.Seq, c.Seq)
	case c.Hash != r.Hash:
		w.add(c.Seq, Rewritten, "record %d is not the one that checkpoint %d signs: the log was rewritten", c.Seq, c.Seq)
	case good:
		w.Signed = c.Seq
	}
}

// fill reads the next checkpoints when those that were read are used up.
func (w *walk) fill(ctx context.Context) error {
	if len(w.marks) > 0 || w.marked >= w.newest {
		return nil
	}
	next, err := w.log.Checkpoints(ctx, w.marked, verifyPage)
	if err != nil {
		return fmt.Errorf("verifying audit log: %w", err)
	}
	w.marks, w.marked = next, w.newest
	if len(next) > 0 {
		w.marked = next[len(next)-1].Seq
	}
	return nil
}

func (w *walk) signature(c Checkpoint, name string) (good bool) {
	err := w.signer.Check(c)
	switch {
	case errors.Is(err, ErrForeignKey):
		w.add(c.Seq, BadMark, "%s: %v (key %s); after a change of the installation key, name the old one in fingerprint.old_keys", name, err, c.KeyID)
	case err != nil:
		w.add(c.Seq, BadMark, "%s cannot be relied on: %v", name, err)
	}
	return err == nil
}

// finish looks for what lies behind the end of the log.
func (w *walk) finish(ctx context.Context, against []Checkpoint) error {
	if w.Seq < w.end {
		w.add(w.Seq, Truncated, "the log ends with record %d, but its head says %d: the last %d are gone", w.Seq, w.end, w.end-w.Seq)
	}
	if w.newest > w.Seq {
		w.add(w.newest, Truncated, "the log ends with record %d, but checkpoint %d signs a later one: the end is gone", w.Seq, w.newest)
	}
	for _, c := range against {
		if c.Seq > w.Seq {
			w.add(c.Seq, Truncated, "the log ends with record %d, but the given checkpoint signs record %d: the end is gone", w.Seq, c.Seq)
		}
	}
	return ctx.Err()
}
