package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// Silences returns one page, newest first; a limit of 0 is the server's default.
func (c *Client) Silences(ctx context.Context, limit int, cursor string) (api.SilencePage, error) {
	return get[api.SilencePage](ctx, c, "/silences", url.Values{"limit": number(limit), "cursor": text(cursor)})
}

// SilenceCreate silences webhooks for a while.
func (c *Client) SilenceCreate(ctx context.Context, r api.SilenceRequest) (api.Silence, error) {
	return send[api.Silence](ctx, c, http.MethodPost, "/silences", r)
}

// SilenceEnd ends a silence early.
func (c *Client) SilenceEnd(ctx context.Context, id string, r api.SilenceEnd) (api.Silence, error) {
	var out api.Silence
	_, err := c.do(ctx, call{method: http.MethodPost, path: path("silences", id, "end"), body: r}, &out)
	return out, err
}
