package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A checkpoint is made after so many lines, or after so long when there are
// any.
const (
	signEvery = 1000
	signAfter = time.Minute

	lookEvery  = time.Second      // whether it is time to sign
	countEvery = 10 * time.Second // metrics.json is written
	tidyEvery  = time.Minute      // files are packed and deleted
)

// Run signs, packs, deletes and counts until ctx ends. What fails is logged and
// tried again.
func (l *Ledger) Run(ctx context.Context) error {
	var counted, tidied time.Time
	for {
		now := l.o.Clock.Now()
		if l.due(now) {
			l.complain("signing the egress audit log", l.Sign())
		}
		if now.Sub(counted) >= countEvery {
			counted = now
			l.complain("writing "+metricsFile, l.saveMetrics())
		}
		if now.Sub(tidied) >= tidyEvery {
			tidied = now
			l.complain("tidying the egress audit log", l.Tidy())
		}
		select {
		case <-l.o.Clock.After(lookEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

func (l *Ledger) complain(doing string, err error) {
	if err != nil {
		l.o.Log.Warn(doing, "error", err)
	}
}

// due reports whether enough was added since the last checkpoint.
func (l *Ledger) due(now time.Time) bool {
	since := l.Head().Seq - l.notes.last()
	return since >= signEvery || since > 0 && far(now, l.notes.since(), signAfter)
}

// far reports whether a time is that far away: in the past or, after the
// machine's clock was set back, in the future.
func far(now, then time.Time, by time.Duration) bool { return now.Sub(then).Abs() >= by }

// Sign makes a checkpoint of the head, unless there is one, and writes it to
// Cordon's own log, from where it reaches other machines.
func (l *Ledger) Sign() error {
	head := l.Head()
	if head.Seq <= l.notes.last() {
		return nil
	}
	m, err := l.notes.sign(head)
	if err != nil {
		return err
	}
	l.o.Log.Info("egress audit checkpoint", "event", "egress_audit_checkpoint", "seq", m.Seq, "hash", m.Hash,
		"time", m.Time, "key_id", m.KeyID, "public_key", m.PublicKey, "signature", m.Signature)
	return nil
}

// Tidy packs files that no longer grow and deletes those that are too old, or
// too many.
func (l *Ledger) Tidy() error {
	l.tidying.Lock()
	defer l.tidying.Unlock()
	all, err := l.rotated()
	if err != nil {
		return err
	}
	var errs []error
	for i, s := range all {
		if s.gz {
			continue
		}
		if err := pack(s); err != nil {
			errs = append(errs, fmt.Errorf("packing %s: %w", filepath.Base(s.path), err))
			continue
		}
		all[i].path, all[i].gz = s.path+packed, true
	}
	return errors.Join(append(errs, l.prune(all))...)
}

// rotated lists the files that no longer grow.
func (l *Ledger) rotated() ([]segment, error) {
	l.naming.Lock()
	defer l.naming.Unlock()
	all, err := segments(l.o.Dir)
	return slices.DeleteFunc(all, func(s segment) bool { return s.first == 0 }), err
}

// prune deletes the oldest files. The floor is signed first, so that after a
// crash between the two there is a file too many, never one too few.
func (l *Ledger) prune(all []segment) error {
	n, err := l.expired(all)
	if err != nil || n == 0 {
		return err
	}
	next, err := firstOf(all[n])
	if err != nil {
		return err
	}
	floor := Head{next.Seq - 1, next.Prev}
	if err := l.notes.raise(floor); err != nil {
		return err
	}
	for _, s := range all[:n] {
		err = errors.Join(err, os.Remove(s.path))
	}
	l.o.Log.Info("deleted the oldest of the egress audit log", "files", n, "up_to_line", floor.Seq)
	return errors.Join(err, syncDir(l.o.Dir))
}

// expired counts the files that go: those older than Keep, and the oldest until
// the rest is small enough. The newest stays: it says where the rest begins.
func (l *Ledger) expired(all []segment) (n int, err error) {
	sizes := make([]int64, len(all))
	var total int64
	for i, s := range all {
		info, err := os.Stat(s.path)
		if err != nil {
			return 0, err
		}
		sizes[i] = info.Size()
		total += sizes[i]
	}
	for i := 0; i+1 < len(all); i++ {
		next, err := firstOf(all[i+1]) // when it began, this one had ended
		if err != nil {
			return n, err
		}
		old := l.o.Keep > 0 && l.o.Clock.Now().Sub(next.Time) > l.o.Keep
		big := l.o.KeepBytes > 0 && total > l.o.KeepBytes
		if !old && !big {
			break
		}
		total -= sizes[i]
		n = i + 1
	}
	return n, nil
}

// firstOf reads a file's first line; the zero Line when there is none yet.
func firstOf(s segment) (Line, error) {
	r, err := s.open()
	if err != nil {
		return Line{}, err
	}
	defer func() { _ = r.Close() }()
	text, whole, err := newLines(r).next()
	if err != nil || !whole {
		return Line{}, notEOF(err)
	}
	line, err := parse(text)
	if err != nil {
		return Line{}, fmt.Errorf("%w: the first line of %s: %w", ErrTampered, filepath.Base(s.path), err)
	}
	return line, nil
}
