package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type decisionCmd struct {
	List   decisionListCmd   `cmd:"" help:"List what is on the block list."`
	Add    decisionAddCmd    `cmd:"" help:"Put an address or network on the block list for a while."`
	Remove decisionRemoveCmd `cmd:"" help:"Take an entry off the block list before its time."`
}

type decisionListCmd struct {
	All   bool   `help:"Also what is over."`
	For   string `enum:",firewall,nft" default:"" placeholder:"WHOM" help:"firewall: a line for each address or network; nft: input of nft -f."`
	Limit int    `default:"50" help:"At most this many."`
}

func (c *decisionListCmd) Run(ctx context.Context, s *session) error {
	if c.All && c.For != "" {
		return usageError("--all and --for: firewalls pull what is in force only")
	}
	if c.For != "" {
		return s.withClient(ctx, true, func(cl *client.Client) error { return c.text(ctx, s, cl) })
	}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Block, *string, error) {
		p, err := cl.Blocks(ctx, c.All, size, cursor)
		return p.Items, p.NextCursor, err
	}, blockTable)
}

// text writes what firewalls pull.
func (c *decisionListCmd) text(ctx context.Context, s *session, cl *client.Client) error {
	form := map[string]string{"firewall": "plain", "nft": "nft"}[c.For]
	list, err := cl.BlockText(ctx, form)
	if err != nil {
		return err
	}
	_, err = io.WriteString(s.Stdout, list)
	return err
}

func blockTable(w io.Writer, items []api.Block) error {
	header := []string{"ID", "NETWORK", "STATE", "BY", "REASON"}
	return tableOf(w, "nothing is blocked", header, items, func(b api.Block) []string {
		return []string{b.ID, b.Network, blockState(b), b.Origin + " " + b.By, b.Reason}
	})
}

func blockState(b api.Block) string {
	until := b.Until.Local().Format(time.DateTime)
	switch {
	case b.EndedAt != nil:
		return "ended by " + b.EndedBy
	case !b.Active:
		return "ran out " + until
	case b.Spared != "":
		return "spared: " + b.Spared
	}
	return "until " + until
}

type decisionAddCmd struct {
	Network string        `arg:"" help:"An address such as 203.0.113.9, or a network such as 203.0.113.0/24."`
	For     time.Duration `required:"" placeholder:"DURATION" help:"How long, such as 24h; at most 365d."`
	Reason  string        `required:"" help:"Why; it is told with the entry."`
}

func (c *decisionAddCmd) Run(ctx context.Context, s *session) error {
	if c.For < time.Minute {
		return usageError("--for %s: give a minute or more", c.For)
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		made, err := cl.BlockCreate(ctx, api.BlockRequest{Network: c.Network, Minutes: int(c.For / time.Minute), Reason: c.Reason})
		if err != nil {
			return err
		}
		return emit(s, made, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "blocked %s until %s: %s\n", made.Network, made.Until.Local().Format(time.DateTime), made.ID)
			return err
		})
	})
}

type decisionRemoveCmd struct {
	ID string `arg:"" help:"The entry's id."`
	reasonFlag
}

func (c *decisionRemoveCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		ended, err := cl.BlockEnd(ctx, c.ID, api.BlockEnd{Reason: c.Reason})
		if err != nil {
			return err
		}
		return emit(s, ended, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s is off the block list\n", ended.Network)
			return err
		})
	})
}
