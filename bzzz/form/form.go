// Package form knows the one form in which pubsub writes a message. Whoever scans a
// message scans its data; all else in it reaches the next node as it came. So a message
// may pass only when nothing else in it has room for words: no fields that nobody knows,
// no number, key, author or signature with more in it than pubsub itself puts there.
//
// It may import pubsub's messages, libp2p's keys, protobuf and the standard library. It
// builds with every pubsub from 0.10 on: what their messages have in common are the
// getters and what protoadapt makes of them.
package form

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"sync"

	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/protoadapt"
)

// numberSize is the length of an author's number in bytes (pubsub's nextSeqno).
const numberSize = 8

// maxAuthors bounds the authors that are remembered.
const maxAuthors = 4096

// Checker tells messages of that form from others. It remembers authors, since to read
// a key costs as much as to scan a message. The zero value is ready; it is safe for
// concurrent use.
type Checker struct {
	mu    sync.Mutex
	sound map[peer.ID]bool // authors whose id is that of their key, and nothing more
}

// Holds reports whether a message has the one form that pubsub itself writes: either
// with an author, number and signature, or with none of them. The signature itself is
// pubsub's to verify.
func (c *Checker) Holds(m *pb.Message) bool {
	if len(protoadapt.MessageV2Of(m).ProtoReflect().GetUnknown()) > 0 {
		return false
	}
	if len(m.GetFrom()) == 0 {
		return len(m.GetSeqno())+len(m.GetKey())+len(m.GetSignature()) == 0
	}
	if len(m.GetSeqno()) != numberSize || len(m.GetSignature()) == 0 {
		return false
	}
	if len(m.GetKey()) > 0 { // of authors whose key is too long for their id
		return holdsKey(m)
	}
	return c.author(peer.ID(m.GetFrom()))
}

// author reports whether an id is that of the key in it.
func (c *Checker) author(id peer.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	sound, known := c.sound[id]
	if known {
		return sound
	}
	key, err := id.ExtractPublicKey()
	sound = err == nil && id.MatchesPublicKey(key)
	if c.sound == nil || len(c.sound) >= maxAuthors {
		c.sound = map[peer.ID]bool{}
	}
	c.sound[id] = sound
	return sound
}

// holdsKey reports whether the author is who has the message's key, and key and
// signature are written in the one way.
func holdsKey(m *pb.Message) bool {
	key, err := crypto.UnmarshalPublicKey(m.GetKey())
	if err != nil || !peer.ID(m.GetFrom()).MatchesPublicKey(key) {
		return false
	}
	again, err := crypto.MarshalPublicKey(key)
	if err != nil || !bytes.Equal(again, m.GetKey()) {
		return false
	}
	return key.Type() != crypto.ECDSA || isTwoNumbers(m.GetSignature())
}

// isTwoNumbers reports whether a signature of ECDSA is its two numbers and nothing
// more: libp2p verifies one also with more behind them. Other keys' signatures have a
// fixed length, or are read strictly.
func isTwoNumbers(signature []byte) bool {
	var two struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &two); err != nil {
		return false
	}
	again, err := asn1.Marshal(two)
	return err == nil && bytes.Equal(again, signature)
}
