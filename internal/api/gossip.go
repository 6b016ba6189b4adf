package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/gossip"
)

// gossipList is the kind of list in its cursors.
const gossipList = "g1"

// gossipRoutes lists the operations on gossip gateways. A gateway pulls its feed with
// the key with which it reports.
func (s *server) gossipRoutes() {
	handle(s, route{call: "GET /gossip/gateways", gate: viewer, id: "listGossipGateways", tag: "gossip", summary: "List the gossip gateways",
		more: "Each as it last reported, with the nodes that are joined and those that reach each other without it."}, s.listGateways)
	handle(s, route{call: "GET /gossip/withheld", gate: responder, id: "listGossipWithheld", tag: "events", reports: true, summary: "Pull what gossip gateways withhold",
		more: "The changes since a cursor, in the order of commits: what is in quarantine from any source, what operators block, and what may pass again. A key that is narrowed to events:write may ask, so that a gateway needs one key only."}, s.listWithheld)
	handle(s, route{call: "GET /gossip/blocks", gate: viewer, id: "listGossipBlocks", tag: "gossip", summary: "List the messages that operators have withheld"}, s.listGossipBlocks)
	handle(s, route{call: "POST /gossip/blocks", gate: responder, id: "createGossipBlock", tag: "gossip", summary: "Have gateways withhold a message",
		more: "By the id that its sender gave it. Nodes that have it already keep it.", status: 201, errors: []int{409}}, s.createGossipBlock)
	handle(s, route{call: "DELETE /gossip/blocks/{message_id}", gate: responder, id: "deleteGossipBlock", tag: "gossip", summary: "Let a message pass again",
		more: "A message that was withheld is not sent now: its sender sends it again. What else keeps it back, such as a secret in it, still does.", status: 200, errors: []int{404}}, s.deleteGossipBlock)
}

type gatewaysOutput struct{ Body GossipGateways }

func (s *server) listGateways(ctx context.Context, _ *struct{}) (*gatewaysOutput, error) {
	all, err := s.Gossip.Gateways(ctx)
	if err != nil {
		return nil, err
	}
	return &gatewaysOutput{GossipGateways{convert(all, gateway)}}, nil
}

func gateway(g gossip.Gateway) GossipGateway {
	return GossipGateway{
		ID: g.GatewayID, State: g.State, Since: utc(g.Since), FirstAt: utc(g.FirstAt), SeenAt: utc(g.SeenAt), Version: g.Version,
		Listeners: convert(g.Listeners, gossipListener), Peers: convert(g.Peers, gossipPeer), PeersTotal: g.PeersTotal,
		Topics: convert(g.Topics, gossipTopic), TopicsTotal: g.TopicsTotal, Relayed: g.Relayed, Withheld: g.Withheld, NotScanned: g.NotScanned,
		Dropped: g.Dropped, Queue: g.Queue, Spooled: g.Spooled, Bypasses: convert(g.Bypasses, gossipBypass),
	}
}

func gossipListener(l event.GatewayListener) GossipListener {
	return GossipListener{l.Side, l.PeerID, texts(l.Addresses)}
}

func gossipPeer(p event.GatewayPeer) GossipPeer {
	out := GossipPeer{PeerID: p.PeerID, Side: p.Side, Address: p.Address, Agent: p.Agent, Received: p.Received, Withheld: p.Withheld}
	if at, err := time.Parse(time.RFC3339, p.ConnectedAt); err == nil {
		out.ConnectedAt = new(utc(at))
	}
	return out
}

func gossipTopic(t event.GatewayTopic) GossipTopic {
	return GossipTopic{t.Name, t.PeersA, t.PeersB, t.Relayed, t.Withheld}
}

func gossipBypass(b gossip.Bypass) GossipBypass {
	return GossipBypass{b.PeerA, b.PeerB, b.Topic, b.MessageID, b.Evidence, utc(b.FirstAt), utc(b.LastAt)}
}

