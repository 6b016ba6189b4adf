package peer

import (
	"context"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
)

// mustAlign reports whether the peer says to have a tree that is not the one being read,
// and that is no older: at the beginning, and after a fork. A log without blocks proves
// nothing and is waited for.
func (s *session) mustAlign() bool {
	if s.remote.Length == 0 || s.refusing() || s.isBehind() {
		return false
	}
	return s.tree == nil || s.remote.Fork > s.tree.fork
}

// align has the peer prove the whole of its tree and finds how much of what was read is
// part of it.
func (s *session) align(ctx context.Context) error {
	s.drop()
	t, err := s.prove(ctx)
	if t == nil || err != nil {
		return err
	}
	at := s.trail.Peaks()
	g := &nodes{session: s, ctx: ctx, tree: t, known: map[uint64]merkle.Node{}}
	err = at.Prove(t.peaks, g.node)
	switch {
	case g.err != nil:
		return g.err
	case err == nil && s.doubt != nil:
		return s.doubt
	case err == nil && t.fork != s.fork && at.Length > 0:
		s.goBack(hypercore.Fork, at, t.peaks, t.fork)
	case err != nil && !errors.Is(err, merkle.ErrNotProven) && !errors.Is(err, merkle.ErrMissing):
		return err
	case err != nil:
		common := s.trail.Common(t.peaks, g.node)
		if g.err != nil {
			return g.err
		}
		s.goBack(kindOf(t.fork, s.fork), common, t.peaks, t.fork)
	}
	s.adopt(t)
	return nil
}

// kindOf tells a truncation, which makes a new fork, from two logs in one.
func kindOf(now, before uint64) hypercore.Kind {
	if now > before {
		return hypercore.Fork
	}
	return hypercore.Rollback
}

// adopt begins to read a tree from where reading stands.
func (s *session) adopt(t *tree) {
	t.cover = newCover(t.peaks, s.position())
	s.tree, s.fork, s.dirty, s.doubt = t, t.fork, true, nil
	s.window.begin(s.position())
}

// drop forgets what was asked for of another tree.
func (s *session) drop() {
	for id := range s.window.sent {
		s.send(wire.Cancel{Request: id})
	}
	if s.asked != 0 {
		s.send(wire.Cancel{Request: s.asked})
	}
	s.asked, s.answer = 0, nil
	s.window = newWindow(s.opts)
}

// prove asks for the roots of the peer's tree and their signature; nil when the peer can't
// prove what it said, as when it has changed since.
func (s *session) prove(ctx context.Context) (*tree, error) {
	said := s.remote
	a, err := s.ask(ctx, wire.Request{
		Fork: said.Fork, Upgrade: &wire.Upgrade{Length: said.Length}, Manifest: s.verifier == nil && said.HasManifest,
	})
	if err != nil {
		return nil, err
	}
	if a.Upgrade == nil || a.Fork != said.Fork {
		s.refuse(said)
		return nil, nil
	}
	v, err := s.signers(a.Manifest)
	if err != nil {
		return nil, err
	}
	peaks, err := upgraded(v, merkle.Peaks{}, a.Fork, a.Upgrade)
	if err != nil {
		return nil, err
	}
	if a.Fork > s.fork && !v.Signs(peaks.Length) {
		return nil, fmt.Errorf("%w: a fork that nobody signed", ErrProof)
	}
	s.identify(v)
	s.refused = wire.Sync{}
	return &tree{fork: a.Fork, peaks: peaks}, nil
}

// nodes finds the nodes of a proven tree by asking the peer; each is proven before it is
// used, so that a peer can't make a log look different from what was signed.
type nodes struct {
	session *session
	ctx     context.Context
	tree    *tree
	known   map[uint64]merkle.Node
	err     error // of the connection or the peer, after which nothing is asked any more
}

// maxKnown bounds what one alignment asks for and keeps.
const maxKnown = 1 << 16

// node is a merkle.Getter.
func (g *nodes) node(index uint64) (merkle.Node, error) {
	if n, ok := g.known[index]; ok {
		return n, nil
	}
	root, ok := g.tree.root(merkle.FirstBlock(index))
	if !ok || merkle.Depth(index) > merkle.Depth(root.Index) {
		return merkle.Node{}, merkle.ErrMissing
	}
	if root.Index == index {
		return root, nil
	}
	if g.err == nil && len(g.known) < maxKnown {
		g.err = g.fetch(index, root)
	}
	if n, ok := g.known[index]; ok && g.err == nil {
		return n, nil
	}
	return merkle.Node{}, merkle.ErrMissing
}

// fetch asks for a node with its siblings up to the root, and knows them all.
func (g *nodes) fetch(index uint64, root merkle.Node) error {
	levels := uint64(merkle.Depth(root.Index) - merkle.Depth(index))
	a, err := g.session.ask(g.ctx, wire.Request{Fork: g.tree.fork, Hash: &wire.Position{Index: index, Nodes: levels}})
	if err != nil || a.Hash == nil {
		return err
	}
	if len(a.Hash.Nodes) == 0 || a.Hash.Nodes[0].Index != index {
		return fmt.Errorf("%w: not the node that was asked for", ErrProof)
	}
	var way []merkle.Node
	top, err := climb(a.Hash.Nodes[0], a.Hash.Nodes[1:], func(n merkle.Node) { way = append(way, n) })
	if err != nil {
		return err
	}
	if top != root {
		return fmt.Errorf("%w: node %d does not lead to root %d", ErrProof, index, root.Index)
	}
	for _, n := range way {
		g.known[n.Index] = n
	}
	return nil
}
