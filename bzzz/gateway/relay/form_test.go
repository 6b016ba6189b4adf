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

	"go.cordon.dev/cordon/bzzz/gateway/judge"
)

// A message whose data is clean passes only when there is no room in it for anything
// else (package form): all of it reaches the other side.
func TestWhatStandsBesideTheData(t *testing.T) {
	_, public, err := crypto.GenerateEd25519Key(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	id, err := peer.IDFromPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	const accept, reject = pubsub.ValidationAccept, pubsub.ValidationReject
	for name, tt := range map[string]struct {
		change func(m *pb.Message)
		want   pubsub.ValidationResult
	}{
		"nothing":                  {func(*pb.Message) {}, accept},
		"a number of other length": {func(m *pb.Message) { m.Seqno = []byte("words in the place of a number") }, reject},
		"nobody's signature":       {func(m *pb.Message) { m.Signature = nil }, reject},
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
