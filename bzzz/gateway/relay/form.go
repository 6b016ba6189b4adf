package relay

import (
	"bytes"
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

// numberSize is the length of an author's number in bytes (pubsub's nextSeqno).
const numberSize = 8

// forms knows whether there is room in messages for more than their data and their
// topic, which are judged. The signature covers a number of any length, fields that
// nobody knows, and keys with more in them: all of it would reach the other side as it
// came, and a number of a message stands in its id as well.
type forms struct {
	mu    sync.Mutex
	sound map[peer.ID]bool // authors whose id is that of their key, and nothing more
}

// holds reports whether a message has the one form that pubsub itself writes.
func (f *forms) holds(m *pubsub.Message) bool {
	if len(m.GetSeqno()) != numberSize || len(m.ProtoReflect().GetUnknown()) > 0 {
		return false
	}
	if len(m.GetKey()) > 0 { // of authors whose key is too long for their id
		return holdsKey(m.GetFrom(), m.GetKey())
	}
	return f.author(m.GetFrom())
}

// author reports whether an id is that of the key in it. To read a key costs as much as
// to scan a message, so it is done once.
func (f *forms) author(id peer.ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	sound, known := f.sound[id]
	if known {
		return sound
	}
	key, err := id.ExtractPublicKey()
	sound = err == nil && id.MatchesPublicKey(key)
	if f.sound == nil || len(f.sound) >= maxNames {
		f.sound = map[peer.ID]bool{}
	}
	f.sound[id] = sound
	return sound
}

// holdsKey reports whether an id is that of a key, which is written in the one way.
func holdsKey(id peer.ID, written []byte) bool {
	key, err := crypto.UnmarshalPublicKey(written)
	if err != nil || !id.MatchesPublicKey(key) {
		return false
	}
	again, err := crypto.MarshalPublicKey(key)
	return err == nil && bytes.Equal(again, written)
}
