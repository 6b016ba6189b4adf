// Package relay is the gateway's place in the network: one libp2p host with two
// listeners, through which nodes meet, and a pubsub router that passes on what a
// judge calls clean. Messages keep their author's signature and number, so that
// nodes see them as if they had come straight.
//
// Nobody but the gateway's own key signs a notice, the gateway dials nobody, and
// it tells nobody of another's addresses. It may import judge and report, and is
// the one package of the gateway that knows libp2p.
package relay

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"go.cordon.dev/cordon/bzzz/form"
	"go.cordon.dev/cordon/bzzz/gateway/judge"
	"go.cordon.dev/cordon/bzzz/gateway/report"
)

// Options say how to relay.
type Options struct {
	Name       string         // Mandatory. Of the gateway.
	Version    string         // What the state says.
	ListenA    string         // Mandatory. Multiaddress of side a.
	ListenB    string         // Mandatory. Multiaddress of side b.
	Identity   crypto.PrivKey // Mandatory. The gateway's key.
	Topics     []string       // That are relayed from the start.
	Follow     bool           // Relay the topics that nodes subscribe to, too.
	MaxTopics  int            // Mandatory, with those of Topics.
	MaxPeers   int            // Mandatory, of both sides together.
	MaxMessage int            // Mandatory. Bytes of a frame; a larger one ends its stream.
	Queue      int            // Mandatory. Messages that wait to be judged; and for each peer, to be sent.
}

// Deps are what a relay needs.
type Deps struct {
	Decide   func(context.Context, judge.Message) judge.Verdict // Mandatory.
	NameMay  func(topic string) bool                            // Mandatory. Whether a topic's name may be said on the other side.
	Withheld func(report.Record)                                // Mandatory. Must not block.
	Bypass   func(report.Bypass)                                // Mandatory. Must not block.
	Log      *slog.Logger                                       // Mandatory.
}

// Relay is a running gateway.
type Relay struct {
	opts    Options
	deps    Deps
	host    host.Host
	ps      *pubsub.PubSub
	sides   *sides
	topics  *topics
	tally   *tally
	book    *book
	names   names
	forms   form.Checker
	notices *notices
	cancel  context.CancelFunc
	ended   sync.WaitGroup
}

// Start listens on both sides.
func Start(o Options, d Deps) (*Relay, error) {
	if d.Decide == nil || d.NameMay == nil || d.Withheld == nil || d.Bypass == nil || d.Log == nil || o.Identity == nil {
		return nil, errors.New("starting the relay: Identity and all of Deps are mandatory")
	}
	r := &Relay{opts: o, deps: d, sides: newSides(o.MaxPeers), tally: newTally(), book: newBook()}
	r.topics = newTopics(o, d.NameMay)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	if err := r.open(ctx); err != nil {
		r.Close()
		return nil, fmt.Errorf("starting the relay: %w", err)
	}
	r.ended.Go(func() { r.topics.run(ctx, r) })
	r.ended.Go(func() { r.notices.run(ctx) })
	return r, nil
}

func (r *Relay) open(ctx context.Context) (err error) {
	if r.host, err = newHost(r.opts, r.sides); err != nil {
		return err
	}
	if r.ps, err = pubsub.NewGossipSub(ctx, r.host, r.options()...); err != nil {
		return err
	}
	if r.notices, err = newNotices(r.ps, r.opts.Name, r.host.ID(), r.deps.Log); err != nil {
		return err
	}
	for _, name := range r.opts.Topics {
		if err := r.topics.add(name); err != nil {
			return err
		}
	}
	return r.sides.listen(r.host, r.opts) // last: who comes finds everything there
}