type withheldInput struct {
	After string `query:"after" maxLength:"18" pattern:"^[0-9]*$" doc:"The next_cursor of the answer before; absent: from the beginning."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"1000" doc:"How many changes an answer has."`
}

type withheldOutput struct{ Body GossipFeed }

func (s *server) listWithheld(ctx context.Context, in *withheldInput) (*withheldOutput, error) {
	after, _ := strconv.ParseInt(in.After, 10, 64) // at most 18 digits, says the schema; none: 0
	changes, err := s.Gossip.Withheld(ctx, after, in.Limit)
	if err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		after = changes[len(changes)-1].Seq
	}
	return &withheldOutput{GossipFeed{convert(changes, withheld), strconv.FormatInt(after, 10)}}, nil
}

func withheld(w gossip.Withheld) GossipWithheld {
	return GossipWithheld{strconv.FormatInt(w.Seq, 10), string(w.Kind), w.Value, w.Blocked, w.Reason}
}

type gossipBlocksInput struct {
	PageQuery
	All bool `query:"all" doc:"Also what operators let pass again."`
}

type gossipBlocksOutput struct{ Body GossipBlockPage }

func (s *server) listGossipBlocks(ctx context.Context, in *gossipBlocksInput) (*gossipBlocksOutput, error) {
	before, err := numberOf(gossipList, in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := s.Gossip.Blocks(ctx, in.All, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := GossipBlockPage{}
	if len(rows) > in.Limit {
		rows = rows[:in.Limit]
		page.NextCursor = new(numberCursor(gossipList, rows[in.Limit-1].Seq))
	}
	page.Items = convert(rows, gossipBlock)
	return &gossipBlocksOutput{page}, nil
}

func gossipBlock(w gossip.Withheld) GossipBlock {
	return GossipBlock{w.Value, w.Blocked, w.Reason, w.ChangedBy, utc(w.ChangedAt)}
}

type gossipBlockOutput struct{ Body GossipBlock }

type createGossipBlockInput struct{ Body GossipBlockRequest }

func (s *server) createGossipBlock(ctx context.Context, in *createGossipBlockInput) (*gossipBlockOutput, error) {
	messageID, who := s.fit(in.Body.MessageID), callerOf(ctx)
	made, err := s.Gossip.Block(ctx, messageID, who, s.act(ctx, "gossip.block", messageID, in.Body.Reason), s.Node+"/api")
	if err != nil {
		return nil, ofGossip(err, messageID)
	}
	return &gossipBlockOutput{gossipBlock(made)}, nil
}

type deleteGossipBlockInput struct {
	MessageID string `path:"message_id" maxLength:"256" pattern:"^[!-~]+$" doc:"The id that the message's sender gave it."`
	Reason    string `query:"reason" required:"true" minLength:"1" maxLength:"500" doc:"Why; it is told, and kept in the audit log."`
}

func (s *server) deleteGossipBlock(ctx context.Context, in *deleteGossipBlockInput) (*gossipBlockOutput, error) {
	messageID, who := s.fit(in.MessageID), callerOf(ctx)
	now, err := s.Gossip.Unblock(ctx, messageID, who, s.act(ctx, "gossip.unblock", messageID, in.Reason), s.Node+"/api")
	if err != nil {
		return nil, ofGossip(err, messageID)
	}
	return &gossipBlockOutput{gossipBlock(now)}, nil
}

func callerOf(ctx context.Context) string {
	who, _ := auth.PrincipalFrom(ctx)
	return who.Label()
}

// ofGossip turns what the store refuses into what the caller may know.
func ofGossip(err error, messageID string) error {
	switch {
	case errors.Is(err, gossip.ErrBlocked):
		return problem(http.StatusConflict, "message %s is withheld already", messageID)
	case errors.Is(err, gossip.ErrNotBlocked):
		return problem(http.StatusNotFound, "message %s is not withheld; GET /api/v1/gossip/blocks lists what is", messageID)
	}
	return err
}
