package sourcetest

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
)

// Token is what message n holds somewhere in its text.
func Token(n int) string { return fmt.Sprintf("<<%d>>", n) }

// Sink records what a source delivers. Tests of single kinds use it too.
type Sink struct {
	mu       sync.Mutex
	entries  []source.Entry
	losses   []source.Loss
	statuses []source.Status
	position json.RawMessage
	refusal  error
	hold     chan struct{} // closed when a delivery has begun to hang
	most     int
	size     int
}

// NewSink returns an empty Sink.
func NewSink() *Sink { return newSink() }

func newSink() *Sink { return &Sink{} }

// Deliver implements source.Sink: the batch is stored with its position, or
// nothing of it is.
func (s *Sink) Deliver(ctx context.Context, b source.Batch) error {
	s.mu.Lock()
	if hold := s.hold; hold != nil {
		s.hold = nil
		s.mu.Unlock()
		close(hold)
		<-ctx.Done()
		return ctx.Err()
	}
	defer s.mu.Unlock()
	if err := s.refusal; err != nil {
		s.refusal = nil
		return err
	}
	size := 0
	for _, e := range b.Entries {
		size += len(e.Data)
		e.Data = slices.Clone(e.Data)
		s.entries = append(s.entries, e)
	}
	s.losses = append(s.losses, b.Losses...)
	s.position = slices.Clone(b.Position)
	s.most, s.size = max(s.most, len(b.Entries)), max(s.size, size)
	return nil
}

// Report implements source.Sink.
func (s *Sink) Report(st source.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statuses = append(s.statuses, st)
}

// Entries is what was delivered so far.
func (s *Sink) Entries() []source.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

// Losses is what was reported lost so far.
func (s *Sink) Losses() []source.Loss {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.losses)
}

// Position is the last one delivered.
func (s *Sink) Position() json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.position)
}

// Last is the last status reported.
func (s *Sink) Last() source.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.statuses) == 0 {
		return source.Status{}
	}
	return s.statuses[len(s.statuses)-1]
}

// Await polls until done, or fails the test, saying what was waited for.
func (s *Sink) Await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s; last status %+v", what, s.Last())
		}
	}
}

func (s *Sink) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = err
}

func (s *Sink) hang() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = make(chan struct{})
	return s.hold
}

func (s *Sink) largest() (entries, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most, s.size
}

// Numbers are the tokens delivered, in order.
func (s *Sink) Numbers() []int {
	token := regexp.MustCompile(`<<(\d+)>>`)
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []int
	for _, e := range s.entries {
		for _, m := range token.FindAllSubmatchIndex(e.Data, -1) {
			if m[1] <= max(e.Overlap, e.Context) {
				continue // delivered with the piece before
			}
			n, _ := strconv.Atoi(string(e.Data[m[2]:m[3]]))
			out = append(out, n)
		}
	}
	return out
}

func (s *Sink) await(t *testing.T, want []int) {
	t.Helper()
	s.Await(t, fmt.Sprintf("%d messages", len(want)), func() bool { return len(s.Numbers()) >= len(want) })
}

func (s *Sink) awaitState(t *testing.T, want source.State) {
	t.Helper()
	s.Await(t, "state "+string(want), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.ContainsFunc(s.statuses, func(st source.Status) bool { return st.State == want })
	})
}

// exactly fails unless every message came once, and in order.
func (s *Sink) exactly(t *testing.T, subject Subject, want []int) {
	t.Helper()
	got := s.Numbers()
	if subject.Unordered {
		slices.Sort(got)
	}
	if !slices.Equal(got, want) {
		t.Errorf("delivered %v, want %d to %d, each once", got, want[0], want[len(want)-1])
	}
	if losses := s.Losses(); len(losses) > 0 {
		t.Errorf("losses %v, want none", losses)
	}
}

// Begin gives an empty Sink the position at which reading begins, for when
// nothing is delivered.
func (s *Sink) Begin(position json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.position == nil {
		s.position = slices.Clone(position)
	}
}
