package relay

import (
	"context"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	maxName    = 256  // bytes of a topic's name
	maxPerCall = 2048 // subscriptions that a peer may announce at once
	sweepEvery = 30 * time.Second
)

// topics are those that are relayed. It is the router's filter of subscriptions:
// what a peer subscribes to is relayed from then on, as far as there is room, and
// until nobody is left in it.
type topics struct {
	limit   int
	follow  bool
	nameMay func(string) bool
	notices string

	mu      sync.Mutex
	known   map[string]bool // true: of the configuration, for ever
	refused int64
	wanted  chan string
}

func newTopics(o Options, nameMay func(string) bool) *topics {
	return &topics{
		limit: max(o.MaxTopics, len(o.Topics)), follow: o.Follow, nameMay: nameMay, notices: noticeTopic(o.Name),
		known: map[string]bool{}, wanted: make(chan string, max(1, o.MaxTopics, len(o.Topics))),
	}
}

// add takes a topic of the configuration.
func (t *topics) add(name string) error {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return fmt.Errorf("a topic's name has 1 to %d bytes of UTF-8", maxName)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, there := t.known[name]; !there {
		t.known[name] = true
		t.wanted <- name // has room: one for each topic
	}
	return nil
}

// CanSubscribe implements pubsub.SubscriptionFilter.
func (t *topics) CanSubscribe(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, known := t.known[name]
	return known || name == t.notices
}

// FilterIncomingSubscriptions implements pubsub.SubscriptionFilter. The router
// waits for it, so it must not.
func (t *topics) FilterIncomingSubscriptions(_ peer.ID, subs []*pb.RPC_SubOpts) ([]*pb.RPC_SubOpts, error) {
	if len(subs) > maxPerCall {
		return nil, pubsub.ErrTooManySubscriptions
	}
	for _, s := range subs {
		if s.GetSubscribe() {
			t.learn(s.GetTopicid())
		}
	}
	return pubsub.FilterSubscriptions(subs, t.CanSubscribe), nil
}

// learn takes a topic that a peer subscribes to. Its name is told to the other
// side, so it must not be, or hold, a secret.
func (t *topics) learn(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.known[name]; known || name == t.notices || !t.follow {
		return
	}
	if name == "" || len(name) > maxName || !utf8.ValidString(name) || len(t.known) >= t.limit || !t.nameMay(name) {
		t.refused++
		return
	}
	select {
	case t.wanted <- name:
		t.known[name] = false
	default:
		t.refused++
	}
}

func (t *topics) forget(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.known, name)
}

func (t *topics) names() (all []string, refused int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name := range t.known {
		all = append(all, name)
	}
	return all, t.refused
}

// relayed is a topic the router is in.
type relayed struct {
	topic  *pubsub.Topic
	cancel pubsub.RelayCancelFunc
}

// run joins and leaves topics until ctx ends.
func (t *topics) run(ctx context.Context, r *Relay) {
	in := map[string]relayed{}
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-t.wanted:
			t.join(r, name, in)
		case <-sweep.C:
			t.sweep(r, in)
		}
	}
}

func (t *topics) join(r *Relay, name string, in map[string]relayed) {
	topic, err := r.ps.Join(name)
	if err == nil {
		var cancel pubsub.RelayCancelFunc
		if cancel, err = topic.Relay(); err == nil {
			in[name] = relayed{topic, cancel}
			return
		}
	}
	t.forget(name)
	r.deps.Log.Warn("a topic is not relayed", "error", err)
}

// sweep leaves the topics in which nobody is left.
func (t *topics) sweep(r *Relay, in map[string]relayed) {
	for name, j := range in {
		t.mu.Lock()
		forever := t.known[name]
		t.mu.Unlock()
		if forever || len(r.ps.ListPeers(name)) > 0 {
			continue
		}
		j.cancel()
		if err := j.topic.Close(); err != nil {
			r.deps.Log.Warn("leaving a topic", "error", err)
		}
		delete(in, name)
		t.forget(name)
		r.tally.forgetTopic(name)
		if len(r.ps.ListPeers(name)) > 0 { // somebody came in the meantime
			t.learn(name)
		}
	}
}
