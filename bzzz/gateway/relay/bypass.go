package relay

import (
	"container/list"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// How two peers betray that they are joined past the gateway: one of them has a
// message of the other side that the gateway did not give it. That is so when
//
//   - it hands in a message that came first from the other side, and was
//     withheld, or is not judged yet;
//   - it hands in, first, a message whose author is connected on the other side.
//
// Nodes of one side may be joined as they like.

const (
	maxBook     = 1 << 16
	maxMeetings = 1024
	quiet       = 10 * time.Minute // before the same two are reported again
)

// meeting is the evidence that two peers met.
type meeting struct {
	a, b     peer.ID
	id       string
	evidence string
}

type entry struct {
	id    string
	via   peer.ID
	side  string // via's, when the message came
	clean bool   // it was passed on
}

// book remembers where messages came from.
type book struct {
	mu     sync.Mutex
	byID   map[string]*list.Element // of *entry
	recent *list.List               // the newest is first
	told   map[[2]peer.ID]time.Time
}

func newBook() *book {
	return &book{byID: map[string]*list.Element{}, recent: list.New(), told: map[[2]peer.ID]time.Time{}}
}

// first notes who brought a message, which is not judged yet.
func (b *book) first(id string, via, author peer.ID, side func(peer.ID) string) *meeting {
	viaSide, authorSide := side(via), side(author)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byID[id] = b.recent.PushFront(&entry{id: id, via: via, side: viaSide})
	if b.recent.Len() > maxBook {
		old := b.recent.Remove(b.recent.Back()).(*entry)
		delete(b.byID, old.id)
	}
	if via == author || viaSide == "" || authorSide == "" || viaSide == authorSide {
		return nil
	}
	return b.meeting(id, author, via, viaSide, "a message of a node connected on one side was handed in first by a node of the other")
}

// settle notes what became of a message.
func (b *book) settle(id string, clean bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.byID[id]; e != nil {
		e.Value.(*entry).clean = clean
	}
}

// again is told of a message that comes a second time.
func (b *book) again(id string, via peer.ID, side func(peer.ID) string) *meeting {
	viaSide := side(via)
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.byID[id]
	if at == nil {
		return nil
	}
	e := at.Value.(*entry)
	if e.clean || via == e.via || viaSide == "" || e.side == "" || viaSide == e.side {
		return nil
	}
	return b.meeting(id, e.via, via, viaSide, "a message that was not passed on was handed in by a node of the other side too")
}

// meeting puts the peer of side a first. It is nil when the same two were
// reported not long ago.
func (b *book) meeting(id string, one, other peer.ID, otherSide, evidence string) *meeting {
	if otherSide == "a" {
		one, other = other, one
	}
	pair := [2]peer.ID{one, other}
	now := time.Now()
	if at, told := b.told[pair]; told && now.Sub(at) < quiet {
		return nil
	}
	if len(b.told) >= maxMeetings {
		clear(b.told)
	}
	b.told[pair] = now
	return &meeting{a: one, b: other, id: id, evidence: evidence}
}
