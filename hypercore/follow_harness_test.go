package hypercore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.cordon.dev/cordon/hypercore"
)

// following runs a Follower and keeps what it says, one line per event.
type following struct {
	t      *testing.T
	cancel context.CancelFunc
	ended  chan error

	mu     sync.Mutex
	lines  []string
	seen   int // lines a test has looked at
	states []hypercore.State
	last   *hypercore.Checkpoint
}

// quick are options that keep tests short.
func quick() hypercore.FollowOptions {
	return hypercore.FollowOptions{PollInterval: 20 * time.Millisecond, Pause: time.Millisecond, Settle: 30 * time.Millisecond}
}

func follow(t *testing.T, path string, from *hypercore.Checkpoint, opts hypercore.FollowOptions) *following {
	t.Helper()
	f := &following{t: t, ended: make(chan error, 1)}
	opts.OnState = f.state
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	go func() { f.ended <- hypercore.NewFollower(path, opts).Run(ctx, from, f.handle) }()
	t.Cleanup(func() { f.stop() })
	return f
}

// stop ends the follower and returns its last checkpoint as it comes back from storage.
func (f *following) stop() *hypercore.Checkpoint {
	f.t.Helper()
	f.cancel()
	if f.ended != nil {
		if err := <-f.ended; !errors.Is(err, context.Canceled) {
			f.t.Errorf("follower ended with %v", err)
		}
		f.ended = nil
	}
	if f.last == nil {
		return nil
	}
	b, err := json.Marshal(f.last)
	if err != nil {
		f.t.Fatal(err)
	}
	var c hypercore.Checkpoint
	if err := json.Unmarshal(b, &c); err != nil {
		f.t.Fatal(err)
	}
	return &c
}

func (f *following) handle(_ context.Context, b hypercore.Batch) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range b.Events {
		f.lines = append(f.lines, line(e))
	}
	f.last = &b.Next
	return nil
}

func (f *following) state(s hypercore.State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.states = append(f.states, s)
}

// line prints what matters of an event.
func line(e hypercore.Event) string {
	late := ""
	if e.Late {
		late = " late"
	}
	switch e.Kind {
	case hypercore.Block:
		return fmt.Sprintf("block %d/%d %.40s%s", e.Fork, e.Index, e.Data, late)
	case hypercore.Gap:
		return fmt.Sprintf("gap %d-%d", e.Index, e.To)
	case hypercore.Corrupt:
		return fmt.Sprintf("corrupt %d-%d %v", e.Index, e.To, cause(e.Err))
	case hypercore.Fork, hypercore.Rollback:
		return fmt.Sprintf("%v to fork %d length %d, same up to %d, was at %d", e.Kind, e.Fork, e.Length, e.Ancestors, e.Previous.Length)
	case hypercore.Rotated:
		return fmt.Sprintf("rotated from %.4s at %d, drained %v", e.Previous.Key, e.Previous.Length, e.Drained)
	}
	return e.Kind.String()
}

// cause is the innermost error.
func cause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

const patience = time.Minute

// expect waits for exactly these lines, in order, after those expected before.
func (f *following) expect(want ...string) {
	f.t.Helper()
	f.until(func() bool { return len(f.lines) >= f.seen+len(want) })
	f.mu.Lock()
	defer f.mu.Unlock()
	if diff := cmp.Diff(want, append([]string(nil), f.lines[f.seen:]...)); diff != "" {
		f.t.Fatalf("events differ (-want +got):\n%s", diff)
	}
	f.seen = len(f.lines)
}

// until polls a condition under the lock.
func (f *following) until(ok func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		f.mu.Lock()
		done := ok()
		f.mu.Unlock()
		if done {
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("nothing after %v; events: %q, states: %+v", patience, f.lines, f.states)
		}
	}
}

// expectStatus waits for the latest state to have a status.
func (f *following) expectStatus(want hypercore.Status) {
	f.t.Helper()
	f.until(func() bool { n := len(f.states); return n > 0 && f.states[n-1].Status == want })
}

// blocks are the lines of blocks from..to-1 with a text each.
func blocks(fork, from int, texts ...string) []string {
	var out []string
	for i, s := range texts {
		out = append(out, fmt.Sprintf("block %d/%d %s", fork, from+i, s))
	}
	return out
}

func lines(parts ...[]string) []string { return slices.Concat(parts...) }
