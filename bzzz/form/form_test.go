package form_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multihash"

	"go.cordon.dev/cordon/bzzz/form"
)

// extra is a field that nobody knows: number 15, with some bytes.
var extra = append([]byte{15<<3 | 2, 6}, "hidden"...)

type author struct {
	private crypto.PrivKey
	id      peer.ID
	key     []byte // as it is written in messages
}

func newAuthor(t testing.TB, kind int) author {
	t.Helper()
	private, public, err := crypto.GenerateKeyPairWithReader(kind, 2048, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := crypto.MarshalPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	id, err := peer.IDFromPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return author{private, id, key}
}

func (a author) message(t testing.TB) *pb.Message {
	t.Helper()
	signature, err := a.private.Sign([]byte("what is signed"))
	if err != nil {
		t.Fatal(err)
	}
	topic := "topic"
	m := &pb.Message{From: []byte(a.id), Seqno: make([]byte, 8), Topic: &topic, Data: []byte("all is well"), Signature: signature}
	if inline, _ := a.id.ExtractPublicKey(); inline == nil {
		m.Key = a.key
	}
	return m
}

// The author's key is in the id, or beside it when it is too long.
func TestMessagesOfEveryKindOfKeyHoldTheForm(t *testing.T) {
	for name, kind := range map[string]int{"Ed25519": crypto.Ed25519, "secp256k1": crypto.Secp256k1, "ECDSA": crypto.ECDSA, "RSA": crypto.RSA} {
		var c form.Checker
		a := newAuthor(t, kind)
		for range 2 { // the second time the author is known
			if !c.Holds(a.message(t)) {
				t.Errorf("%s: a message as pubsub writes it does not hold the form", name)
			}
		}
		m := a.message(t)
		m.Key = a.key
		if !c.Holds(m) {
			t.Errorf("%s: a message with its author's key does not hold the form", name)
		}
	}
}

func TestWhereThereIsRoomForWords(t *testing.T) {
	a := newAuthor(t, crypto.Ed25519)
	swollen, err := multihash.Sum(append(bytes.Clone(a.key), extra...), multihash.IDENTITY, -1)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(m *pb.Message)
		want   bool
	}{
		"nothing":                   {func(*pb.Message) {}, true},
		"no author":                 {func(m *pb.Message) { m.From, m.Seqno, m.Signature = nil, nil, nil }, true},
		"a number of other length":  {func(m *pb.Message) { m.Seqno = []byte("words in the place of a number") }, false},
		"no number":                 {func(m *pb.Message) { m.Seqno = nil }, false},
		"no signature":              {func(m *pb.Message) { m.Signature = nil }, false},
		"a field that nobody knows": {func(m *pb.Message) { m.XXX_unrecognized = extra }, false},
		"more in the key":           {func(m *pb.Message) { m.Key = append(bytes.Clone(a.key), extra...) }, false},
		"more in the author":        {func(m *pb.Message) { m.From = swollen }, false},
		"an author that is none":    {func(m *pb.Message) { m.From = []byte("somebody") }, false},
		"no author, and a number":   {func(m *pb.Message) { m.From, m.Signature = nil, nil }, false},
		"no author, and a key":      {func(m *pb.Message) { m.From, m.Seqno, m.Signature, m.Key = nil, nil, nil, a.key }, false},
		"no author, and a seal":     {func(m *pb.Message) { m.From, m.Seqno = nil, nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			var c form.Checker
			m := a.message(t)
			tt.change(m)
			for range 2 {
				if got := c.Holds(m); got != tt.want {
					t.Errorf("%v, want %v", got, tt.want)
				}
			}
		})
	}
}

// libp2p verifies a signature of ECDSA whatever stands behind its two numbers, so that
// any node on the way could put words there.
func TestWordsBehindASignatureThatIsVerified(t *testing.T) {
	a := newAuthor(t, crypto.ECDSA)
	behind := a.message(t)
	behind.Signature = append(behind.Signature, "words of any length"...)
	within := a.message(t)
	within.Signature = append(within.Signature, "\x04\x06hidden"...)
	within.Signature[1] += 8 // the sequence is longer by one string
	for name, m := range map[string]*pb.Message{"behind": behind, "within": within} {
		if valid, err := a.private.GetPublic().Verify([]byte("what is signed"), m.Signature); !valid || err != nil {
			t.Fatalf("%s: libp2p refuses it itself (%v, %v): nothing is tried", name, valid, err)
		}
		var c form.Checker
		if c.Holds(m) {
			t.Errorf("%s: it holds the form", name)
		}
	}
}

func BenchmarkHolds(b *testing.B) {
	var c form.Checker
	m := newAuthor(b, crypto.Ed25519).message(b)
	for b.Loop() {
		if !c.Holds(m) {
			b.Fatal("a message as pubsub writes it does not hold the form")
		}
	}
}
