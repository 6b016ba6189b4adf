// Package stdin is the kind of source that reads a stream once: standard
// input, a pipe, a connection. README.md describes it.
//
// It may import leak/source, internal/id and the standard library.
package stdin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak/source"
)

// idle is how long a stream must be silent before what it said is delivered,
// though no batch is full.
const idle = 50 * time.Millisecond

// Source reads one stream. What it has read and could not deliver it keeps in
// memory for the next Run.
type Source struct {
	in     io.Reader
	idle   time.Duration
	start  sync.Once
	lines  chan line
	closed chan struct{}
	end    sync.Once

	// The rest belongs to Run.
	group   group
	pending *source.Batch
	ended   bool
	detail  string // how it ended
}

// New reads in, from the first Run on.
func New(in io.Reader) *Source {
	return &Source{in: in, idle: idle, lines: make(chan line, 16), closed: make(chan struct{}), group: group{stream: id.New()}}
}

// Close ends the reading. When in is an io.Closer it is closed, which wakes a
// read that waits; the wait for one that is not ends with the process.
func (s *Source) Close() error {
	s.end.Do(func() { close(s.closed) })
	if c, ok := s.in.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Run implements source.Source. A stream cannot be read again, so that the
// position is ignored; it counts for people.
func (s *Source) Run(ctx context.Context, _ json.RawMessage, sink source.Sink) error {
	s.start.Do(func() { go s.pump() })
	if !s.ended {
		sink.Report(source.Status{State: source.Live})
	}
	for {
		if err := s.deliver(ctx, sink); err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
		if s.ended {
			sink.Report(source.Status{State: source.Stopped, Detail: s.detail})
			return nil
		}
		if !s.gather(ctx) {
			return nil
		}
	}
}

// deliver delivers what is pending; it stays pending until that succeeds.
func (s *Source) deliver(ctx context.Context, sink source.Sink) error {
	if s.pending == nil {
		return nil
	}
	if err := sink.Deliver(ctx, *s.pending); err != nil {
		return err
	}
	s.pending = nil
	return nil
}

// gather fills the pending batch; false when ctx ended first.
func (s *Source) gather(ctx context.Context) bool {
	for !s.group.full() {
		quiet, stop := s.quiet()
		select {
		case <-ctx.Done():
			stop()
			return false // what was gathered stays in the group
		case l := <-s.lines:
			stop()
			if s.take(l); s.ended {
				return true
			}
		case <-quiet:
			s.flush()
			return true
		}
	}
	s.pending = s.group.batch()
	return true
}

// quiet fires when the stream has been silent and there is something to say.
func (s *Source) quiet() (<-chan time.Time, func()) {
	if s.group.empty() {
		return nil, func() {}
	}
	timer := time.NewTimer(s.idle)
	return timer.C, func() { timer.Stop() }
}

// take adds what the pump read, or ends.
func (s *Source) take(l line) {
	if l.err == nil {
		s.group.add(l)
		return
	}
	s.flush()
	s.ended, s.detail = true, "the input ended"
	if !errors.Is(l.err, io.EOF) {
		s.detail = "reading failed: " + l.err.Error()
		if s.pending == nil {
			s.pending = s.group.batch()
		}
		s.pending.Losses = append(s.pending.Losses, source.Loss{Reason: s.detail})
	}
}

func (s *Source) flush() {
	s.group.close()
	if len(s.group.entries) > 0 {
		s.pending = s.group.batch()
	}
}
