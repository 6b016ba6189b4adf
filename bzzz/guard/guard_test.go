package guard_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"

	"go.cordon.dev/cordon/bzzz/guard"
)

const topicName = "bzzz/coordination/v1"

var errBroken = errors.New("the engine is broken")

// scanner forbids by the words of a message.
type scanner struct{ hang chan struct{} }

func (s scanner) Scan(_ context.Context, data []byte) (string, error) {
	text := string(data)
	switch {
	case strings.HasPrefix(text, "secret"):
		return "a-rule", nil
	case strings.HasPrefix(text, "err"):
		return "", errBroken
	case strings.HasPrefix(text, "panic"):
		panic(text)
	case strings.HasPrefix(text, "hang"):
		<-s.hang
	}
	return "", nil
}

func newHost(t testing.TB) host.Host {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New), libp2p.DisableRelay())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func join(t testing.TB, h host.Host, opts ...pubsub.Option) *pubsub.Topic {
	t.Helper()
	ps, err := pubsub.NewGossipSub(t.Context(), h, append(opts, pubsub.WithFloodPublish(true))...)
	if err != nil {
		t.Fatal(err)
	}
	topic, err := ps.Join(topicName)
	if err != nil {
		t.Fatal(err)
	}
	return topic
}

func subscribe(t *testing.T, topic *pubsub.Topic) *pubsub.Subscription {
	t.Helper()
	s, err := topic.Subscribe()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func connect(t *testing.T, a, b host.Host) {
	t.Helper()
	if err := a.Connect(t.Context(), peer.AddrInfo{ID: b.ID(), Addrs: b.Addrs()}); err != nil {
		t.Fatal(err)
	}
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func next(t *testing.T, s *pubsub.Subscription) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := s.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(m.Data)
}

type record struct {
	mu  sync.Mutex
	all []guard.Blocked
}

func (r *record) note(b guard.Blocked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, b)
}

func (r *record) rules() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, b := range r.all {
		out = append(out, b.Rule)
	}
	return out
}

func TestPublishSaysWhyItDoesNot(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	h := newHost(t)
	topic := join(t, h)
	sub := subscribe(t, topic)
	var seen record
	wrapped := guard.Wrap(topic, scanner{hang}, guard.Timeout(50*time.Millisecond), guard.Self(h.ID()), guard.OnBlocked(seen.note))
	tests := []struct {
		text, rule string
		cause      error
	}{
		{"secret one", "a-rule", nil},
		{"err", guard.RuleNotScanned, errBroken},
		{"panic with secret words", guard.RuleNotScanned, nil},
		{"hang", guard.RuleTimeout, nil},
		{"all is well", "", nil},
	}
	for _, tt := range tests {
		err := wrapped.Publish(t.Context(), []byte(tt.text))
		var blocked *guard.BlockedError
		switch {
		case tt.rule == "" && err != nil:
			t.Errorf("%s: %v", tt.text, err)
		case tt.rule == "":
		case !errors.As(err, &blocked) || blocked.Rule != tt.rule || blocked.MessageID == "":
			t.Errorf("%s: error %v", tt.text, err)
		case tt.cause != nil && !errors.Is(err, tt.cause):
			t.Errorf("%s: the cause is lost: %v", tt.text, err)
		case strings.Contains(err.Error(), "secret words"):
			t.Errorf("%s: the error quotes the message: %v", tt.text, err)
		}
	}
	if got := next(t, sub); got != "all is well" {
		t.Errorf("published %q", got)
	}
	if got := seen.rules(); len(got) != 4 || seen.all[0].Topic != topicName || seen.all[0].Via != h.ID() {
		t.Errorf("told of %v", seen.all)
	}
}

func TestAScanTooManyWithholds(t *testing.T) {
	hang := make(chan struct{})
	topic := join(t, newHost(t))
	wrapped := guard.Wrap(topic, scanner{hang}, guard.Timeout(20*time.Millisecond), guard.Concurrent(1))
	rule := func(text string) string {
		var blocked *guard.BlockedError
		if err := wrapped.Publish(t.Context(), []byte(text)); errors.As(err, &blocked) {
			return blocked.Rule
		}
		return ""
	}
	if got := rule("hang"); got != guard.RuleTimeout {
		t.Errorf("the first: %q", got)
	}
	if got := rule("all is well"); got != guard.RuleBusy {
		t.Errorf("while it hangs: %q", got)
	}
	close(hang)
	await(t, "room", func() bool { return rule("all is well") == "" })
}

func TestANodesOwnMessageIsRejectedPastTheWrapperToo(t *testing.T) {
	tests := map[string]struct {
		self   bool
		reason string
	}{
		"who knows itself rejects":    {true, pubsub.RejectValidationFailed},
		"who does not, still ignores": {false, pubsub.RejectValidationIgnored},
	}
	for name, tt := range tests {
		h := newHost(t)
		var settings []guard.Setting
		if tt.self {
			settings = append(settings, guard.Self(h.ID()))
		}
		topic := join(t, h, guard.Option(scanner{}, settings...))
		var refused pubsub.ValidationError
		if err := topic.Publish(t.Context(), []byte("secret")); !errors.As(err, &refused) || refused.Reason != tt.reason {
			t.Errorf("%s: %v", name, err)
		}
		if err := topic.Publish(t.Context(), []byte("all is well")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A line of three: what the middle withholds does not reach the end, and the
// sender, who did not know, is not punished for it.
func TestRelayedMessagesAreIgnoredNotRejected(t *testing.T) {
	a, m, b := newHost(t), newHost(t), newHost(t)
	var seen record
	var reasons reasons
	ta := join(t, a)
	tm := join(t, m, guard.Option(scanner{}, guard.Self(m.ID()), guard.OnBlocked(seen.note)), pubsub.WithRawTracer(&reasons))
	tb := join(t, b)
	subscribe(t, tm)
	sub := subscribe(t, tb)
	connect(t, a, m)
	connect(t, m, b)
	await(t, "the line", func() bool { return len(ta.ListPeers()) == 1 && reasons.grafted(b.ID()) })
	for _, text := range []string{"secret", "err", "panic", "all is well"} {
		if err := ta.Publish(t.Context(), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got := next(t, sub); got != "all is well" {
		t.Errorf("the end got %q", got)
	}
	await(t, "three refusals", func() bool { return len(seen.rules()) == 3 })
	for _, b := range seen.all {
		if b.From != a.ID() || b.Via != a.ID() || b.Error != nil {
			t.Errorf("told of %+v", b)
		}
	}
	for _, r := range reasons.list() {
		if r != pubsub.RejectValidationIgnored {
			t.Errorf("refused as %q", r)
		}
	}
}
