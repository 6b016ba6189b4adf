package relay

import (
	"sync"
	"sync/atomic"

	"github.com/libp2p/go-libp2p/core/peer"

	"go.cordon.dev/cordon/bzzz/gateway/judge"
)

// counted is what a peer or a topic brought.
type counted struct{ received, withheld int64 }

// tally counts messages. It forgets peers that went and topics that were left.
type tally struct {
	relayed, withheld, notScanned, dropped atomic.Int64

	mu     sync.Mutex
	peers  map[peer.ID]counted
	topics map[string]counted
}

func newTally() *tally {
	return &tally{peers: map[peer.ID]counted{}, topics: map[string]counted{}}
}

func (t *tally) count(via peer.ID, topic, answer string) {
	kept := int64(0)
	switch answer {
	case judge.Clean:
		t.relayed.Add(1)
	case judge.NotScanned:
		t.notScanned.Add(1)
		kept = 1
	default:
		t.withheld.Add(1)
		kept = 1
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p, c := t.peers[via], t.topics[topic]
	t.peers[via] = counted{p.received + 1, p.withheld + kept}
	t.topics[topic] = counted{c.received + 1, c.withheld + kept}
}

func (t *tally) forgetTopic(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.topics, name)
}

// keep forgets the peers that are not among those that are there.
func (t *tally) keep(there func(peer.ID) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p := range t.peers {
		if !there(p) {
			delete(t.peers, p)
		}
	}
}

func (t *tally) of(p peer.ID) counted {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.peers[p]
}

func (t *tally) in(topic string) counted {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.topics[topic]
}
