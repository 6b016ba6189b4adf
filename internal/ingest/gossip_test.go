package ingest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

func reported(t testing.TB) event.GatewayReported {
	t.Helper()
	var p event.GatewayReported
	if err := example(t, "GatewayReported").Decode(&p); err != nil {
		t.Fatal(err)
	}
	return p
}

// said is an event with this payload, as a gateway sends it.
func said(t testing.TB, s event.Severity, p event.Payload) event.Event {
	t.Helper()
	e, err := event.New(event.Header{Time: time.Now(), Source: "gate-1/gossip", Severity: s, Subject: "gate-1"}, p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAGatewayIsHeard(t *testing.T) {
	bare := event.GatewayReported{GatewayID: "gate-1", State: event.GatewayStopping}
	for name, p := range map[string]event.GatewayReported{"whole": reported(t), "bare": bare} {
		e, err := accept(said(t, event.Info, p), redact)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(string(e.Data), "null") {
			t.Errorf("%s: a list is null: %s", name, e.Data)
		}
	}
	if _, err := accept(example(t, "GatewayBypassed"), redact); err != nil {
		t.Error(err)
	}
}

// The largest report that a gateway may send is larger than other events, and taken.
func TestAReportOfManyNodesIsTaken(t *testing.T) {
	p := reported(t)
	peer, topic := p.Peers[0], p.Topics[0]
	for n := 1; n < maxListed; n++ {
		peer.Agent, topic.Name = strings.Repeat("x", 200), fmt.Sprint("bzzz/", n, strings.Repeat("y", 100))
		p.Peers, p.Topics = append(p.Peers, peer), append(p.Topics, topic)
	}
	p.PeersTotal = 5000
	e, err := accept(said(t, event.Info, p), redact)
	if err != nil || len(e.Data) < maxPayload {
		t.Fatalf("%d bytes: %v", len(e.Data), err)
	}
	var got event.GatewayReported
	if err := e.Decode(&got); err != nil || len(got.Peers) != maxListed || got.PeersTotal != 5000 || got.TopicsTotal != maxListed {
		t.Errorf("%d peers of %d, %d topics, %v", len(got.Peers), got.PeersTotal, got.TopicsTotal, err)
	}
	p.Peers = append(p.Peers, peer)
	if _, err := accept(said(t, event.Info, p), redact); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("201 peers: %v", err)
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	for want, spoil := range map[string]func(*event.GatewayReported){
		"gateway_id":          func(p *event.GatewayReported) { p.GatewayID = "Gate-1" },
		"the server says":     func(p *event.GatewayReported) { p.State = event.GatewayLost },
		"side is not":         func(p *event.GatewayReported) { p.Peers[0].Side = "c" },
		"peers.peer_id":       func(p *event.GatewayReported) { p.Peers[0].PeerID = "" },
		"peers.connected_at":  func(p *event.GatewayReported) { p.Peers[0].ConnectedAt = "yesterday" },
		"peers_a and peers_b": func(p *event.GatewayReported) { p.Topics[0].PeersA = -1 },
		"queue and spooled":   func(p *event.GatewayReported) { p.Spooled = -1 },
	} {
		p := reported(t)
		spoil(&p)
		if _, err := accept(said(t, event.Info, p), redact); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	b := event.GatewayBypassed{GatewayID: "gate-1", PeerA: "a", PeerB: "b"}
	if _, err := accept(said(t, event.Low, b), redact); err == nil || !strings.Contains(err.Error(), "severity") {
		t.Errorf("a bypass that is little: %v", err)
	}
	b.PeerB = "b b"
	if _, err := accept(said(t, event.High, b), redact); err == nil || !strings.Contains(err.Error(), "peer_b") {
		t.Errorf("a bypass of nobody: %v", err)
	}
}

// A node chooses its name, a topic's, and how many addresses it is reached at: none of
// them keeps a report out, or its gateway would count as lost.
func TestWhatNodesChooseIsCutNotRefused(t *testing.T) {
	p := reported(t)
	p.Peers[0].Agent, p.Topics[0].Name, p.Listeners[0].Addresses = strings.Repeat("é", 9000), strings.Repeat("x", 9000), make([]string, maxListeners+1)
	e, err := accept(said(t, event.Info, p), redact)
	var got event.GatewayReported
	if err != nil || e.Decode(&got) != nil || len(got.Peers[0].Agent) != maxNameText || len(got.Topics[0].Name) != maxNameText || len(got.Listeners[0].Addresses) != maxListeners {
		t.Errorf("%+v, %v", got, err)
	}
	b := event.GatewayBypassed{GatewayID: "g", PeerA: "a", PeerB: "b", MessageTopic: strings.Repeat("x", 9000), MessageID: strings.Repeat("x", 9000), Evidence: strings.Repeat("x", 9000)}
	if e, err = accept(said(t, event.High, b), redact); err != nil || len(e.Data) > 4*maxNameText {
		t.Errorf("%d bytes, %v", len(e.Data), err)
	}
}

// Whatever field a secret is in, it is not kept; a peer id stays what it is.
func TestReportsAreRedacted(t *testing.T) {
	p := reported(t)
	node := p.Peers[0].PeerID
	p.Version, p.Listeners[0].Addresses[0], p.Peers[0].Address, p.Peers[0].Agent, p.Topics[0].Name = secret(), secret(), secret(), secret(), secret()
	p.Listeners[0].PeerID = secret()
	everything := func(string) string { return "[gone]" }
	e, err := accept(said(t, event.Info, p), everything)
	if err != nil || strings.Contains(string(e.Data), secret()) || strings.Count(string(e.Data), "[gone]") != 6 || !strings.Contains(string(e.Data), node) {
		t.Errorf("%s, %v", e.Data, err)
	}
	b := event.GatewayBypassed{GatewayID: "gate-1", PeerA: secret(), PeerB: node, MessageTopic: secret(), MessageID: secret(), Evidence: secret()}
	e, err = accept(said(t, event.High, b), everything)
	if err != nil || strings.Contains(string(e.Data), secret()) || strings.Count(string(e.Data), "[gone]") != 4 || !strings.Contains(string(e.Data), node) {
		t.Errorf("%s, %v", e.Data, err)
	}
}

func FuzzReport(f *testing.F) {
	whole, err := json.Marshal(reported(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"gateway_id":"g","state":"running","peers":[{"side":"a","peer_id":"x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := event.Event{ID: "01936d2c-5f8e-7abc-9def-0123456789ab", Topic: "leak.gateway.g.state", Time: time.Now(), Source: "g/gossip", Schema: 1, Data: data}
		got, err := accept(e, redact)
		if err != nil {
			return
		}
		again, err := accept(got, redact)
		if err != nil || string(again.Data) != string(got.Data) {
			t.Fatalf("%s became %s, %v", got.Data, again.Data, err)
		}
	})
}
