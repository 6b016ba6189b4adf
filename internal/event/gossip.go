package event

// GatewayState is leak.gateway.{id}.state.
func GatewayState(gatewayID string) (string, error) { return build("leak.gateway", gatewayID, "state") }

// GatewayBypass is leak.gateway.{id}.bypass.
func GatewayBypass(gatewayID string) (string, error) {
	return build("leak.gateway", gatewayID, "bypass")
}

const (
	examplePeerA = "12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4N1QF6YAT6aNmWx"
	examplePeerB = "12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust"
)

func gossipEntries() []Entry {
	return []Entry{{
		Name: "GatewayBypassed", Topic: "leak.gateway.{id}.bypass", Pattern: "leak.gateway.*.bypass",
		Purpose: "Two nodes that a gossip gateway joins also reach each other without it: what they say there is not scanned.",
		Level:   High, Subject: "gate-1",
		Example: GatewayBypassed{
			GatewayID: "gate-1", PeerA: examplePeerA, PeerB: examplePeerB, MessageTopic: "bzzz/coordination/v1", MessageID: "12D3KooWExample-58322",
			Evidence: "a message that was withheld on side a was seen on side b",
		},
	}, {
		Name: "GatewayReported", Topic: "leak.gateway.{id}.state", Pattern: "leak.gateway.*.state",
		Purpose: "A gossip gateway started, stops, listens elsewhere or was replaced by another version; lost: it was silent for 60 seconds. Reports between, which only count on, are on the gateway's page and not here.",
		Level:   Info, Subject: "gate-1",
		Example: exampleGateway(),
	}, {
		Name: "WithheldChanged", Topic: TopicWithheldChanged, Pattern: TopicWithheldChanged,
		Purpose: "A person wants gossip gateways to keep a message back, or lets it pass again.",
		Level:   Medium, Subject: "12D3KooWExample-58322",
		Example: WithheldChanged{MessageID: "12D3KooWExample-58322", Blocked: true, Reason: "names a customer", ChangedBy: "ada"},
	}}
}

func exampleGateway() GatewayReported {
	return GatewayReported{
		GatewayID: "gate-1", State: GatewayRunning, Version: "0.1.0",
		Listeners: []GatewayListener{{Side: "a", Addresses: []string{"/ip4/192.0.2.1/tcp/4101"}, PeerID: examplePeerA}},
		Peers: []GatewayPeer{{
			PeerID: examplePeerB, Side: "b", Address: "/ip4/192.0.2.7/tcp/4001", Agent: "bzzz/2.1", ConnectedAt: "2026-03-14T14:32:07Z", Received: 5813, Withheld: 2,
		}},
		PeersTotal: 1,
		Topics:     []GatewayTopic{{Name: "bzzz/coordination/v1", PeersA: 0, PeersB: 1, Relayed: 5811, Withheld: 2}}, TopicsTotal: 1,
		Relayed: 5811, Withheld: 2,
	}
}
