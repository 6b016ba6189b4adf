package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	fixed   = "bzzz/coordination/v1"
	dynamic = "bzzz/task/4711"
)

// network is two old nodes that are joined only through the gateway.
type network struct {
	gate   *gate
	a, b   *peerNode
	events string // what the gateway reports to
	state  string // the gateway's folder
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	return joinedBy(t, filepath.Join(t.TempDir(), "events.jsonl"))
}

// joinedBy is a network whose gateway reports to events, started with more flags.
func joinedBy(t *testing.T, events string, more ...string) *network {
	t.Helper()
	n := &network{events: events, state: filepath.Join(t.TempDir(), "state")}
	flags := []string{"--listen-a", "127.0.0.1:0", "--listen-b", "127.0.0.1:0", "--topic", fixed, "--events", events, "--data", n.state}
	n.gate = startGate(t, program("bzzz-gateway"), append(flags, more...)...)
	n.a, n.b = startNode(t, program("oldnode")), startNode(t, program("oldnode"))
	n.a.must(command{Op: "connect", Addr: n.gate.a})
	n.b.must(command{Op: "connect", Addr: n.gate.b})
	n.join(t, fixed)
	return n
}

// dumpless checks that no image of the gateway's memory is written when it dies:
// halves of secrets are in it.
func (n *network) dumpless(t *testing.T) {
	t.Helper()
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", n.gate.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(limits)) {
		if f := strings.Fields(l); strings.HasPrefix(l, "Max core file size") && f[4] != "0" {
			t.Errorf("the gateway may be dumped: %s", l)
		}
	}
}

// join has both nodes subscribe, and waits until messages pass both ways.
func (n *network) join(t *testing.T, topic string) {
	t.Helper()
	n.a.must(command{Op: "subscribe", Topic: topic})
	n.b.must(command{Op: "subscribe", Topic: topic})
	for i, way := range [][2]*peerNode{{n.a, n.b}, {n.b, n.a}} {
		probe := 0
		await(t, "messages to pass", func() bool {
			probe++
			way[0].publish(topic, bzzz(probe, fmt.Sprintf("probe %d %d %s", i, probe, topic)))
			way[1].mu.Lock()
			defer way[1].mu.Unlock()
			return slices.ContainsFunc(way[1].all, func(l line) bool { return l.Topic == topic })
		})
	}
}

// sent is a message of the test's, and whether it may arrive.
type sent struct {
	topic, data string
	secret      bool
}

func load(t *testing.T, r *rand.Rand) (all []sent) {
	t.Helper()
	ways := forms(t)
	names := slices.Sorted(maps.Keys(ways))
	for i := range 10_000 {
		topic := fixed
		if i%10 >= 7 {
			topic = dynamic
		}
		if i%50 == 49 { // 200 of them
			form := names[i/50%len(names)]
			all = append(all, sent{[]string{fixed, dynamic}[i/50%2], ways[form](i, token(r)), true})
			continue
		}
		all = append(all, sent{topic, clean(i, r), false})
	}
	return all
}

// TestOldNodesThroughTheGateway is the specification's first line of "Done when".
func TestOldNodesThroughTheGateway(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	n.join(t, dynamic)
	n.dumpless(t)
	r := rand.New(rand.NewPCG(1, 2))
	all := load(t, r)
	for block := range slices.Chunk(all, 500) {
		for _, m := range block {
			n.a.publish(m.topic, m.data)
		}
		await(t, "the clean messages of a block", func() bool {
			return !slices.ContainsFunc(block, func(m sent) bool { return !m.secret && !n.b.has(m.data) })
		})
	}
	secrets, arrived := 0, 0
	for _, m := range all {
		switch {
		case m.secret && n.b.has(m.data):
			t.Errorf("a secret arrived in %s", m.topic)
		case m.secret:
			secrets++
		default:
			arrived++
		}
	}
	if secrets != 200 || arrived != 9_800 {
		t.Errorf("%d secrets withheld, %d others arrived", secrets, arrived)
	}
	halves := n.split(t, r)
	n.reported(t, secrets, halves)
	n.kill(t)
}

