package event

// The states of a gossip gateway.
const (
	GatewayRunning  = "running"  // it passes messages on
	GatewayStopping = "stopping" // it was told to stop: nothing passes any more
	GatewayLost     = "lost"     // it fell silent; only the server says so
)

// GatewayReported: how a gossip gateway fares. It says so at its start and stop and
// every few seconds between; in the event log is what was new to people: another state,
// version or listener.
type GatewayReported struct {
	GatewayID   string            `json:"gateway_id"`   // name of the gateway, from its configuration
	State       string            `json:"state"`        // running, stopping; lost: it fell silent, says the server
	Version     string            `json:"version"`      // of the gateway's program
	Listeners   []GatewayListener `json:"listeners"`    // where nodes join it
	Peers       []GatewayPeer     `json:"peers"`        // the nodes that are joined now, at most 200
	PeersTotal  int               `json:"peers_total"`  // how many nodes are joined, those that are not listed included
	Topics      []GatewayTopic    `json:"topics"`       // what is passed on, at most 200 topics
	TopicsTotal int               `json:"topics_total"` // how many topics there are, those that are not listed included
	Relayed     uint64            `json:"relayed"`      // messages passed on since the start
	Withheld    uint64            `json:"withheld"`     // messages kept back since the start
	NotScanned  uint64            `json:"not_scanned"`  // messages that could not be scanned, and were kept back
	Dropped     uint64            `json:"dropped"`      // messages, notices and reports for which there was no room; messages were kept back
	Queue       int               `json:"queue"`        // messages or reports that wait in memory
	Spooled     int               `json:"spooled"`      // bytes of events that wait on the gateway's disk to be sent
}

// GatewayListener is one side of a gateway.
type GatewayListener struct {
	Side      string   `json:"side"`      // a, b
	Addresses []string `json:"addresses"` // multiaddresses
	PeerID    string   `json:"peer_id"`   // of the gateway on this side
}

// GatewayPeer is a node that is joined to a gateway.
type GatewayPeer struct {
	PeerID      string `json:"peer_id"`      // the node's libp2p peer id
	Side        string `json:"side"`         // a, b
	Address     string `json:"address"`      // multiaddress it came from
	Agent       string `json:"agent"`        // how the node names its program
	ConnectedAt string `json:"connected_at"` // since when, RFC 3339; empty: unknown
	Received    uint64 `json:"received"`     // messages that came from it
	Withheld    uint64 `json:"withheld"`     // of those, kept back
}

// GatewayTopic is a pubsub topic that a gateway passes on.
type GatewayTopic struct {
	Name     string `json:"name"`     // of the topic
	PeersA   int    `json:"peers_a"`  // nodes of side a that subscribe to it
	PeersB   int    `json:"peers_b"`  // nodes of side b
	Relayed  uint64 `json:"relayed"`  // messages passed on
	Withheld uint64 `json:"withheld"` // messages kept back
}

// Topic implements Payload.
func (p GatewayReported) Topic() (string, error) { return GatewayState(p.GatewayID) }

// Schema implements Payload.
func (GatewayReported) Schema() int { return 1 }

// GatewayBypassed: two nodes that are joined through a gateway also reach each other
// without it. What they say there is not scanned.
type GatewayBypassed struct {
	GatewayID    string `json:"gateway_id"` // name of the gateway that saw it
	PeerA        string `json:"peer_a"`     // peer id of the node on side a
	PeerB        string `json:"peer_b"`     // peer id of the node on side b
	MessageTopic string `json:"topic"`      // pubsub topic of the message that shows it
	MessageID    string `json:"message_id"` // that message
	Evidence     string `json:"evidence"`   // what was seen, for people
}

// Topic implements Payload.
func (p GatewayBypassed) Topic() (string, error) { return GatewayBypass(p.GatewayID) }

// Schema implements Payload.
func (GatewayBypassed) Schema() int { return 1 }

// TopicWithheldChanged is what WithheldChanged is said under.
const TopicWithheldChanged = "leak.withheld.changed"

// WithheldChanged: a person wants gateways to keep a message back, or lets it pass
// again.
type WithheldChanged struct {
	MessageID string `json:"message_id"` // of the gossip message
	Blocked   bool   `json:"blocked"`    // true: gateways keep it back
	Reason    string `json:"reason"`     // in the words of who changed it
	ChangedBy string `json:"changed_by"` // user or API key
}

// Topic implements Payload.
func (WithheldChanged) Topic() (string, error) { return TopicWithheldChanged, nil }

// Schema implements Payload.
func (WithheldChanged) Schema() int { return 1 }
