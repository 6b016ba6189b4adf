package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type deckyMutateCmd struct {
	Name string `arg:"" optional:"" help:"The decky's name."`
	All  bool   `help:"All deckies of all nodes, or of --node."`
	Node string `help:"Its node. Default: the one that answers; with --all, every node."`
	reasonFlag
}

func (c *deckyMutateCmd) Run(ctx context.Context, s *session) error {
	if c.All == (c.Name != "") {
		return usageError("name one decky, or say --all")
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		if !c.All {
			d, err := cl.MutateDecky(ctx, c.Node, c.Name, c.Reason)
			if err != nil {
				return err
			}
			return emit(s, []api.Decky{d}, func(w io.Writer) error { return sayMutating(sentences(w), []api.Decky{d}) })
		}
		asked, err := c.all(ctx, cl)
		return errors.Join(emit(s, asked, func(w io.Writer) error { return sayMutating(w, asked) }), err)
	})
}

// all asks every decky to mutate, and goes on when one is not to.
func (c *deckyMutateCmd) all(ctx context.Context, cl *client.Client) (asked []api.Decky, err error) {
	var errs []error
	for q := (client.DeckyQuery{Node: c.Node, Limit: 200}); ; {
		page, err := cl.Deckies(ctx, q)
		if err != nil {
			return asked, errors.Join(append(errs, err)...)
		}
		for _, d := range page.Items {
			d, err := cl.MutateDecky(ctx, d.Node, d.Name, c.Reason)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			asked = append(asked, d)
		}
		if page.NextCursor == nil {
			return asked, errors.Join(errs...)
		}
		q.Cursor = *page.NextCursor
	}
}

func sayMutating(w io.Writer, all []api.Decky) error {
	for _, d := range all {
		if _, err := fmt.Fprintf(w, "%s on %s becomes another host; cordon decky show %s says which\n", d.Name, d.Node, d.Name); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no decky was asked to mutate")
		return err
	}
	return nil
}

// deckyMutated says how often and when a decky mutated, and when it does again.
func deckyMutated(d api.Decky) string {
	said := "never"
	if d.LastMutated != nil {
		said = fmt.Sprintf("last %s, %d in all", d.LastMutated.Local().Format(time.DateTime), d.Generation)
	}
	switch {
	case d.Mutating:
		said += "; it is to mutate now"
	case d.NextMutation != nil:
		said += "; next " + d.NextMutation.Local().Format(time.DateTime)
	}
	return said
}