// split sends 20 secrets in two messages each; of none do both halves arrive.
func (n *network) split(t *testing.T, r *rand.Rand) (count int) {
	t.Helper()
	for i := range 20 {
		secret, cut := token(r), 8+r.IntN(24)
		first := bzzz(i, map[string]any{"note": "it begins with " + secret[:cut]})
		second := bzzz(i, map[string]any{"note": secret[cut:] + " was the rest"})
		n.a.publish(fixed, first)
		n.a.publish(fixed, second)
		end := bzzz(i, fmt.Sprintf("end of pair %d", i))
		n.a.publish(fixed, end)
		await(t, "one half, and what came behind", func() bool { return n.b.has(end) && (n.b.has(first) || n.b.has(second)) })
		n.awaitReports(t, 201+i)
		if n.b.has(first) && n.b.has(second) {
			t.Errorf("pair %d: both halves arrived", i)
			continue
		}
		count++
	}
	return count
}

// lines reads what the gateway reported.
func (n *network) lines(t *testing.T) (out []map[string]any) {
	t.Helper()
	f, err := os.Open(n.events)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for s := bufio.NewScanner(f); s.Scan(); {
		var l map[string]any
		if json.Unmarshal(s.Bytes(), &l) == nil { // the last may be half written
			out = append(out, l)
		}
	}
	return out
}

// awaitReports waits until so many messages are reported.
func (n *network) awaitReports(t *testing.T, count int) {
	t.Helper()
	await(t, "a report", func() bool { return len(n.lines(t)) >= count })
}

func (n *network) reported(t *testing.T, secrets, halves int) {
	t.Helper()
	n.awaitReports(t, secrets+halves)
	all := n.lines(t)
	if len(all) != secrets+halves {
		t.Errorf("%d messages are reported, %d were withheld", len(all), secrets+halves)
	}
	both := 0
	for _, l := range all {
		findings, _ := l["findings"].([]any)
		if l["verdict"] != "withheld" || l["message_id"] == "" || l["sender"] == "" || len(findings) == 0 {
			t.Fatalf("a report says %v", l)
		}
		if ids, _ := findings[0].(map[string]any)["message_ids"].([]any); len(ids) == 2 {
			both++
		}
	}
	if both != halves {
		t.Errorf("%d findings name both messages, want %d", both, halves)
	}
	if text, err := os.ReadFile(n.events); err != nil || strings.Contains(string(text), "it begins with gh"+"p_") {
		t.Errorf("the report shows a half: %v", err)
	}
}

// kill ends the gateway at once; nothing passes from then on.
func (n *network) kill(t *testing.T) {
	t.Helper()
	if err := n.gate.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, node := range []*peerNode{n.a, n.b} {
		await(t, "the connections to end", func() bool { return node.must(command{Op: "conns"}) == 0 })
	}
	before := n.b.count()
	for i := range 50 {
		n.a.publish(fixed, bzzz(i, fmt.Sprintf("after the end %d", i)))
	}
	if n.b.must(command{Op: "conns"}) != 0 || n.b.must(command{Op: "peers", Topic: fixed}) != 0 || n.b.count() != before {
		t.Error("something passes without the gateway")
	}
}

// A frame of 17 MB ends its stream, and nobody else's messages.
func TestAFrameTooLarge(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	c := startNode(t, program("oldnode"))
	c.must(command{Op: "connect", Addr: n.gate.a})
	answer := c.ask(command{Op: "frame", Size: 17 << 20})
	if answer.Error == "" {
		t.Errorf("the gateway took %d bytes", answer.Count)
	}
	for _, way := range [][2]*peerNode{{n.a, n.b}, {n.b, n.a}} {
		text := bzzz(1, "after the frame")
		await(t, "a message after it", func() bool {
			way[0].publish(fixed, text)
			return way[1].has(text)
		})
	}
}
