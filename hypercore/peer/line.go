package peer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
)

// line is one connection, on which several cores have a lane each. One goroutine reads it;
// whoever has something to say writes it.
type line struct {
	link   *Link
	cores  map[hypercore.Key]bool // that are followed; guarded by the link's mutex
	ready  chan struct{}          // closed when failed, or what follows, is known
	failed error

	conn    *wire.Conn
	address string
	ended   chan struct{} // closed when nothing is read any more
	writing chan struct{} // holds who writes

	mu    sync.Mutex // guards what follows
	mux   *wire.Mux
	lanes map[*wire.Channel]*lane
	heard time.Time // a frame
	said  time.Time // a frame
	err   error     // why it ended

	opening int        // followers that have joined and have no lane yet
	opened  *sync.Cond // of mu: there are fewer of them
}

func newLine(l *Link) *line {
	n := &line{
		link: l, cores: map[hypercore.Key]bool{}, ready: make(chan struct{}), ended: make(chan struct{}),
		writing: make(chan struct{}, 1), mux: wire.NewMux(), lanes: map[*wire.Channel]*lane{},
	}
	n.opened = sync.NewCond(&n.mu)
	return n
}

// expect counts a follower that is about to open its lane, or, when the number is
// negative, has opened it or will not.
func (n *line) expect(followers int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.opening += followers
	n.opened.Broadcast()
}

// allOpened returns when every follower that has joined has its lane. A peer may open its
// end first: what it says before would be taken for something that nobody wants.
func (n *line) allOpened() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.opening > 0 {
		n.opened.Wait()
	}
}

func (n *line) begin(c *wire.Conn, address string) {
	n.conn, n.address = c, address
	n.heard, n.said = time.Now(), time.Now()
	go n.read()
}

// close ends the connection, if there is one, and waits until nothing reads from it.
func (n *line) close() {
	if n.conn != nil {
		n.conn.Close()
		<-n.ended
	}
}

func (n *line) read() {
	defer close(n.ended)
	for {
		b, err := n.conn.Read()
		if err == nil {
			n.allOpened()
			err = n.hear(bytes.Clone(b))
		}
		if err != nil {
			n.link.drop(n)
			n.mu.Lock()
			n.err = err
			n.mu.Unlock()
			return
		}
	}
}

// hear gives each lane what a frame has for it.
func (n *line) hear(frame []byte) error {
	touched, replied, err := n.sort(frame)
	for _, l := range touched {
		l.put(len(frame))
	}
	if err == nil && replied {
		err = n.flush(context.Background()) // ends with the connection
	}
	return err
}

// sort puts the messages of a frame beside the lanes that they are for, and hands over what
// is many of them before it reads on; replied reports that the peer is to be told something
// that no lane tells it.
func (n *line) sort(frame []byte) (touched []*lane, replied bool, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = time.Now()
	err = n.mux.Receive(frame, func(m wire.Message) error {
		l := n.lanes[m.Channel]
		if l == nil {
			return nil
		}
		if len(l.fresh) == 0 {
			touched = append(touched, l)
		}
		if l.fresh = append(l.fresh, m); len(l.fresh) >= mostPortion {
			n.mu.Unlock() // the lane's owner speaks through the mux meanwhile
			l.put(len(frame))
			n.mu.Lock()
		}
		return nil
	})
	return touched, n.mux.Replied(), err
}

// lost is why the connection has ended; nil while it has not.
func (n *line) lost() error {
	select {
	case <-n.ended:
	default:
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if errors.Is(n.err, io.EOF) {
		return ErrClosed
	}
	return n.err
}

// times are when a frame was last heard, and said.
func (n *line) times() (heard, said time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.heard, n.said
}

// flush says what lanes have to say.
func (n *line) flush(ctx context.Context) error {
	n.mu.Lock()
	pending := n.mux.Pending()
	n.mu.Unlock()
	if !pending {
		return nil
	}
	return n.write(ctx, func() [][]byte { return n.mux.Frames() })
}

// keepAlive says nothing, in a frame.
func (n *line) keepAlive(ctx context.Context) error {
	return n.write(ctx, func() [][]byte { return [][]byte{nil} })
}

// write says frames, which are made when it is their turn: they arrive in the order in
// which they are made. When ctx ends meanwhile the connection does: half a frame was said.
func (n *line) write(ctx context.Context, frames func() [][]byte) error {
	select {
	case n.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-n.writing }()
	n.mu.Lock()
	all := frames()
	n.said = time.Now()
	n.mu.Unlock()
	defer context.AfterFunc(ctx, func() { n.conn.Close() })()
	for _, f := range all {
		if err := n.conn.Write(f); err != nil {
			return err
		}
	}
	return nil
}

// capability is what an end of the connection shows.
func (n *line) capability(of wire.Role, key hypercore.Key) merkle.Hash {
	return merkle.Capability(of == wire.Initiator, key, n.conn.HandshakeHash())
}
