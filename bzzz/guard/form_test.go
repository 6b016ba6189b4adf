package guard

import (
	"bytes"
	"context"
	"testing"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

// calm forbids nothing: what is withheld is withheld for its form.
type calm struct{}

func (calm) Scan(context.Context, []byte) (string, error) { return "", nil }

// What a node passes on reaches others whole, so a message whose data is clean
// passes only when nothing but its data and its topic has room for words.
func TestWhatStandsBesideTheDataIsNotPassedOn(t *testing.T) {
	_, public, err := crypto.GenerateEd25519Key(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	id, err := peer.IDFromPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(m *pb.Message)
		rule   string
	}{
		"nothing":                   {func(*pb.Message) {}, ""},
		"a topic without authors":   {func(m *pb.Message) { m.From, m.Seqno, m.Signature = nil, nil, nil }, ""},
		"a number of other length":  {func(m *pb.Message) { m.Seqno = []byte("words in the place of a number") }, RuleForm},
		"a field that nobody knows": {func(m *pb.Message) { m.XXX_unrecognized = []byte("z\x06hidden") }, RuleForm},
		"words in place of a key":   {func(m *pb.Message) { m.From, m.Seqno, m.Signature, m.Key = nil, nil, nil, []byte("words") }, RuleForm},
		"nobody's signature":        {func(m *pb.Message) { m.Signature = nil }, RuleForm},
	} {
		t.Run(name, func(t *testing.T) {
			var told []Blocked
			s := newSettings(calm{}, []Setting{OnBlocked(func(b Blocked) { told = append(told, b) })})
			topic := "topic"
			m := &pb.Message{From: []byte(id), Seqno: make([]byte, 8), Topic: &topic, Data: []byte("all is well"), Signature: make([]byte, 64)}
			tt.change(m)
			got := s.validate(t.Context(), "other", &pubsub.Message{Message: m, ReceivedFrom: "other"})
			switch {
			case tt.rule == "" && (got != pubsub.ValidationAccept || len(told) != 0):
				t.Errorf("%v, told of %v", got, told)
			case tt.rule != "" && (got != pubsub.ValidationIgnore || len(told) != 1 || told[0].Rule != tt.rule):
				t.Errorf("%v, told of %v", got, told)
			}
		})
	}
}
