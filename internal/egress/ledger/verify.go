package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.cordon.dev/cordon/internal/audit"
)

// checkEvery is how many lines are read between two looks whether somebody still
// waits for the result.
const checkEvery = 1000

// maxProblems bounds the problems that are listed; more are counted.
const maxProblems = 100

// VerifyOptions say what a log is held against.
type VerifyOptions struct {
	Signer *audit.Signer // Mandatory. Knows this installation's checkpoints.
	Floor  *audit.Signer // Mandatory. Knows what retention signed.
	Known  Head          // What the store has of this log; zero: nothing.

	until Head // lines behind it are being written and not looked at; zero: there are none
}

// Report is what a verification found. The kinds of problems are those of
// internal/audit.
type Report struct {
	Files       int             // that were read
	Lines       uint64          // that were read
	First       uint64          // number of the first line that is kept
	Head        Head            // the last line
	Checkpoints int             // that were compared
	Signed      uint64          // number of the last line under a good checkpoint
	Torn        int             // bytes of a last line that a crash left half written
	Problems    []audit.Problem // the first 100
	More        int             // problems beyond those
}

// OK reports whether nothing was found.
func (r Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) add(seq uint64, kind, detail string, args ...any) {
	if len(r.Problems) >= maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, audit.Problem{Seq: int64(seq), Kind: kind, Detail: fmt.Sprintf(detail, args...)})
}

// Verify verifies the log while it is written. Retention waits meanwhile.
func (l *Ledger) Verify(ctx context.Context, known Head) (Report, error) {
	l.tidying.Lock()
	defer l.tidying.Unlock()
	l.naming.Lock()
	all, err := segments(l.o.Dir)
	if n := len(all); err == nil && n > 0 && all[n-1].first == 0 {
		all[n-1].opened, err = os.Open(all[n-1].path)
	}
	until := l.Head()
	l.naming.Unlock()
	if err != nil {
		return Report{}, fmt.Errorf("verifying the egress audit log: %w", err)
	}
	return verify(ctx, l.o.Dir, all, VerifyOptions{Signer: l.o.Signer, Floor: l.o.Floor, Known: known, until: until})
}

// walk is one verification under way.
type walk struct {
	Report
	o      VerifyOptions
	marks  []mark // not reached yet
	newest uint64 // number of the last checkpoint
	lost   bool   // the last line could not be read: the next one's prev_hash says nothing
}

// Verify reads a whole log. The error is of the disk; what is wrong with the
// log is in the report. It finds every line that was changed, removed or moved,
// and an end that was cut, as far back as the newest checkpoint and o.Known
// reach.
func Verify(ctx context.Context, dir string, o VerifyOptions) (Report, error) {
	all, err := segments(dir)
	if err != nil {
		return Report{}, fmt.Errorf("verifying the egress audit log in %s: %w", dir, err)
	}
	return verify(ctx, dir, all, o)
}

func verify(ctx context.Context, dir string, all []segment, o VerifyOptions) (Report, error) {
	w := &walk{o: o}
	floor, err := w.begin(dir)
	if err != nil {
		return Report{}, fmt.Errorf("verifying the egress audit log in %s: %w", dir, err)
	}
	all = kept(all, floor.Seq)
	for i, s := range all {
		if err := w.file(ctx, s, i == len(all)-1); err != nil {
			return Report{}, fmt.Errorf("verifying the egress audit log: %s: %w", s.name(), err)
		}
	}
	w.finish()
	return w.Report, nil
}

// begin reads what the log is held against.
func (w *walk) begin(dir string) (floor Head, err error) {
	floor, err = readFloor(dir, w.o.Floor)
	if errors.Is(err, ErrTampered) {
		w.add(0, audit.BadMark, "%v", err)
		floor, err = start(), nil
	}
	if err != nil {
		return Head{}, err
	}
	marks, problems, err := readMarks(dir, w.o.Signer)
	if err != nil {
		return Head{}, err
	}
	for _, p := range problems {
		w.add(uint64(p.Seq), p.Kind, "%s", p.Detail)
	}
	for _, m := range marks {
		if w.o.until.Seq == 0 || m.Seq <= w.o.until.Seq { // others sign what is not looked at
			w.marks, w.newest = append(w.marks, m), max(w.newest, m.Seq)
		}
	}
	w.Head, w.First = floor, floor.Seq+1
	return floor, nil
}

