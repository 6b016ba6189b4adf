package api

import "time"

// GossipGateway is a gossip gateway as it last reported.
type GossipGateway struct {
	ID          string           `json:"id" example:"gate-1" doc:"The gateway's name, from its configuration. Its quarantine entries have it as source."`
	State       string           `json:"state" enum:"running,stopping,lost" doc:"lost: it runs no more, or cannot reach this server; it was silent for 60 seconds."`
	Since       time.Time        `json:"since" doc:"When it entered that state."`
	FirstAt     time.Time        `json:"first_at" doc:"When it was first heard of."`
	SeenAt      time.Time        `json:"seen_at" doc:"When it was last heard of."`
	Version     string           `json:"version"`
	Listeners   []GossipListener `json:"listeners" nullable:"false" doc:"Where nodes join it."`
	Peers       []GossipPeer     `json:"peers" nullable:"false" doc:"The nodes that are joined, at most 200."`
	PeersTotal  int              `json:"peers_total" minimum:"0" doc:"How many nodes are joined."`
	Topics      []GossipTopic    `json:"topics" nullable:"false" doc:"What is passed on, at most 200 topics."`
	TopicsTotal int              `json:"topics_total" minimum:"0" doc:"How many topics there are."`
	Relayed     uint64           `json:"relayed" doc:"Messages passed on since its start."`
	Withheld    uint64           `json:"withheld" doc:"Messages kept back since its start."`
	NotScanned  uint64           `json:"not_scanned" doc:"Messages that could not be scanned, and were kept back."`
	Dropped     uint64           `json:"dropped" doc:"Messages, notices and reports for which there was no room; messages were kept back."`
	Queue       int              `json:"queue" doc:"Messages or reports that wait in memory."`
	Spooled     int              `json:"spooled" doc:"Bytes of events that wait on the gateway's disk to be sent."`
	Bypasses    []GossipBypass   `json:"bypasses" nullable:"false" doc:"Pairs of nodes that reach each other without it, the latest first, at most 200."`
}

// GossipListener is one side of a gateway.
type GossipListener struct {
	Side      string   `json:"side" enum:"a,b"`
	PeerID    string   `json:"peer_id" doc:"Of the gateway on this side."`
	Addresses []string `json:"addresses" nullable:"false" doc:"Multiaddresses that nodes of this side dial."`
}

// GossipPeer is a node that is joined to a gateway.
type GossipPeer struct {
	PeerID      string     `json:"peer_id"`
	Side        string     `json:"side" enum:"a,b"`
	Address     string     `json:"address" doc:"Multiaddress it came from."`
	Agent       string     `json:"agent" doc:"How the node names its program."`
	ConnectedAt *time.Time `json:"connected_at" doc:"Since when; null: unknown."`
	Received    uint64     `json:"received" doc:"Messages that came from it."`
	Withheld    uint64     `json:"withheld" doc:"Of those, kept back."`
}

// GossipTopic is a pubsub topic that a gateway passes on.
type GossipTopic struct {
	Name     string `json:"name"`
	PeersA   int    `json:"peers_a" doc:"Nodes of side a that subscribe to it."`
	PeersB   int    `json:"peers_b" doc:"Nodes of side b that subscribe to it."`
	Relayed  uint64 `json:"relayed" doc:"Messages passed on."`
	Withheld uint64 `json:"withheld" doc:"Messages kept back."`
}

// GossipBypass is a pair of nodes that reach each other without their gateway.
type GossipBypass struct {
	PeerA     string    `json:"peer_a"`
	PeerB     string    `json:"peer_b"`
	Topic     string    `json:"topic" doc:"Pubsub topic of the last message that showed it."`
	MessageID string    `json:"message_id" doc:"That message."`
	Evidence  string    `json:"evidence" doc:"What was seen, for people."`
	FirstAt   time.Time `json:"first_at"`
	LastAt    time.Time `json:"last_at"`
}

// GossipGateways lists the gateways.
type GossipGateways struct {
	Items []GossipGateway `json:"items" nullable:"false" doc:"By name, at most 100."`
}

// GossipWithheld is a change of what gateways withhold.
type GossipWithheld struct {
	Cursor  string `json:"cursor" example:"42" doc:"The number of the change. Give it as after for what follows."`
	Kind    string `json:"kind" enum:"content_hash,message_id,fingerprint" doc:"content_hash: keyed hash of a whole message. fingerprint: keyed fingerprint of a secret."`
	Value   string `json:"value"`
	Blocked bool   `json:"blocked" doc:"False: it may pass again."`
	Reason  string `json:"reason"`
}

// GossipFeed is a part of the changes.
type GossipFeed struct {
	Items      []GossipWithheld `json:"items" nullable:"false" doc:"In the order of the changes. A value that changed twice is there once, as it is now."`
	NextCursor string           `json:"next_cursor" doc:"Give it as after the next time, also when there is nothing now."`
}

// GossipBlock is what an operator wants of a message.
type GossipBlock struct {
	MessageID string    `json:"message_id"`
	Blocked   bool      `json:"blocked" doc:"False: an operator let it pass again."`
	Reason    string    `json:"reason"`
	By        string    `json:"by" example:"ada" doc:"Who decided last."`
	At        time.Time `json:"at" doc:"When."`
}

// GossipBlockPage is a page of what operators want of messages.
type GossipBlockPage struct {
	Items      []GossipBlock `json:"items" nullable:"false" doc:"The latest decision first."`
	NextCursor *string       `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// GossipBlockRequest has a message withheld.
type GossipBlockRequest struct {
	MessageID string `json:"message_id" minLength:"1" maxLength:"256" pattern:"^[!-~]+$" example:"12D3KooWExample-58322" doc:"The id that the message's sender gave it."`
	Reason    string `json:"reason" minLength:"1" maxLength:"500" example:"names a customer" doc:"Why; it is told, and kept in the audit log."`
}