func (r *Relay) options() []pubsub.Option {
	params := pubsub.DefaultGossipSubParams()
	// Nodes know nobody but the gateway, so it takes all of them into its mesh.
	params.Dlo, params.D, params.Dhi = 32, 64, max(128, r.opts.MaxPeers)
	// "Spare me this message" goes to every node before the message is judged. It
	// is worth a frame of its own only where it may spare a long one.
	params.IDontWantMessageThreshold = 64 << 10
	return []pubsub.Option{
		pubsub.WithGossipSubParams(params), pubsub.WithFloodPublish(true), pubsub.WithPeerExchange(false),
		pubsub.WithMaxMessageSize(r.opts.MaxMessage), pubsub.WithMessageSignaturePolicy(pubsub.StrictSign),
		pubsub.WithValidateQueueSize(r.opts.Queue), pubsub.WithPeerOutboundQueueSize(r.opts.Queue),
		pubsub.WithSubscriptionFilter(r.topics), pubsub.WithRawTracer(&tracer{relay: r}),
		pubsub.WithDefaultValidator(r.validate, pubsub.WithValidatorInline(true)),
	}
}

// Close disconnects everybody and ends. Nothing passes from then on.
func (r *Relay) Close() {
	r.cancel()
	if r.host != nil {
		if err := r.host.Close(); err != nil {
			r.deps.Log.Warn("closing the listeners", "error", err)
		}
	}
	r.ended.Wait()
}

// validate is asked by the router for every message, once.
func (r *Relay) validate(ctx context.Context, via peer.ID, m *pubsub.Message) pubsub.ValidationResult {
	if m.GetTopic() == r.notices.name {
		if via == r.host.ID() {
			return pubsub.ValidationAccept
		}
		return pubsub.ValidationIgnore
	}
	if !r.forms.Holds(m.Message) {
		r.tally.count(via, m.GetTopic(), judge.NotScanned)
		r.deps.Log.Warn("a message is refused: it says more than its data", "from", r.names.of(via))
		return pubsub.ValidationReject
	}
	r.meet(r.book.first(m, via, r.sides.of), m)
	msg := r.messageOf(m)
	v := r.deps.Decide(ctx, msg)
	clean := v.Answer == judge.Clean
	r.tally.count(via, msg.Topic, v.Answer)
	r.book.settle(m, clean)
	if clean {
		return pubsub.ValidationAccept
	}
	r.withheld(msg, v, via)
	return pubsub.ValidationIgnore
}

func (r *Relay) withheld(msg judge.Message, v judge.Verdict, via peer.ID) {
	r.deps.Withheld(report.Record{Message: msg, Verdict: v, Via: via.String(), At: time.Now()})
	if !r.notices.tell(msg, v) {
		r.tally.dropped.Add(1)
	}
	r.deps.Log.Info("withheld", "message_id", msg.ID, "reason", v.Reason, "secrets", len(v.Findings), "detail", v.Detail)
}

// meet reports two peers that met without the gateway.
func (r *Relay) meet(m *meeting, over *pubsub.Message) {
	if m == nil {
		return
	}
	r.deps.Log.Warn("two peers are joined past the gateway: what it withholds reaches them all the same", "peer_a", m.a, "peer_b", m.b, "evidence", m.evidence)
	r.deps.Bypass(report.Bypass{
		GatewayID: r.opts.Name, PeerA: m.a.String(), PeerB: m.b.String(), Topic: over.GetTopic(), MessageID: r.messageID(over), Evidence: m.evidence,
	})
}

// messageID is the text by which a message is known: its author's peer id, a hyphen,
// and the author's number in hex.
func (r *Relay) messageID(m *pubsub.Message) string {
	return r.names.of(m.GetFrom()) + "-" + hex.EncodeToString(m.GetSeqno())
}

func (r *Relay) messageOf(m *pubsub.Message) judge.Message {
	msg := judge.Message{ID: r.messageID(m), Topic: m.GetTopic(), Sender: r.names.of(m.GetFrom()), Data: m.GetData()}
	if seq := m.GetSeqno(); len(seq) == 8 {
		msg.Seq = binary.BigEndian.Uint64(seq)
	}
	return msg
}

// maxNames bounds the authors whose ids are kept as text.
const maxNames = 4096

// names keeps peer ids as text: to write one costs as much as to scan a message.
type names struct {
	mu   sync.RWMutex
	text map[peer.ID]string
}

func (n *names) of(p peer.ID) string {
	n.mu.RLock()
	text, known := n.text[p]
	n.mu.RUnlock()
	if known {
		return text
	}
	text = p.String()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.text == nil || len(n.text) >= maxNames {
		n.text = map[peer.ID]string{}
	}
	n.text[p] = text
	return text
}
