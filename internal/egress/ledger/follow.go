package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Follower reads the log line by line, from wherever a reader had got, and
// waits for what comes. It is for one goroutine.
type Follower struct {
	l    *Ledger
	next uint64

	plain  *os.File // the open file, when it is not compressed
	off    int64    // of its next line
	packed io.ReadCloser
	lines  *lines
}

// Follow begins behind the line with the number after.
func (l *Ledger) Follow(after uint64) *Follower { return &Follower{l: l, next: after + 1} }

// Next waits until there are lines and returns at most limit of them.
// ErrClosed says that there will be no more. Lines that retention has deleted
// are passed over; the first number then tells how many.
func (f *Follower) Next(ctx context.Context, limit int) ([]Line, error) {
	head, err := f.wait(ctx)
	if err != nil {
		return nil, err
	}
	var out []Line
	for len(out) < limit && f.next <= head.Seq {
		l, err := f.line()
		if err != nil {
			f.Close()
			return out, fmt.Errorf("reading line %d of the egress audit log: %w", f.next, err)
		}
		out = append(out, l)
		f.next = l.Seq + 1
	}
	f.settle()
	return out, nil
}

// wait returns the head once it is behind what was read.
func (f *Follower) wait(ctx context.Context) (Head, error) {
	for {
		f.l.mu.Lock()
		head, grown := f.l.head, f.l.grown
		f.l.mu.Unlock()
		if f.next <= head.Seq {
			return head, nil
		}
		select {
		case <-f.l.done:
			return Head{}, ErrClosed
		default:
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return Head{}, ctx.Err()
		}
	}
}

// line reads the next line, in whichever file it is.
func (f *Follower) line() (Line, error) {
	for range 3 { // the open file, the next one, and one that is renamed meanwhile
		if f.lines == nil {
			if err := f.open(); errors.Is(err, os.ErrNotExist) { // packed meanwhile
				continue
			} else if err != nil {
				return Line{}, err
			}
		}
		l, err := f.read()
		if err == nil {
			return l, nil
		}
		f.Close()
		if !errors.Is(err, io.EOF) {
			return Line{}, err
		}
	}
	return Line{}, io.ErrUnexpectedEOF
}

// read returns the first line of the open file that is not before next.
func (f *Follower) read() (Line, error) {
	for {
		text, whole, err := f.lines.next()
		if err != nil {
			return Line{}, err
		}
		if !whole {
			return Line{}, io.EOF
		}
		f.off += int64(len(text)) + 1
		l, err := parse(text)
		if err != nil {
			return Line{}, err
		}
		if l.Seq >= f.next {
			return l, nil
		}
	}
}

// open opens the file that holds the next line.
func (f *Follower) open() error {
	if f.plain != nil {
		f.lines = newLines(io.NewSectionReader(f.plain, f.off, 1<<62-f.off))
		return nil
	}
	f.l.naming.Lock()
	defer f.l.naming.Unlock()
	s, err := f.segment()
	if err != nil {
		return err
	}
	f.off = 0
	if s.gz {
		if f.packed, err = s.open(); err == nil {
			f.lines = newLines(f.packed)
		}
		return err
	}
	if f.plain, err = os.Open(s.path); err == nil {
		f.lines = newLines(f.plain)
	}
	return err
}

// segment is the last file that begins at or before the next line; the oldest
// when that was deleted.
func (f *Follower) segment() (segment, error) {
	all, err := segments(f.l.o.Dir)
	if err != nil || len(all) == 0 {
		return segment{}, errors.Join(err, noneOf(all))
	}
	found := all[0]
	for _, s := range all {
		first := s.first
		if first == 0 {
			l, err := firstOf(s)
			if err != nil {
				return segment{}, err
			}
			first = l.Seq
		}
		if first > 0 && first <= f.next {
			found = s
		}
	}
	return found, nil
}

func noneOf(all []segment) error {
	if len(all) == 0 {
		return os.ErrNotExist
	}
	return nil
}

// settle forgets what was read ahead: behind the head it may be a batch that
// failed and is taken back.
func (f *Follower) settle() {
	if f.plain != nil {
		f.lines = nil
	}
}

// Close lets go of the open file. The Follower may go on.
func (f *Follower) Close() {
	if f.plain != nil {
		_ = f.plain.Close() // it was only read
	}
	if f.packed != nil {
		_ = f.packed.Close()
	}
	f.plain, f.packed, f.lines, f.off = nil, nil, nil, 0
}

// name is a segment's file name, for people.
func (s segment) name() string { return filepath.Base(s.path) }
