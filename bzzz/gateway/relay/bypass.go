package relay

import (
	"hash/maphash"
	"sync"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
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
	evidence string
}

// mark stands for a message in the book: two keyed hashes of its author and
// number. Nobody outside knows the keys, and so nobody makes two of one mark.
type mark [2]uint64

type entry struct {
	mark  mark
	via   peer.ID
	side  string // via's, when the message came
	clean bool   // it was passed on
}

// book remembers where messages came from: the last maxBook of them, in a ring.
// It is read by every message and holds few pointers, so that it costs the
// garbage collector little.
type book struct {
	seeds [2]maphash.Seed

	mu   sync.Mutex
	at   map[mark]uint32 // place in ring
	ring []entry
	next uint32 // place of the oldest, once the ring is full
	told map[[2]peer.ID]time.Time
}

func newBook() *book {
	return &book{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		at:    map[mark]uint32{}, told: map[[2]peer.ID]time.Time{},
	}
}

func (b *book) mark(m *pubsub.Message) mark {
	var out mark
	for i, seed := range b.seeds {
		var h maphash.Hash
		h.SetSeed(seed)
		h.Write(m.From) // never fails (hash/maphash)
		h.Write(m.Seqno)
		out[i] = h.Sum64()
	}
	return out
}

// first notes who brought a message, which is not judged yet.
func (b *book) first(m *pubsub.Message, via peer.ID, side func(peer.ID) string) *meeting {
	author := m.GetFrom()
	viaSide, authorSide := side(via), side(author)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(entry{mark: b.mark(m), via: via, side: viaSide})
	if via == author || viaSide == "" || authorSide == "" || viaSide == authorSide {
		return nil
	}
	return b.meeting(author, via, viaSide, "a message of a node connected on one side was handed in first by a node of the other")
}

// add writes over the oldest entry when the ring is full.
func (b *book) add(e entry) {
	if len(b.ring) < maxBook {
		b.at[e.mark] = uint32(len(b.ring))
		b.ring = append(b.ring, e)
		return
	}
	if old := b.ring[b.next].mark; b.at[old] == b.next { // else it came again since
		delete(b.at, old)
	}
	b.at[e.mark], b.ring[b.next] = b.next, e
	b.next = (b.next + 1) % maxBook
}

// settle notes what became of a message.
func (b *book) settle(m *pubsub.Message, clean bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i, there := b.at[b.mark(m)]; there {
		b.ring[i].clean = clean
	}
}

// again is told of a message that comes a second time.
func (b *book) again(m *pubsub.Message, side func(peer.ID) string) *meeting {
	via := m.ReceivedFrom
	viaSide := side(via)
	b.mu.Lock()
	defer b.mu.Unlock()
	i, there := b.at[b.mark(m)]
	if !there {
		return nil
	}
	e := b.ring[i]
	if e.clean || via == e.via || viaSide == "" || e.side == "" || viaSide == e.side {
		return nil
	}
	return b.meeting(e.via, via, viaSide, "a message that was not passed on was handed in by a node of the other side too")
}

// meeting puts the peer of side a first. It is nil when the same two were
// reported not long ago.
func (b *book) meeting(one, other peer.ID, otherSide, evidence string) *meeting {
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
	return &meeting{a: one, b: other, evidence: evidence}
}
