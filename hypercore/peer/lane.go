package peer

import (
	"sync"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
)

// lane is one core's channel on a connection.
type lane struct {
	*line
	key     hypercore.Key
	channel *wire.Channel
	limit   int            // bytes that may wait
	fresh   []wire.Message // of the frame that is being read; guarded by the line's mutex
	news    chan struct{}  // there is something to take, or to say
	room    chan struct{}  // something was taken
	left    chan struct{}

	inbox   sync.Mutex // guards what follows
	waiting [][]wire.Message
	bytes   int
}

// open opens a core's channel. As many bytes wait as the follower asks for ahead, and a
// frame.
func (n *line) open(key hypercore.Key, limit int) *lane {
	l := &lane{
		line: n, key: key, limit: limit,
		news: make(chan struct{}, 1), room: make(chan struct{}, 1), left: make(chan struct{}),
	}
	id := merkle.DiscoveryKey(key)
	greeting := wire.Greeting{Seeks: true, Capability: n.capability(n.conn.Role(), key)}
	n.mu.Lock()
	defer n.mu.Unlock()
	l.channel = n.mux.Open(wire.Protocol, id[:], greeting.AppendTo(nil))
	n.lanes[l.channel] = l
	return l
}

// leave closes the channel, and the connection when it was the last.
func (l *lane) leave() {
	close(l.left)
	l.mu.Lock()
	l.mux.Close(l.channel)
	delete(l.lanes, l.channel)
	for _, other := range l.lanes {
		signal(other.news) // it tells the peer
		break
	}
	l.mu.Unlock()
	l.link.leave(l.line, l.key)
}

func (l *lane) send(kind uint64, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mux.Send(l.channel, kind, body)
}

// put hands over what is fresh. It waits while too much waits already.
func (l *lane) put() {
	for l.full() {
		select {
		case <-l.room:
		case <-l.left:
			return
		}
	}
	l.mu.Lock()
	fresh := l.fresh
	l.fresh = nil
	l.mu.Unlock()
	l.inbox.Lock()
	l.waiting = append(l.waiting, fresh)
	l.bytes += size(fresh)
	l.inbox.Unlock()
	signal(l.news)
}

func (l *lane) full() bool {
	l.inbox.Lock()
	defer l.inbox.Unlock()
	return l.bytes >= l.limit
}

func (l *lane) empty() bool {
	l.inbox.Lock()
	defer l.inbox.Unlock()
	return len(l.waiting) == 0
}

// take returns what one frame had; nil when there is none. While something waits the peer
// is not silent: reading it may have waited for who takes.
func (l *lane) take() []wire.Message {
	l.inbox.Lock()
	if len(l.waiting) == 0 {
		l.inbox.Unlock()
		return nil
	}
	first := l.waiting[0]
	l.waiting[0] = nil
	l.waiting = l.waiting[1:]
	l.bytes -= size(first)
	l.inbox.Unlock()
	signal(l.room)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = time.Now()
	return first
}

func size(messages []wire.Message) (n int) {
	for _, m := range messages {
		n += len(m.Body)
	}
	return n
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
