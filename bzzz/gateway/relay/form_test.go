package relay

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multihash"

	"go.cordon.dev/cordon/bzzz/gateway/judge"
)

// extra is a field that nobody knows: number 15, with some bytes.
var extra = append([]byte{15<<3 | 2, 6}, "hidden"...)

// author is who signs, with the key as it is written in messages.
func author(t *testing.T) (peer.ID, []byte) {
	_, public, err := crypto.GenerateEd25519Key(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
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
	return id, key
}

// A message whose data is clean passes only when there is no room in it for anything
// else: all of it reaches the other side.
func TestWhatStandsBesideTheData(t *testing.T) {
	id, key := author(t)
	swollen, err := multihash.Sum(append(bytes.Clone(key), extra...), multihash.IDENTITY, -1)
	if err != nil {
		t.Fatal(err)
	}
	const accept, reject = pubsub.ValidationAccept, pubsub.ValidationReject
	for name, tt := range map[string]struct {
		change func(m *pb.Message)
		want   pubsub.ValidationResult
	}{
		"nothing":                   {func(*pb.Message) {}, accept},
		"the author's key":          {func(m *pb.Message) { m.Key = key }, accept},
		"a number of other length":  {func(m *pb.Message) { m.Seqno = []byte("words in the place of a number") }, reject},
		"no number":                 {func(m *pb.Message) { m.Seqno = nil }, reject},
		"a field that nobody knows": {func(m *pb.Message) { m.ProtoReflect().SetUnknown(extra) }, reject},
		"more in the key":           {func(m *pb.Message) { m.Key = append(bytes.Clone(key), extra...) }, reject},
		"more in the author":        {func(m *pb.Message) { m.From = swollen }, reject},
		"an author that is none":    {func(m *pb.Message) { m.From = []byte("somebody") }, reject},
		"nobody's signature":        {func(m *pb.Message) { m.Signature = nil }, reject},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Relay{
				deps: Deps{
					Decide: func(context.Context, judge.Message) judge.Verdict { return judge.Verdict{Answer: judge.Clean} },
					Log:    slog.New(slog.DiscardHandler),
				},
				sides: newSides(8), tally: newTally(), book: newBook(), notices: &notices{name: "notices"},
			}
			topic := "topic"
			m := &pb.Message{From: []byte(id), Seqno: make([]byte, 8), Topic: &topic, Data: []byte("all is well"), Signature: make([]byte, 64)}
			tt.change(m)
			for range 2 { // the second time the author is known
				if got := r.validate(t.Context(), "a1", &pubsub.Message{Message: m, ReceivedFrom: "a1"}); got != tt.want {
					t.Errorf("%v, want %v", got, tt.want)
				}
			}
		})
	}
}
