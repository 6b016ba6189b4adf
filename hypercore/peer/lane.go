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
	limit   int            // of what waits, in bytes
	fresh   []wire.Message // of the frame that is being read; guarded by the line's mutex
	news    chan struct{}  // there is something to take, or to say
	room    chan struct{}  // something was taken
	left    chan struct{}

	inbox   sync.Mutex // guards what follows
	waiting []portion
	bytes   int // that they cost together
}

// portion is some of the messages of one frame, of which each keeps the whole in memory.
type portion struct {
	messages []wire.Message
	cost     int // bytes
}

const (
	mostPortion = 1024 // messages
	messageCost = 64   // bytes of a message, beside what it says
)

// open opens a core's channel. As many bytes wait as the follower asks for ahead, and a
// frame.
func (n *line) open(key hypercore.Key, limit int) *lane {
	l := &lane{
		line: n, key: key, limit: limit,
		news: make(chan struct{}, 1), room: make(chan struct{}, 1), left: make(chan struct{}),
	}
	defer n.expect(-1)
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

// put hands over what is fresh, of a frame of so many bytes. It waits while too much waits
// already. What comes when the lane was left is nobody's.
func (l *lane) put(frame int) {
	wanted := l.waitForRoom()
	l.mu.Lock()
	fresh := l.fresh
	l.fresh = nil
	l.mu.Unlock()
	if len(fresh) == 0 || !wanted {
		return
	}
	p := portion{fresh, frame + len(fresh)*messageCost}
	l.inbox.Lock()
	l.waiting = append(l.waiting, p)
	l.bytes += p.cost
	l.inbox.Unlock()
	signal(l.news)
}

// waitForRoom returns false when nobody will take what is put any more.
func (l *lane) waitForRoom() bool {
	for l.full() {
		select {
		case <-l.room:
		case <-l.left:
			return false
		}
	}
	return true
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

// take returns some of what one frame had; nil when there is none. While something waits the peer
// is not silent: reading it may have waited for who takes.
func (l *lane) take() []wire.Message {
	l.inbox.Lock()
	if len(l.waiting) == 0 {
		l.inbox.Unlock()
		return nil
	}
	first := l.waiting[0]
	l.waiting[0] = portion{}
	l.waiting = l.waiting[1:]
	l.bytes -= first.cost
	l.inbox.Unlock()
	signal(l.room)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = time.Now()
	return first.messages
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
