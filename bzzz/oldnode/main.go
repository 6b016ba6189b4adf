// Command oldnode is a node of a gossip network as old as BZZZ's nodes are, on
// go-libp2p 0.32 and pubsub 0.10: TCP, Noise, yamux, gossipsub. Tests drive it,
// and the gateway between two of it, as real processes.
//
// It takes commands from stdin and answers on stdout, a JSON object a line; the
// first line it says is its address. It imports nothing of Cordon. To add a
// command, add it to node.do.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

// command is a line of stdin.
type command struct {
	Op    string `json:"op"` // connect, subscribe, publish, peers, conns, frame
	Addr  string `json:"addr,omitempty"`
	Topic string `json:"topic,omitempty"`
	Data  string `json:"data,omitempty"`
	Size  int    `json:"size,omitempty"`
}

// line is a line of stdout: an answer to each command in turn, and, as they
// come, the messages.
type line struct {
	Answer string `json:"answer,omitempty"` // to this op
	Error  string `json:"error,omitempty"`
	Count  int    `json:"count,omitempty"`
	Addr   string `json:"addr,omitempty"`
	Topic  string `json:"topic,omitempty"`
	Data   string `json:"data,omitempty"` // of a message that was received
	From   string `json:"from,omitempty"` // who signed it
}

type node struct {
	host   host.Host
	ps     *pubsub.PubSub
	topics map[string]*pubsub.Topic

	mu  sync.Mutex
	out *json.Encoder
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "oldnode:", err)
		os.Exit(3)
	}
}

// roomy is the length of every queue: what is lost in a test is the gateway's doing.
const roomy = 1 << 15

func run(ctx context.Context) error {
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New), libp2p.DefaultMuxers)
	if err != nil {
		return fmt.Errorf("making the host: %w", err)
	}
	ps, err := pubsub.NewGossipSub(ctx, h, pubsub.WithPeerOutboundQueueSize(roomy), pubsub.WithValidateQueueSize(roomy))
	if err != nil {
		return fmt.Errorf("making pubsub: %w", err)
	}
	n := &node{host: h, ps: ps, topics: map[string]*pubsub.Topic{}, out: json.NewEncoder(os.Stdout)}
	n.say(line{Addr: fmt.Sprintf("%s/p2p/%s", h.Addrs()[0], h.ID())})
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 8<<20)
	for in.Scan() {
		var c command
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			return fmt.Errorf("reading a command: %w", err)
		}
		count, err := n.do(ctx, c)
		answer := line{Answer: c.Op, Count: count}
		if err != nil {
			answer.Error = err.Error()
		}
		n.say(answer)
	}
	return h.Close()
}

func (n *node) say(l line) {
	n.mu.Lock()
	defer n.mu.Unlock()
	_ = n.out.Encode(l) // whoever reads is gone when this fails, and stdin ends
}

func (n *node) do(ctx context.Context, c command) (count int, err error) {
	switch c.Op {
	case "connect":
		return 0, n.connect(ctx, c.Addr)
	case "subscribe":
		return 0, n.subscribe(ctx, c.Topic)
	case "publish":
		return 0, n.publish(ctx, c.Topic, c.Data)
	case "peers":
		return len(n.ps.ListPeers(c.Topic)), nil
	case "conns":
		return len(n.host.Network().Conns()), nil
	case "frame":
		return n.frame(ctx, c.Size)
	}
	return 0, fmt.Errorf("no such command: %s", c.Op)
}

func (n *node) connect(ctx context.Context, addr string) error {
	info, err := peer.AddrInfoFromString(addr)
	if err != nil {
		return err
	}
	return n.host.Connect(ctx, *info)
}

func (n *node) topic(name string) (*pubsub.Topic, error) {
	if t := n.topics[name]; t != nil {
		return t, nil
	}
	t, err := n.ps.Join(name)
	if err == nil {
		n.topics[name] = t
	}
	return t, err
}

func (n *node) subscribe(ctx context.Context, name string) error {
	t, err := n.topic(name)
	if err != nil {
		return err
	}
	s, err := t.Subscribe(pubsub.WithBufferSize(roomy))
	if err != nil {
		return err
	}
	go func() {
		for {
			m, err := s.Next(ctx)
			if err != nil {
				return
			}
			if m.ReceivedFrom != n.host.ID() {
				n.say(line{Topic: name, Data: string(m.Data), From: m.GetFrom().String()})
			}
		}
	}()
	return nil
}

func (n *node) publish(ctx context.Context, name, data string) error {
	t, err := n.topic(name)
	if err != nil {
		return err
	}
	return t.Publish(ctx, []byte(data))
}

// frame sends the first peer a frame of so many bytes, and returns how many it
// took.
func (n *node) frame(ctx context.Context, size int) (took int, err error) {
	s, err := n.host.NewStream(ctx, n.host.Network().Peers()[0], protocol.ID(pubsub.GossipSubID_v11))
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Reset() }() // whatever is left of it
	head := []byte{byte(size) | 0x80, byte(size>>7) | 0x80, byte(size>>14) | 0x80, byte(size >> 21)}
	if _, err := s.Write(head); err != nil {
		return 0, err
	}
	for block := make([]byte, 64<<10); took < size; {
		k, err := s.Write(block[:min(len(block), size-took)])
		if took += k; err != nil {
			return took, err
		}
	}
	_, err = s.Read(make([]byte, 1)) // until the other ends the stream
	return took, err
}
