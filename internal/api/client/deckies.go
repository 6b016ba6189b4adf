package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// DeckyQuery narrows a list of deckies; zero fields do not.
type DeckyQuery struct {
	Limit  int    // of one page; 0: the server's default
	Cursor string // NextCursor of the page before
	Node   string
	State  string
}

// Deckies returns one page, oldest first.
func (c *Client) Deckies(ctx context.Context, q DeckyQuery) (api.DeckyPage, error) {
	return get[api.DeckyPage](ctx, c, "/deckies", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "node": text(q.Node), "state": text(q.State),
	})
}

// Decky returns one of a node; an empty node is the one that answers.
func (c *Client) Decky(ctx context.Context, node, name string) (out api.Decky, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("deckies", name), query: url.Values{"node": text(node)}}, &out)
	return out, err
}

// AddDecky adds one to the node that answers.
func (c *Client) AddDecky(ctx context.Context, d api.NewDecky) (out api.Decky, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: path("deckies"), body: d}, &out)
	return out, err
}

// MutateDecky makes one another host of its kind; an empty node is the one that answers.
func (c *Client) MutateDecky(ctx context.Context, node, name, reason string) (out api.Decky, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: path("deckies", name, "mutate"), query: url.Values{"node": text(node)}, body: api.MutateRequest{Reason: reason}}, &out)
	return out, err
}

// RemoveDecky removes one that somebody added.
func (c *Client) RemoveDecky(ctx context.Context, node, name, reason string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: path("deckies", name), query: url.Values{"node": text(node), "reason": text(reason)}}, nil)
	return err
}
