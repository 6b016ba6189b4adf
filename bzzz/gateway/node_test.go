package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"

	"go.cordon.dev/cordon/bzzz/gateway"
	"go.cordon.dev/cordon/bzzz/gateway/judge"
	"go.cordon.dev/cordon/bzzz/gateway/report"
	"go.cordon.dev/cordon/bzzz/gateway/settings"
	"go.cordon.dev/cordon/detect"
)

const topicName = "bzzz/coordination/v1"

func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// running is a gateway in this process.
type running struct {
	addresses map[string]string // by side
	settings  settings.Settings
	stop      func()
}

// load makes settings as the program does.
func load(t testing.TB, events string, args ...string) settings.Settings {
	t.Helper()
	all := append([]string{"--listen-a", "127.0.0.1:0", "--listen-b", "127.0.0.1:0", "--topic", topicName, "--name", "gate-1", "--events", events, "--data", t.TempDir()}, args...)
	s, err := settings.Load(all, func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func start(t testing.TB, s settings.Settings, watch func(judge.Message)) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan []report.Listener, 1), make(chan error, 1)
	go func() {
		ended <- gateway.Run(ctx, gateway.Deps{
			Settings: s, Getenv: func(string) string { return strings.Repeat("ab", 32) }, Log: slog.New(slog.DiscardHandler),
			Version: "test", Ready: func(l []report.Listener) { ready <- l }, Watch: watch,
		})
	}()
	r := &running{addresses: map[string]string{}, settings: s}
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case all := <-ready:
		for _, l := range all {
			r.addresses[l.Side] = l.Addresses[0]
		}
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	return r
}

// node is a member of the network.
type node struct {
	t      testing.TB
	host   host.Host
	ps     *pubsub.PubSub
	topics map[string]*pubsub.Topic

	mu  sync.Mutex
	got []*pubsub.Message
}

func newNode(t testing.TB, addresses ...string) *node {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport), libp2p.DisableRelay())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	ps, err := pubsub.NewGossipSub(context.Background(), h, pubsub.WithPeerOutboundQueueSize(1<<14), pubsub.WithValidateQueueSize(1<<14))
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, host: h, ps: ps, topics: map[string]*pubsub.Topic{}}
	for _, a := range addresses {
		n.connect(a)
	}
	return n
}

func (n *node) connect(address string) {
	n.t.Helper()
	info, err := peer.AddrInfoFromString(address)
	if err == nil {
		err = n.host.Connect(context.Background(), *info)
	}
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) address() string { return n.host.Addrs()[0].String() + "/p2p/" + n.host.ID().String() }

func (n *node) topic(name string) *pubsub.Topic {
	n.t.Helper()
	if n.topics[name] == nil {
		topic, err := n.ps.Join(name)
		if err != nil {
			n.t.Fatal(err)
		}
		n.topics[name] = topic
	}
	return n.topics[name]
}

func (n *node) subscribe(name string) {
	n.t.Helper()
	s, err := n.topic(name).Subscribe(pubsub.WithBufferSize(1 << 14))
	if err != nil {
		n.t.Fatal(err)
	}
	go func() {
		for {
			m, err := s.Next(context.Background())
			if err != nil {
				return
			}
			n.mu.Lock()
			n.got = append(n.got, m)
			n.mu.Unlock()
		}
	}()
}

func (n *node) publish(name, text string) {
	n.t.Helper()
	if err := n.topic(name).Publish(context.Background(), []byte(text)); err != nil {
		n.t.Fatal(err)
	}
}

// find returns what was received from others and holds the text.
func (n *node) find(text string) *pubsub.Message {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, m := range n.got {
		if m.ReceivedFrom != n.host.ID() && strings.Contains(string(m.Data), text) {
			return m
		}
	}
	return nil
}

// pair is a node on either side; messages pass between them.
func pair(t testing.TB, r *running) (a, b *node) {
	t.Helper()
	a, b = newNode(t, r.addresses["a"]), newNode(t, r.addresses["b"])
	meet(t, topicName, a, b)
	return a, b
}

func meet(t testing.TB, topic string, a, b *node) {
	t.Helper()
	for _, n := range []*node{a, b} {
		n.subscribe(topic)
	}
	for _, way := range [][2]*node{{a, b}, {b, a}} {
		text := message("probe in " + topic + " from " + way[0].host.ID().String())
		await(t, "messages to pass in "+topic, func() bool {
			way[0].publish(topic, text)
			return way[1].find(text) != nil
		})
	}
}

func message(text string) string {
	b, err := json.Marshal(map[string]any{"type": "task_progress", "from": "agent-7", "timestamp": "2026-03-14T14:32:07Z", "data": map[string]string{"note": text}, "hop_count": 1})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func secret(t testing.TB) string {
	t.Helper()
	s, err := detect.ExpandExample("{{github:ghp}}")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lines reads the file of events.
func lines(t testing.TB, name string) (out []report.Line) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(text)) {
		var v report.Line
		if json.Unmarshal([]byte(l), &v) == nil { // the last may be half written
			out = append(out, v)
		}
	}
	return out
}

func eventsFile(t testing.TB) string { return filepath.Join(t.TempDir(), "events.jsonl") }
