package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
)

// window is what was asked for ahead of what was read.
type window struct {
	limit, limitBytes int
	retry             time.Duration

	first, next uint64              // where asking began, and where it has got to
	sent        map[uint64]question // by request
	held        map[uint64]*answer  // by block
	heldBytes   int

	missing   bool      // the peer did not have the next block
	announced bool      // the peer has got blocks since
	missed    time.Time // when that was found out, or asked about last
}

// question is a block that was asked for, with how many nodes on its way up.
type question struct {
	block  uint64
	levels int
}

// answer is what came.
type answer struct {
	question
	wire.Data
}

func newWindow(o Options) window {
	return window{
		limit: o.Ahead, limitBytes: o.AheadBytes, retry: o.Retry,
		sent: map[uint64]question{}, held: map[uint64]*answer{},
	}
}

func (w *window) begin(at uint64) { w.first, w.next = at, at }

// take keeps the answer to a request: of the block, and of nothing else that the peer may
// have put beside it. What comes early while too much is held is left, and asked for again
// in its turn.
func (w *window) take(m wire.Data) bool {
	q, ok := w.sent[m.Request]
	if !ok {
		return false
	}
	delete(w.sent, m.Request)
	if m.Block != nil && w.heldBytes > 2*w.limitBytes {
		return true
	}
	if m.Block != nil {
		m.Block.Value = bytes.Clone(m.Block.Value) // not a part of a frame, which would stay as well
		w.heldBytes += len(m.Block.Value)
	}
	w.held[q.block] = &answer{q, wire.Data{Request: m.Request, Fork: m.Fork, Block: m.Block}}
	return true
}

func (w *window) release(block uint64) {
	if m := w.held[block]; m != nil && m.Block != nil {
		w.heldBytes -= len(m.Block.Value)
	}
	delete(w.held, block)
}

// retryAt is when to ask again for what the peer did not have; zero when there is nothing.
func (w *window) retryAt() time.Time {
	if !w.missing {
		return time.Time{}
	}
	return w.missed.Add(w.retry)
}

// room is how many blocks may be asked for now, if they are of a size.
func (w *window) room(size uint64) int {
	limit := w.limit
	if size > 0 {
		limit = min(limit, max(1, int(min(uint64(w.limitBytes)/size, uint64(w.limit)))))
	}
	return limit - len(w.sent) - len(w.held)
}

// upgrade asks for a longer tree when the peer has one.
func (s *session) upgrade() {
	if s.tree == nil || s.asked != 0 || s.remote.Fork != s.tree.fork || s.refusing() {
		return
	}
	if length := s.tree.peaks.Length; s.remote.Length > length {
		s.asked = s.request(wire.Request{Fork: s.tree.fork, Upgrade: &wire.Upgrade{Start: length, Length: s.remote.Length - length}})
	}
}

// grow takes the answer to a request for a longer tree, if it has come.
func (s *session) grow() error {
	a := s.answer
	s.answer = nil
	if a == nil || s.tree == nil {
		return nil
	}
	if a.Upgrade == nil || a.Fork != s.tree.fork {
		s.refuse(s.remote)
		return nil
	}
	peaks, err := upgraded(s.verifier, s.tree.peaks, a.Fork, a.Upgrade)
	if errors.Is(err, merkle.ErrSignature) {
		s.tree, s.doubt = nil, err // align tells what it is
		return nil
	}
	if err != nil {
		return err
	}
	s.refused = wire.Sync{}
	s.tree.grow(peaks, s.position(), a.Upgrade)
	s.dirty = true
	return nil
}

// download handles the blocks that have come and asks for more.
func (s *session) download(ctx context.Context) error {
	if s.tree == nil {
		return s.emit(ctx)
	}
	for {
		n, err := s.deliver(ctx)
		if err != nil {
			return err
		}
		s.fill()
		if n == 0 {
			return s.emit(ctx)
		}
	}
}

// deliver handles the blocks that have come, in order, and returns how many.
func (s *session) deliver(ctx context.Context) (n int, err error) {
	for {
		at := s.position()
		m := s.window.held[at]
		if m == nil {
			return n, nil
		}
		s.window.release(at)
		if m.Block == nil {
			s.window.missing, s.window.announced, s.window.missed = true, false, time.Now()
			return n, nil
		}
		if err := s.accept(at, m); err != nil {
			return n, err
		}
		n++
		if s.full() {
			if err := s.emit(ctx); err != nil {
				return n, err
			}
			s.progress = time.Now() // the peer waited for the handler
		}
	}
}

// accept proves a block and counts it as read. One that was proven to a node that is not
// known after all is asked for again.
func (s *session) accept(at uint64, m *answer) error {
	if m.Block.Index != at || m.Fork != s.tree.fork || len(m.Block.Nodes) != m.levels {
		return fmt.Errorf("%w: block %d of fork %d with %d nodes, where %d was asked for with %d",
			ErrProof, m.Block.Index, m.Fork, len(m.Block.Nodes), at, m.levels)
	}
	leaf := s.hasher.Leaf(at, m.Block.Value)
	proven, err := s.tree.cover.open(leaf, m.Block.Nodes)
	if err != nil {
		return err
	}
	if !proven {
		s.askAgain(at)
		return nil
	}
	s.window.missing = false
	s.push(leaf, m.Block.Value)
	return nil
}

// askAgain asks for one block with its way up to the node that is known now.
func (s *session) askAgain(block uint64) {
	over, ok := s.tree.cover.over(block)
	if !ok {
		return
	}
	s.want(block, merkle.Depth(over.Index))
}

func (s *session) want(block uint64, levels int) {
	id := s.request(wire.Request{Fork: s.tree.fork, Block: &wire.Position{Index: block, Nodes: uint64(levels)}})
	s.window.sent[id] = question{block, levels}
}

// fill asks for the blocks that come next.
func (s *session) fill() {
	w := &s.window
	if w.missing && !w.announced && time.Now().Before(w.retryAt()) {
		return
	}
	w.missed, w.announced = time.Now(), false
	if at := s.position(); at < w.next && w.held[at] == nil && !w.waitsFor(at) {
		s.askAgain(at)
	}
	for !w.missing && w.next < s.tree.peaks.Length {
		over, ok := s.tree.cover.over(w.next)
		if !ok || w.room(over.Size>>merkle.Depth(over.Index)) <= 0 {
			return
		}
		s.want(w.next, levels(w.next, w.first, over))
		w.next++
	}
}

func (w *window) waitsFor(block uint64) bool {
	for _, q := range w.sent {
		if q.block == block {
			return true
		}
	}
	return false
}

// levels is how far up the nearest node will be that is known when a block is handled. The
// first block asked for below a node leads to that node; with the blocks before it come
// the nodes to their right, the largest of which that begins at the block leads up from it.
func levels(block, first uint64, over merkle.Node) int {
	top := merkle.Depth(over.Index)
	if block == first || block == merkle.FirstBlock(over.Index) {
		return top
	}
	return min(top, bits.TrailingZeros64(block))
}
