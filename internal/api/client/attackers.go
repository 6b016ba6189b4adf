package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// AttackerQuery narrows a list of attackers; zero fields do not.
type AttackerQuery struct {
	Limit    int    // of one page; 0: the server's default
	Cursor   string // NextCursor of the page before
	Order    string // time (the default) or score
	MinScore int
}

// Attackers returns one page.
func (c *Client) Attackers(ctx context.Context, q AttackerQuery) (api.AttackerPage, error) {
	return get[api.AttackerPage](ctx, c, "/attackers", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "order": text(q.Order), "min_score": number(q.MinScore),
	})
}

// Attacker returns one by id or address.
func (c *Client) Attacker(ctx context.Context, id string) (out api.AttackerDetail, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("attackers", id)}, &out)
	return out, err
}

// Traversal returns an attacker's way from decky to decky.
func (c *Client) Traversal(ctx context.Context, id string) (out api.Traversal, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("attackers", id, "traversal")}, &out)
	return out, err
}

// CredentialReuse returns one page of secrets that were tried in several places.
func (c *Client) CredentialReuse(ctx context.Context, limit int, cursor string) (api.ReusePage, error) {
	return get[api.ReusePage](ctx, c, "/credential-reuse", url.Values{"limit": number(limit), "cursor": text(cursor)})
}
