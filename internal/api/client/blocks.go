package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// Blocks returns one page of the block list, newest first: of what is in force, or of
// all. A limit of 0 is the server's default.
func (c *Client) Blocks(ctx context.Context, all bool, limit int, cursor string) (api.BlockPage, error) {
	q := url.Values{"limit": number(limit), "cursor": text(cursor)}
	if all {
		q.Set("all", "true")
	}
	return get[api.BlockPage](ctx, c, "/decisions", q)
}

// BlockText returns everything in force, in a form for firewalls: plain or nft.
func (c *Client) BlockText(ctx context.Context, form string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	res, err := c.send(ctx, call{method: http.MethodGet, path: path("decisions"), query: url.Values{"format": {form}}})
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return "", fmt.Errorf("reading the block list: %w", err)
	}
	return string(b), nil
}

// BlockCreate puts an address or network on the block list.
func (c *Client) BlockCreate(ctx context.Context, r api.BlockRequest) (api.Block, error) {
	return send[api.Block](ctx, c, http.MethodPost, "/decisions", r)
}

// BlockEnd takes an entry off the block list before its time.
func (c *Client) BlockEnd(ctx context.Context, id string, r api.BlockEnd) (api.Block, error) {
	var out api.Block
	_, err := c.do(ctx, call{method: http.MethodPost, path: path("decisions", id, "end"), body: r}, &out)
	return out, err
}
