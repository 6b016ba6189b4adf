package peer

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
)

// announced notes that the peer has got blocks.
func (s *session) announced() {
	s.window.announced = true
	s.hope, s.tried = time.Now(), time.Time{}
}

// bridge passes over a block that was waited for long enough, and reads blocks of gaps that
// may have arrived. Both ask the peer and wait, so nothing else may be asked.
func (s *session) bridge(ctx context.Context) error {
	if s.tree == nil || s.asked != 0 || s.remote.Fork != s.tree.fork || s.isBehind() {
		return nil
	}
	if s.window.missing && !time.Now().Before(s.hope.Add(s.opts.Patience)) {
		if err := s.skipNext(ctx); err != nil {
			return err
		}
	}
	if len(s.gaps.Ranges) > 0 && !time.Now().Before(s.tried.Add(s.opts.Patience)) {
		s.tried = time.Now()
		return s.readLate(ctx)
	}
	return nil
}

// bridgeAt is when bridge has something to do; zero when it has not.
func (s *session) bridgeAt() time.Time {
	var at time.Time
	switch {
	case s.tree == nil || s.asked != 0:
	case s.window.missing:
		at = s.hope.Add(s.opts.Patience)
	case len(s.gaps.Ranges) > 0:
		at = s.tried.Add(s.opts.Patience)
	}
	return at
}

// skipNext has the peer prove where the next block belongs, without the block. A peer that
// has not even that is waited for.
func (s *session) skipNext(ctx context.Context) error {
	at, tree := s.position(), s.tree
	over, ok := tree.cover.over(at)
	if !ok {
		return nil
	}
	s.forget(at)
	a, err := s.ask(ctx, wire.Request{Fork: tree.fork, Hash: &wire.Position{Index: 2 * at, Nodes: uint64(merkle.Depth(over.Index))}})
	if err != nil || a.Hash == nil || s.tree != tree || s.position() != at {
		s.hope = time.Now()
		return err
	}
	if len(a.Hash.Nodes) == 0 || a.Hash.Nodes[0].Index != 2*at {
		return fmt.Errorf("%w: not the leaf of block %d", ErrProof, at)
	}
	proven, err := tree.cover.open(a.Hash.Nodes[0], a.Hash.Nodes[1:])
	if err != nil || !proven {
		return err
	}
	s.window.missing = false
	s.skip(a.Hash.Nodes[0])
	return nil
}

// forget takes back what was asked for about a block.
func (s *session) forget(block uint64) {
	for id, q := range s.window.sent {
		if q.block == block {
			delete(s.window.sent, id)
			s.send(wire.Cancel{Request: id})
		}
	}
	s.window.release(block)
}

// readLate asks for the blocks of gaps, until the peer lacks one of each.
func (s *session) readLate(ctx context.Context) error {
	tree := s.tree
	for _, g := range append(s.gaps.Ranges[:0:0], s.gaps.Ranges...) {
		for at := g.From; at < g.To && s.tree == tree && !s.full(); at++ {
			got, err := s.lateBlock(ctx, at)
			if err != nil {
				return err
			}
			if !got {
				break
			}
		}
	}
	return s.emit(ctx)
}

// lateBlock reads one block with its whole way up.
func (s *session) lateBlock(ctx context.Context, at uint64) (got bool, err error) {
	root, ok := s.tree.root(at)
	if !ok {
		return false, nil
	}
	levels := merkle.Depth(root.Index)
	a, err := s.ask(ctx, wire.Request{Fork: s.tree.fork, Block: &wire.Position{Index: at, Nodes: uint64(levels)}})
	if err != nil || a.Block == nil {
		return false, err
	}
	top, err := climb(s.hasher.Leaf(at, a.Block.Value), a.Block.Nodes, nil)
	if err != nil {
		return false, err
	}
	if a.Block.Index != at || top != root {
		return false, fmt.Errorf("%w: block %d does not lead to root %d", ErrProof, at, root.Index)
	}
	s.late(at, bytes.Clone(a.Block.Value))
	return true, nil
}
