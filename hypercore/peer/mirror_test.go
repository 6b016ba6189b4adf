package peer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tester is a test, of the standard library or of rapid.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Cleanup(f func())
}

// mirror keeps what a follower says a core holds, and complains about what should not be.
type mirror struct {
	t    tester
	stop context.CancelFunc
	done chan error

	mu     sync.Mutex
	news   *sync.Cond
	fork   uint64
	blocks [][]byte
	events []hypercore.Event // but blocks
	states []peer.State
	next   *hypercore.Checkpoint
	ended  bool
}

func newMirror(t tester) *mirror {
	m := &mirror{t: t, done: make(chan error, 1)}
	m.news = sync.NewCond(&m.mu)
	return m
}

// follow follows a core until the test ends, from where another mirror stood, if any.
func follow(t tester, key hypercore.Key, dial peer.Dial, o peer.Options, from *mirror) *mirror {
	return followWith(t, func(o peer.Options) *peer.Follower { return peer.NewFollower(key, dial, o) }, o, from)
}

// followWith follows with what make returns.
func followWith(t tester, make func(peer.Options) *peer.Follower, o peer.Options, from *mirror) *mirror {
	m := newMirror(t)
	var at *hypercore.Checkpoint
	if from != nil {
		from.halt()
		m.fork, m.blocks, at = from.fork, from.blocks, from.next
		m.next = at
	}
	o.OnState = m.state
	if o.Retry == 0 {
		o.Retry = 5 * time.Millisecond
	}
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	go func() {
		err := make(o).Run(ctx, at, m.handle)
		m.mu.Lock()
		m.ended = true
		m.mu.Unlock()
		m.news.Broadcast()
		m.done <- err
	}()
	t.Cleanup(m.halt)
	return m
}

// halt ends following and waits for its end.
func (m *mirror) halt() {
	m.stop()
	if err := <-m.done; !errors.Is(err, context.Canceled) {
		m.t.Errorf("following ended with %v", err)
	}
	m.done <- context.Canceled // so that it can be halted again
}

func (m *mirror) state(s peer.State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.states = append(m.states, s)
	m.news.Broadcast()
}

func (m *mirror) handle(_ context.Context, b hypercore.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.news.Broadcast()
	for _, e := range b.Events {
		m.apply(e)
	}
	text, err := json.Marshal(b.Next)
	if err != nil {
		return err
	}
	m.next = &hypercore.Checkpoint{}
	if err := json.Unmarshal(text, m.next); err != nil {
		return err
	}
	if m.next.Length != uint64(len(m.blocks)) || m.next.Fork != m.fork {
		m.t.Errorf("the checkpoint is at %d of fork %d, want %d of %d", m.next.Length, m.next.Fork, len(m.blocks), m.fork)
	}
	return nil
}

func (m *mirror) apply(e hypercore.Event) {
	if len(m.blocks) == 0 { // where nothing was read, no fork is told
		m.fork = e.Fork
	}
	switch e.Kind {
	case hypercore.Block:
		if e.Late {
			if m.blocks[e.Index] != nil {
				m.t.Errorf("block %d comes late and twice", e.Index)
			}
			m.blocks[e.Index] = e.Data
			return
		}
		if e.Index != uint64(len(m.blocks)) || e.To != e.Index+1 || e.Fork != m.fork {
			m.t.Errorf("block %d of fork %d, want %d of %d", e.Index, e.Fork, len(m.blocks), m.fork)
		}
		m.blocks = append(m.blocks, e.Data)
		return
	case hypercore.Corrupt, hypercore.Gap:
		for range e.To - e.Index { // blocks that were read and can't be opened
			m.blocks = append(m.blocks, nil)
		}
	case hypercore.Fork, hypercore.Rollback:
		if len(m.blocks) > 0 && e.Previous.Fork != m.fork {
			m.t.Errorf("from fork %d, want %d", e.Previous.Fork, m.fork)
		}
		if e.Previous.Length != uint64(len(m.blocks)) || e.Ancestors > e.Previous.Length {
			m.t.Errorf("back to %d from %+v, where %d blocks of fork %d were read", e.Ancestors, e.Previous, len(m.blocks), m.fork)
		}
		m.blocks, m.fork = m.blocks[:e.Ancestors:e.Ancestors], e.Fork
	}
	m.events = append(m.events, e)
}

// wait waits until something is so.
func (m *mirror) wait(what string, so func() bool) {
	m.t.Helper()
	late := time.AfterFunc(4*time.Minute, func() { m.stop() })
	defer late.Stop()
	m.mu.Lock()
	defer m.mu.Unlock()
	for !so() {
		if m.ended {
			m.t.Fatalf("%s: not so; %d blocks, states %+v, events %+v", what, len(m.blocks), m.states, m.events)
		}
		m.news.Wait()
	}
}

// until waits for so many blocks.
func (m *mirror) until(length uint64) {
	m.t.Helper()
	m.wait("all blocks were read", func() bool { return uint64(len(m.blocks)) >= length })
}

// untilState waits for a state with an error, or with any.
func (m *mirror) untilState(status peer.Status, err error) {
	m.t.Helper()
	m.wait(string(status), func() bool {
		for _, s := range m.states {
			if s.Status == status && (err == nil || errors.Is(s.Err, err)) {
				return true
			}
		}
		return false
	})
}

// untilEvent waits for an event of a kind and returns it.
func (m *mirror) untilEvent(kind hypercore.Kind) (found hypercore.Event) {
	m.t.Helper()
	m.wait(kind.String(), func() bool {
		for _, e := range m.events {
			if e.Kind == kind {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// holds compares what was read with what there is.
func (m *mirror) holds(blocks [][]byte) {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.blocks) != len(blocks) {
		m.t.Fatalf("%d blocks, want %d", len(m.blocks), len(blocks))
	}
	for i := range blocks {
		if !bytes.Equal(m.blocks[i], blocks[i]) {
			m.t.Errorf("block %d is %.40q, want %.40q", i, m.blocks[i], blocks[i])
		}
	}
}

// listen accepts one connection after the other; call is what makes the other end dial.
func listen(t tester, call func(port int)) peer.Dial {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return func(ctx context.Context) (net.Conn, error) {
		call(l.Addr().(*net.TCPAddr).Port)
		defer context.AfterFunc(ctx, func() { l.Close() })()
		return l.Accept()
	}
}

type ctx = context.Context

// otherManifest is a manifest of version 1 with one signer that signs another core.
func otherManifest() *enc.Decoder {
	return enc.NewDecoder(append([]byte{1, 0, 0, 1, 1, 0}, make([]byte, 64)...))
}
