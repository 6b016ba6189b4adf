package relay

import (
	"encoding/binary"
	"testing"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
)

// The nodes of these tests: a1 and a2 on side a, b1 on side b, all others gone.
func side(p peer.ID) string {
	return map[peer.ID]string{"a1": "a", "a2": "a", "b1": "b"}[p]
}

// numbered is a message as it comes from a neighbour.
func numbered(author, via peer.ID, number uint64) *pubsub.Message {
	return &pubsub.Message{
		Message:      &pb.Message{From: []byte(author), Seqno: binary.BigEndian.AppendUint64(nil, number)},
		ReceivedFrom: via,
	}
}

// What a message shows: who wrote it, who brought it first, what became of it,
// and who brought it again.
func TestMeetings(t *testing.T) {
	for name, tt := range map[string]struct {
		author, first peer.ID
		clean         bool
		again         peer.ID
		want          bool
	}{
		"passed on, and comes back":              {"a1", "a1", true, "b1", false},
		"withheld, and comes from the same side": {"a1", "a1", false, "a2", false},
		"withheld, and comes from the other":     {"a1", "a1", false, "b1", true},
		"comes first from the other side":        {"a1", "b1", true, "b1", true},
		"its author is gone":                     {"gone", "b1", true, "b1", false},
		"withheld, who brings it again is gone":  {"a1", "a1", false, "gone", false},
	} {
		b := newBook()
		m := b.first(numbered(tt.author, tt.first, 7), tt.first, side)
		b.settle(numbered(tt.author, tt.first, 7), tt.clean)
		if m == nil {
			m = b.again(numbered(tt.author, tt.again, 7), side)
		}
		if (m != nil) != tt.want {
			t.Errorf("%s: %+v", name, m)
		}
		if m != nil && (side(m.a) != "a" || side(m.b) != "b") {
			t.Errorf("%s: %s and %s", name, m.a, m.b)
		}
	}
}

// The book forgets the oldest message, and of one that came again only the
// first coming.
func TestTheBookIsBounded(t *testing.T) {
	b := newBook()
	withheld := func(number uint64) { b.first(numbered("a1", "a1", number), "a1", side) }
	known := func(number uint64) bool {
		clear(b.told) // so that each is reported
		return b.again(numbered("a1", "b1", number), side) != nil
	}
	withheld(0)
	withheld(1)
	withheld(2)
	withheld(0)
	for n := uint64(3); n < maxBook; n++ { // one over the edge
		withheld(n)
	}
	for number, want := range map[uint64]bool{0: true, 1: true, 2: true, maxBook - 1: true, maxBook: false} {
		if known(number) != want {
			t.Errorf("message %d: %v", number, !want)
		}
	}
	withheld(maxBook)
	if known(1) || !known(0) || !known(2) || len(b.ring) != maxBook || len(b.at) != maxBook {
		t.Errorf("%v, %v, %v of %d in %d", known(1), known(0), known(2), len(b.at), len(b.ring))
	}
}

func TestNamesAreBounded(t *testing.T) {
	var n names
	for i := range 2*maxNames + 10 {
		id := peer.ID(binary.BigEndian.AppendUint64(nil, uint64(i)))
		if n.of(id) != id.String() || n.of(id) != id.String() {
			t.Fatalf("%s is called %s", id, n.of(id))
		}
	}
	if len(n.text) > maxNames {
		t.Errorf("%d are kept", len(n.text))
	}
}
