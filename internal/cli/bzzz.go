package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// bzzzCmd is about gossip gateways. The gateway is a program of its own, so that
// libp2p is not in this one.
type bzzzCmd struct {
	Gateway bzzzGatewayCmd `cmd:"" passthrough:"" help:"Start a gateway, which nodes of a gossip network join each other through: runs bzzz-gateway with these flags."`
	Status  bzzzStatusCmd  `cmd:"" help:"Show the gateways: who is joined, what was passed on and withheld, who bypasses them."`
	Blocks  bzzzBlocksCmd  `cmd:"" help:"List the messages that operators have withheld."`
	Block   bzzzBlockCmd   `cmd:"" help:"Have gateways withhold a message, by its id."`
	Unblock bzzzUnblockCmd `cmd:"" help:"Let a message pass again."`
}

type bzzzStatusCmd struct{}

func (c *bzzzStatusCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		all, err := cl.GossipGateways(ctx)
		if err != nil {
			return err
		}
		return emitList(s, all.Items, func(w io.Writer) error { return gatewayTable(w, all.Items) })
	})
}

func gatewayTable(w io.Writer, items []api.GossipGateway) error {
	if len(items) == 0 {
		_, err := fmt.Fprintln(w, "no gateway has reported; cordon bzzz gateway starts one")
		return err
	}
	rows := make([][]string, len(items))
	for k, g := range items {
		rows[k] = []string{
			g.ID, g.State, g.SeenAt.Local().Format(time.DateTime), strconv.Itoa(g.PeersTotal), strconv.Itoa(g.TopicsTotal),
			strconv.FormatUint(g.Relayed, 10), strconv.FormatUint(g.Withheld, 10), strconv.FormatUint(g.NotScanned, 10), strconv.FormatUint(g.Dropped, 10),
		}
	}
	if err := table(w, []string{"GATEWAY", "STATE", "HEARD", "NODES", "TOPICS", "RELAYED", "WITHHELD", "NOT SCANNED", "NO ROOM"}, rows); err != nil {
		return err
	}
	for _, g := range items {
		if err := warnings(w, g); err != nil {
			return err
		}
	}
	return nil
}

// warnings says what of a gateway somebody should see to.
func warnings(w io.Writer, g api.GossipGateway) error {
	if g.State == "lost" {
		if _, err := fmt.Fprintf(w, "%s is lost: start it again, or see why it cannot reach this server; nodes that only it joins hear nothing of each other\n", g.ID); err != nil {
			return err
		}
	}
	for _, b := range g.Bypasses {
		_, err := fmt.Fprintf(w, "bypass of %s: %s and %s reach each other without it (last %s); close the way between them\n",
			g.ID, printable(b.PeerA), printable(b.PeerB), b.LastAt.Local().Format(time.DateTime))
		if err != nil {
			return err
		}
	}
	return nil
}

type bzzzBlocksCmd struct {
	All   bool `help:"Also what operators let pass again."`
	Limit int  `default:"50" help:"At most this many."`
}

func (c *bzzzBlocksCmd) Run(ctx context.Context, s *session) error {
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.GossipBlock, *string, error) {
		p, err := cl.GossipBlocks(ctx, c.All, size, cursor)
		return p.Items, p.NextCursor, err
	}, messageTable)
}

func messageTable(w io.Writer, items []api.GossipBlock) error {
	header := []string{"MESSAGE", "STATE", "SINCE", "BY", "REASON"}
	return tableOf(w, "no message is blocked", header, items, func(b api.GossipBlock) []string {
		state := "blocked"
		if !b.Blocked {
			state = "passes again"
		}
		return []string{b.MessageID, state, b.At.Local().Format(time.DateTime), b.By, b.Reason}
	})
}

type bzzzBlockCmd struct {
	Message string `arg:"" help:"The message's id, which its sender gave it."`
	Reason  string `required:"" help:"Why; it is told, and kept in the audit log."`
}

func (c *bzzzBlockCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		made, err := cl.GossipBlock(ctx, api.GossipBlockRequest{MessageID: c.Message, Reason: c.Reason})
		if err != nil {
			return err
		}
		return emit(s, made, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "gateways withhold %s from now on; nodes that have it keep it\n", printable(made.MessageID))
			return err
		})
	})
}

type bzzzUnblockCmd struct {
	Message string `arg:"" help:"The message's id."`
	Reason  string `required:"" help:"Why; it is told, and kept in the audit log."`
}

func (c *bzzzUnblockCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		now, err := cl.GossipUnblock(ctx, c.Message, c.Reason)
		if err != nil {
			return err
		}
		return emit(s, now, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s may pass when its sender sends it again\n", printable(now.MessageID))
			return err
		})
	})
}