// kept leaves out files that retention was about to delete.
func kept(all []segment, floor uint64) []segment {
	for len(all) > 1 && all[0].first > 0 && all[1].first > 0 && all[1].first <= floor+1 {
		all = all[1:]
	}
	return all
}

func (w *walk) file(ctx context.Context, s segment, last bool) error {
	r, err := s.open()
	if err != nil {
		w.add(w.Head.Seq+1, audit.Changed, "%s cannot be read: %v", s.name(), err)
		return nil
	}
	defer func() { _ = r.Close() }()
	w.Files++
	lines := newLines(r)
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		text, whole, err := lines.next()
		switch {
		case errors.Is(err, io.EOF) || w.done():
			return ctx.Err()
		case err != nil:
			w.add(w.Head.Seq+1, audit.Changed, "%s cannot be read behind line %d: %v", s.name(), w.Head.Seq, err)
			return nil
		case !whole && last:
			w.Torn = len(text)
			return nil
		case !whole:
			w.add(w.Head.Seq+1, audit.Changed, "%s lacks the end of its last line", s.name())
		}
		w.line(text, s, n == 0)
	}
}

// done reports whether the walk has reached what is being written.
func (w *walk) done() bool { return w.o.until.Seq > 0 && w.Head.Seq >= w.o.until.Seq }

// line checks one line, then takes it as it is, so that one change is one
// problem.
func (w *walk) line(text []byte, s segment, first bool) {
	w.Lines++
	l, err := parse(text)
	if err != nil && l.Seq == 0 {
		w.add(w.Head.Seq+1, audit.Changed, "the line behind line %d in %s was changed: %v", w.Head.Seq, s.name(), err)
		w.Head, w.lost = Head{w.Head.Seq + 1, ""}, true
		return
	}
	if err != nil {
		w.add(l.Seq, audit.Changed, "line %d was changed: %v", l.Seq, err)
	}
	if first && s.first > 0 && s.first != l.Seq {
		w.add(l.Seq, audit.Missing, "%s begins with line %d: the file was renamed or swapped, or its beginning removed", s.name(), l.Seq)
	}
	w.order(l)
	w.Head, w.lost = l.head(), false
	w.mark()
}

func (w *walk) order(l Line) {
	before := w.Head
	if w.lost {
		before.Hash = l.Prev
	}
	if err := l.follows(before); err != nil {
		kind := audit.Missing
		if l.Seq == before.Seq+1 {
			kind = audit.Changed
		}
		w.add(l.Seq, kind, "%v", err)
	}
}

// mark compares the line that was just read with what was signed or stored.
func (w *walk) mark() {
	for len(w.marks) > 0 && w.marks[0].Seq <= w.Head.Seq {
		m := w.marks[0]
		w.marks = w.marks[1:]
		w.Checkpoints++
		switch {
		case m.Seq < w.Head.Seq:
			w.add(m.Seq, audit.Missing, "line %d is gone, though a checkpoint signs it", m.Seq)
		case m.Hash != w.Head.Hash:
			w.add(m.Seq, audit.Rewritten, "line %d is not the one that a checkpoint signs: the log was rewritten", m.Seq)
		default:
			w.Signed = m.Seq
		}
	}
	for _, h := range []Head{w.o.Known, w.o.until} {
		if h.Seq > 0 && h.Seq == w.Head.Seq && h.Hash != w.Head.Hash {
			w.add(h.Seq, audit.Rewritten, "line %d is not the one that is known from elsewhere: the log was rewritten", h.Seq)
		}
	}
}

// finish looks for what lies behind the end of the log.
func (w *walk) finish() {
	if w.newest > w.Head.Seq {
		w.add(w.newest, audit.Truncated, "the log ends with line %d, but a checkpoint signs line %d: the end is gone", w.Head.Seq, w.newest)
	}
	known := max(w.o.Known.Seq, w.o.until.Seq)
	if known > w.Head.Seq {
		w.add(known, audit.Truncated, "the log ends with line %d, but line %d is known from elsewhere: the end is gone", w.Head.Seq, known)
	}
}
