package peer

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/wire"
)

// Link is the way to one peer. Followers of several of its cores share a connection,
// which is made when the first of them runs and closed when the last one stops. Two
// followers of the same core have a connection each.
//
// What is wrong with one core (the peer does not have it, sends a bad proof of it, does not
// answer) ends that core's part alone, and its follower tries again on the same
// connection; the others read on. What is wrong with the connection ends it for all. It is
// read as long as each follower's handler takes what was asked for: one that stands still
// while its peer sends more than that holds up the others.
type Link struct {
	dial Dial
	role wire.Role
	wire wire.Options

	mu    sync.Mutex
	lines []*line // being made, or up
}

// NewLink is a way to the peer that dial reaches; role is this end's part in the handshake.
// Nothing is dialled before a follower runs.
func NewLink(dial Dial, role wire.Role, o wire.Options) *Link {
	return &Link{dial: dial, role: role, wire: o}
}

// NewFollower follows the core with a key. Role and Wire of the options are the link's.
func (l *Link) NewFollower(key hypercore.Key, o Options) *Follower {
	return &Follower{key: key, link: l, opts: o.withDefaults()}
}

// join returns a connection on which the core is not followed yet. Who joins opens a lane
// at once, and leaves.
func (l *Link) join(ctx context.Context, key hypercore.Key) (*line, error) {
	n, first := l.free(key)
	if first {
		n.failed = n.make(ctx)
		close(n.ready)
	}
	select {
	case <-n.ready:
	case <-ctx.Done():
		n.expect(-1)
		l.leave(n, key)
		return nil, ctx.Err()
	}
	if n.failed != nil {
		l.drop(n)
		n.expect(-1)
		l.leave(n, key)
		return nil, n.failed
	}
	return n, nil
}

// free is a line that has room for a core, and whether it is still to be made.
func (l *Link) free(key hypercore.Key) (n *line, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.lines {
		if !n.cores[key] {
			n.cores[key] = true
			n.expect(1)
			return n, false
		}
	}
	n = newLine(l)
	n.cores[key] = true
	n.expect(1)
	l.lines = append(l.lines, n)
	return n, true
}

// leave closes a connection that nobody is on any more.
func (l *Link) leave(n *line, key hypercore.Key) {
	l.mu.Lock()
	delete(n.cores, key)
	last := len(n.cores) == 0
	if last {
		l.remove(n)
	}
	l.mu.Unlock()
	if last {
		n.close()
	}
}

// drop has nobody join a connection any more.
func (l *Link) drop(n *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(n)
}

func (l *Link) remove(n *line) {
	l.lines = slices.DeleteFunc(l.lines, func(o *line) bool { return o == n })
}

// make connects and greets the peer.
func (n *line) make(ctx context.Context) error {
	nc, err := n.link.dial(ctx)
	if err != nil {
		return fmt.Errorf("connecting to the peer: %w", err)
	}
	conn, err := wire.Handshake(ctx, nc, n.link.role, n.link.wire)
	if err != nil {
		nc.Close()
		return err
	}
	n.begin(conn, nc.RemoteAddr().String())
	return nil
}
