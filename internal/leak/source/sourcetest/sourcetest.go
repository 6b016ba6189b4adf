// Package sourcetest is the conformance suite of log sources: every kind under
// leak/source passes Run. It says in tests what source.Source promises.
//
// To hold a new kind against it, describe in a Subject how the thing it
// watches is made and written to.
package sourcetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/leak/source"
)

// Patience is how long a test waits for what has to happen.
const Patience = time.Minute

// Subject is one thing that can be watched. It does not exist before the first
// Write, as far as its kind can wait for that.
type Subject struct {
	// Open returns a new Source on the thing, as after a restart. Mandatory.
	Open func() source.Source
	// Write adds a message for each number, which must hold Token(n). Mandatory.
	Write func(numbers ...int)
	// Snapshot describes the thing in every respect a reader could change. If
	// nil, a stream: it is there from the beginning, and what was delivered
	// cannot be read again by another Source.
	Snapshot func() string
	// Unordered says that messages written together may come in any order.
	Unordered bool
}

func (s Subject) stream() bool { return s.Snapshot == nil }

// Run holds a kind of source against the contract. fresh makes a new Subject,
// and cleans up with t.Cleanup.
func Run(t *testing.T, fresh func(t *testing.T) Subject) {
	tests := map[string]func(*testing.T, Subject){
		"delivers what is there, then what comes":  deliversLive,
		"waits for what is not there yet":          waits,
		"goes on exactly behind the position":      resumes,
		"is read again after a failed delivery":    repeats,
		"ends with the context, leaving nothing":   ends,
		"bounds its batches":                       bounds,
		"ends while a delivery is being waited on": endsInDelivery,
		"leaves alone what it reads":               readsOnly,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

func deliversLive(t *testing.T, s Subject) {
	s.Write(numbers(0, 10)...)
	r := start(t, s.Open(), nil, nil)
	r.sink.await(t, numbers(0, 10))
	r.sink.awaitState(t, source.Live)
	for n := 10; n < 15; n++ {
		s.Write(n)
		r.sink.await(t, numbers(0, n+1))
	}
	r.stop(t)
	r.sink.exactly(t, s, numbers(0, 15))
}

func waits(t *testing.T, s Subject) {
	r := start(t, s.Open(), nil, nil)
	if !s.stream() {
		r.sink.awaitState(t, source.Waiting)
	}
	s.Write(numbers(0, 3)...)
	r.sink.await(t, numbers(0, 3))
	r.stop(t)
	r.sink.exactly(t, s, numbers(0, 3))
}

func resumes(t *testing.T, s Subject) {
	if s.stream() {
		return // the contract asks it of what can be read again
	}
	all := newSink()
	for n := 0; n < 60; n += 6 {
		s.Write(numbers(n, n+6)...)
		// Two restarts between two writes: one finds news, the other none.
		for range 2 {
			position := all.position
			r := start(t, s.Open(), position, all)
			all.await(t, numbers(0, n+6))
			r.stop(t)
		}
	}
	all.exactly(t, s, numbers(0, 60))
	again := start(t, s.Open(), nil, nil)
	again.sink.await(t, numbers(0, 60))
	again.stop(t)
	again.sink.exactly(t, s, numbers(0, 60))
}

func repeats(t *testing.T, s Subject) {
	broken := errors.New("store is down")
	src := s.Open()
	s.Write(numbers(0, 5)...)
	sink := newSink()
	for range 3 {
		sink.refuse(broken)
		r := start(t, src, sink.position, sink)
		if err := r.wait(t); !errors.Is(err, broken) {
			t.Fatalf("Run returned %v after a delivery failed with %v", err, broken)
		}
	}
	r := start(t, src, sink.position, sink)
	sink.await(t, numbers(0, 5))
	r.stop(t)
	sink.exactly(t, s, numbers(0, 5))
}

func ends(t *testing.T, s Subject) {
	s.Write(0)
	src := s.Open()
	warm := start(t, src, nil, nil)
	warm.sink.await(t, numbers(0, 1))
	warm.stop(t)
	before := goleak.IgnoreCurrent()
	r := start(t, src, warm.sink.position, nil)
	r.sink.awaitState(t, source.Live)
	r.stop(t)
	if err := goleak.Find(before); err != nil {
		t.Errorf("goroutines outlive Run: %v", err)
	}
	s.Write(1)
	if got := r.sink.Numbers(); len(got) > 0 {
		t.Errorf("messages %v were delivered after Run returned", got)
	}
}

func bounds(t *testing.T, s Subject) {
	const many = 3000
	go s.Write(numbers(0, many)...) // a pipe takes only what is read
	r := start(t, s.Open(), nil, nil)
	r.sink.await(t, numbers(0, many))
	r.stop(t)
	r.sink.exactly(t, s, numbers(0, many))
	if entries, size := r.sink.largest(); entries > source.MaxEntries || size > 2*source.PieceSize {
		t.Errorf("a batch had %d entries, one had %d bytes; the limits are %d and %d", entries, size, source.MaxEntries, 2*source.PieceSize)
	}
}

func endsInDelivery(t *testing.T, s Subject) {
	s.Write(numbers(0, 3)...)
	sink := newSink()
	entered := sink.hang()
	src := s.Open()
	r := start(t, src, nil, sink)
	select {
	case <-entered:
	case <-time.After(Patience):
		t.Fatal("nothing was delivered")
	}
	r.cancel()
	if err := r.wait(t); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v", err)
	}
	again := start(t, src, sink.position, sink)
	sink.await(t, numbers(0, 3))
	again.stop(t)
	sink.exactly(t, s, numbers(0, 3))
}

func readsOnly(t *testing.T, s Subject) {
	if s.stream() {
		return
	}
	s.Write(numbers(0, 5)...)
	before := s.Snapshot()
	r := start(t, s.Open(), nil, nil)
	r.sink.await(t, numbers(0, 5))
	r.sink.awaitState(t, source.Live)
	r.stop(t)
	if after := s.Snapshot(); after != before {
		t.Errorf("reading changed the thing\nbefore: %s\nafter:  %s", before, after)
	}
}

// run is one call of Source.Run.
type run struct {
	sink   *Sink
	cancel context.CancelFunc
	result chan error
}

func start(t *testing.T, src source.Source, from json.RawMessage, sink *Sink) *run {
	if sink == nil {
		sink = newSink()
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{sink: sink, cancel: cancel, result: make(chan error, 1)}
	go func() { r.result <- src.Run(ctx, slices.Clone(from), sink) }()
	t.Cleanup(cancel)
	return r
}

func (r *run) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.result:
		return err
	case <-time.After(Patience):
		t.Fatal("Run does not return")
		return nil
	}
}

// stop ends the run, which has to take it well.
func (r *run) stop(t *testing.T) {
	t.Helper()
	r.cancel()
	if err := r.wait(t); err != nil {
		t.Fatalf("Run returned %v when its context ended, want nil", err)
	}
}

func numbers(from, to int) []int {
	var out []int
	for n := from; n < to; n++ {
		out = append(out, n)
	}
	return out
}
